package dev.keyway.exchange;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request while it runs: who asks, what was tried, what went over the wire; closed once into an {@link Outcome}.
 *
 * <p>Written by the thread that handles the request at that moment, one after the other; {@link #end} may be called by
 * any, the first one counts.
 */
public final class Exchange {
    /** The servlet request attribute that holds it. */
    public static final String ATTRIBUTE = Exchange.class.getName();

    private final RequestId id;
    private final String method;
    private final String path;
    private final String route;
    private final Api api;
    private final long arrivedNanos = System.nanoTime();
    private final Consumer<Outcome> sink;
    private final AtomicBoolean ended = new AtomicBoolean();
    private final AtomicLong bytesIn = new AtomicLong();
    private final AtomicLong bytesOut = new AtomicLong();
    private final List<Attempt> attempts = new ArrayList<>();
    private volatile @Nullable Client client;
    private volatile @Nullable String modelAsked;
    private volatile boolean stream;
    private volatile boolean handedOver;
    private volatile boolean fromAdmin;
    private volatile @Nullable String configuration;
    private volatile Duration reading = Duration.ZERO;
    private volatile Answer answer = Answer.NONE;
    private volatile Timings timings = Timings.NONE;

    public Exchange(RequestId id, String method, String path, String route, Consumer<Outcome> sink) {
        this.id = id;
        this.method = method;
        this.path = path;
        this.route = route;
        this.api = Api.of(method, route);
        this.sink = sink;
    }

    public RequestId id() {
        return id;
    }

    /** Says whether who asks may administer too, and so be told what is wrong with which key. */
    public void fromAdmin(boolean is) {
        fromAdmin = is;
    }

    public boolean isFromAdmin() {
        return fromAdmin;
    }

    /** Says which configuration serves it, by its hash. */
    public void configuration(String hash) {
        configuration = hash;
    }

    /** The hash of the configuration that serves it; null when nobody said. */
    public @Nullable String configuration() {
        return configuration;
    }

    public String method() {
        return method;
    }

    public String path() {
        return path;
    }

    public Api api() {
        return api;
    }

    /** The path after the prefix {@code /v1} or {@code /api/v1}, percent-encoded as it came; empty elsewhere. */
    public String route() {
        return route;
    }

    /** Time since the request arrived. */
    public Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - arrivedNanos);
    }

    /** The caller, once access has been decided. */
    public Client client() {
        return Objects.requireNonNull(client, "access has not been decided");
    }

    public void client(Client decided) {
        client = decided;
    }

    public void modelAsked(@Nullable String model) {
        modelAsked = model;
    }

    /** Time spent waiting for the client's body. */
    public Duration reading() {
        return reading;
    }

    public void reading(Duration time) {
        reading = time;
    }

    public void stream(boolean isStream) {
        stream = isStream;
    }

    public void answer(Answer said) {
        answer = said;
    }

    public void timings(Timings measured) {
        timings = measured;
    }

    public void read(long bytes) {
        bytesIn.addAndGet(bytes);
    }

    public void written(long bytes) {
        bytesOut.addAndGet(bytes);
    }

    public void attempted(Attempt attempt) {
        synchronized (attempts) {
            attempts.add(attempt);
        }
    }

    /** Attempts so far, oldest first; a copy. */
    public List<Attempt> attempts() {
        synchronized (attempts) {
            return List.copyOf(attempts);
        }
    }

    /** From now on the exchange is ended by whom the request was handed to, not by the filter it came through. */
    public void handOver() {
        handedOver = true;
    }

    public boolean isHandedOver() {
        return handedOver;
    }

    /** Closes the exchange and tells the listeners; all calls but the first do nothing. */
    public void end(int status, Outcome.Ended how, @Nullable Throwable failure) {
        if (!ended.compareAndSet(false, true)) {
            return;
        }
        Client caller = client;
        List<Attempt> tried = attempts();
        Timings t = timings;
        sink.accept(new Outcome(
                id,
                caller == null ? null : caller.name(),
                method,
                path,
                api,
                modelAsked,
                answer,
                tried.isEmpty() ? null : tried.get(tried.size() - 1).key(),
                tried,
                status,
                stream,
                bytesIn.get(),
                bytesOut.get(),
                how,
                new Timings(t.queue(), t.connect(), t.firstByte(), elapsed(), t.own()),
                failure));
    }
}
