package dev.keyway.catalogue;

import dev.keyway.catalogue.ModelsSource.Fetched;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The upstream's list of models: asked for when somebody wants it and it is older than {@code openrouter.cache_ttl}, by
 * one question at a time whoever waits for its answer; kept when the upstream fails, and in a file beyond the process.
 *
 * <p>Who comes while a list that is too old is asked for again waits {@link #PATIENCE} for the new one and gets the old
 * one then; who comes before there is any waits until the question is over. After a failure the upstream is left alone
 * for two seconds, then four, up to a minute; meanwhile the old list is what there is. Safe for many threads; no call
 * waits.
 */
public final class Catalogue implements AutoCloseable {
    /** Bytes of the largest list that is taken; OpenRouter's has about one million. */
    public static final int MAX_LIST = 16 * 1024 * 1024;

    static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Logger LOG = LogManager.getLogger(Catalogue.class);
    private static final Duration AGAIN = Duration.ofMillis(200);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(2);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

    /** A list that is older decides nothing about a request that names a model. */
    private static final Duration TELLING = Duration.ofDays(1);

    /** How far the time in the file may be behind where the list itself has not changed. */
    private static final Duration WRITE_AGAIN = Duration.ofHours(1);

    private static final int SENDS = 2;

    private final ModelsSource source;
    private final SnapshotFile file;
    private final Supplier<CatalogueOptions> options;
    private final Clocks clocks;
    private final ScheduledExecutorService timer;
    private final Executor worker;
    private final LongAdder fetches = new LongAdder();
    private final LongAdder failures = new LongAdder();
    private volatile @Nullable Snapshot snapshot;
    private volatile @Nullable ApiException lastError;

    // Guarded by this.
    private @Nullable Flight flight;
    private Duration pause = Duration.ZERO;
    private Instant notBefore = Instant.MIN;
    private boolean closed;

    private final AtomicBoolean writing = new AtomicBoolean();
    // Only touched by the one who writes.
    private String writtenHash = "";
    private Instant written = Instant.MIN;

    /**
     * Two clocks.
     *
     * @param wall what the file's time is of
     * @param steady what ages go by; a step of the wall clock does not move it
     */
    public record Clocks(InstantSource wall, InstantSource steady) {}

    /** One question to the upstream, and who waits for its end. */
    private static final class Flight {
        private final CompletableFuture<Void> over = new CompletableFuture<>();
        private final CompletableFuture<Void> patience = new CompletableFuture<>();
        private int sends;
    }

    /**
     * What people see of it.
     *
     * @param models in the list; 0 without one
     * @param ageSeconds since the upstream gave or confirmed it; negative without a list
     * @param lastError why the upstream was last asked in vain; empty once it was asked with success
     * @param fetches questions to the upstream since the start, {@code failures} of them without a list
     */
    public record Status(int models, double ageSeconds, String lastError, long fetches, long failures) {}

    /**
     * Reads the file and asks nothing.
     *
     * @param options those in force, for questions that no request asks
     * @param timer one thread is enough, it only hands over
     * @param worker reads and writes lists, a few hundredths of a second each time
     */
    public Catalogue(
            ModelsSource source,
            SnapshotFile file,
            Supplier<CatalogueOptions> options,
            Clocks clocks,
            ScheduledExecutorService timer,
            Executor worker) {
        this.source = source;
        this.file = file;
        this.options = options;
        this.clocks = clocks;
        this.timer = timer;
        this.worker = worker;
        SnapshotFile.Kept kept = file.read();
        if (kept != null) {
            Duration age = Duration.between(kept.confirmed(), clocks.wall().instant());
            Instant confirmed = now().minus(age.isNegative() ? Duration.ZERO : age);
            snapshot = new Snapshot(kept.list(), kept.etag(), confirmed);
            writtenHash = kept.list().hash();
            written = confirmed;
        }
    }

    /**
     * A list to answer from, at once or when the upstream has given it.
     *
     * @param ttl how old it may be
     * @return fails with an {@link ApiException} when there is none to be had
     */
    CompletionStage<Look> look(Duration ttl) {
        Snapshot before = snapshot;
        if (isFresh(before, ttl)) {
            return CompletableFuture.completedStage(since(before, ttl));
        }
        Flight running = fly(ttl);
        if (running == null) {
            return CompletableFuture.completedStage(before).thenApply(there -> since(there, ttl));
        }
        return (before == null ? running.over : running.patience).thenApply(over -> since(before, ttl));
    }

    private Look since(@Nullable Snapshot before, Duration ttl) {
        Snapshot there = snapshot;
        if (there == null) {
            throw error();
        }
        Duration age = there.age(now());
        return new Look(there.list(), age, ttl.minus(age), !there.equals(before));
    }

    private boolean isFresh(@Nullable Snapshot there, Duration ttl) {
        return there != null && there.age(now()).compareTo(ttl) < 0;
    }

    /**
     * Whether there is such a model as far as Keyway can tell: {@code :variant}, {@code $tags}, {@code ?parameters} and
     * {@code @preset/name} behind a model's name say nothing about that, and a preset's model is not known here.
     *
     * <p>True also where that can't be told: there is no list yet, or one of more than a day ago, or the cache is off. A
     * list that is missing or too old is asked for in the background. It has only models that write text.
     */
    public boolean knows(String model) {
        Snapshot there = telling();
        String bare = bare(model);
        return there == null || bare.isEmpty() || there.list().knows(bare);
    }

    /**
     * Whether a model costs nothing under exactly this name: it ends in {@code :free}, or all its prices are zero. False
     * where that can't be told.
     */
    public boolean isFree(String model) {
        if (Prices.freeByName(model)) {
            return true;
        }
        Snapshot there = telling();
        return there != null && there.list().isFree(model);
    }

    /** What there is now, if it is not too old for a judgement; one that is missing or old is asked for again. */
    private @Nullable Snapshot telling() {
        CatalogueOptions inForce = options.get();
        if (!inForce.enabled()) {
            return null;
        }
        Snapshot there = snapshot;
        if (!isFresh(there, inForce.ttl())) {
            fly(inForce.ttl());
        }
        return there != null && there.age(now()).compareTo(TELLING) <= 0 ? there : null;
    }

    private static String bare(String model) {
        int end = model.length();
        for (String border : new String[] {"$", "?", "@preset/"}) {
            int at = model.indexOf(border);
            end = at < 0 ? end : Math.min(end, at);
        }
        return model.substring(0, end);
    }

    /** Answers at once, whatever is under way. */
    public Status status() {
        Snapshot there = snapshot;
        ApiException error = lastError;
        return new Status(
                there == null ? 0 : there.list().size(),
                there == null ? -1 : there.age(now()).toMillis() / 1000.0,
                error == null ? "" : error.text(),
                fetches.sum(),
                failures.sum());
    }

    // ---- the one question there is at a time

    /** The one that is under way, else a new one; null while the upstream is left alone, and when none is needed. */
    private @Nullable Flight fly(Duration ttl) {
        Flight started;
        synchronized (this) {
            if (flight != null) {
                return flight;
            }
            boolean landedMeanwhile = isFresh(snapshot, ttl);
            if (closed || landedMeanwhile || now().isBefore(notBefore)) {
                return null;
            }
            started = new Flight();
            flight = started;
        }
        Future<?> bell = ring(started);
        var unused = started.over.whenComplete((nothing, failure) -> {
            if (bell != null) {
                bell.cancel(false);
            }
            started.patience.complete(null);
        });
        send(started);
        return started;
    }

    private @Nullable Future<?> ring(Flight started) {
        try {
            return timer.schedule(
                    () -> worker.execute(() -> started.patience.complete(null)),
                    PATIENCE.toMillis(),
                    TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException stopping) {
            return null;
        }
    }

    private void send(Flight running) {
        running.sends++;
        fetches.increment();
        Snapshot there = snapshot;
        source.fetch(there == null ? null : there.etag())
                .whenComplete((fetched, failure) -> work(running, () -> arrived(running, there, fetched)));
    }

    private void arrived(Flight running, @Nullable Snapshot there, @Nullable Fetched fetched) {
        if (fetched instanceof Fetched.Whole whole) {
            take(running, whole);
        } else if (fetched instanceof Fetched.NotModified && there != null) {
            land(running, new Snapshot(there.list(), there.etag(), now()));
        } else if (fetched instanceof Fetched.Failed failed) {
            failed(running, failed);
        } else {
            failed(running, new Fetched.Failed(ErrorCode.UPSTREAM, "status 304, without a list", false));
        }
    }

    /** Not on the thread that reads connections: a list takes some milliseconds, and so do a thousand who wait for it. */
    private void work(Flight running, Runnable task) {
        try {
            worker.execute(() -> {
                try {
                    task.run();
                } catch (RuntimeException e) {
                    LOG.error("list of models could not be taken", e);
                    failed(running, new Fetched.Failed(ErrorCode.INTERNAL, "Keyway failed on it", false));
                }
            });
        } catch (RejectedExecutionException stopping) {
            failed(running, new Fetched.Failed(ErrorCode.UNAVAILABLE, "Keyway is stopping", false));
        }
    }

    private void take(Flight running, Fetched.Whole whole) {
        Snapshot before = snapshot;
        ModelList list;
        try {
            list = before != null && before.list().hash().equals(ModelList.hash(whole.body()))
                    ? before.list()
                    : ModelList.parse(whole.body());
        } catch (ApiException e) {
            failed(running, new Fetched.Failed(ErrorCode.UPSTREAM, "no list of models: " + e.text(), false));
            return;
        }
        land(running, new Snapshot(list, whole.etag(), now()));
    }

    private void land(Flight running, Snapshot landed) {
        boolean recovered;
        synchronized (this) {
            if (flight != running) {
                return;
            }
            flight = null;
            recovered = !pause.isZero();
            pause = Duration.ZERO;
            notBefore = Instant.MIN;
            snapshot = landed;
            lastError = null;
        }
        if (recovered) {
            LOG.info("list of models fetched again: models={}", landed.list().size());
        }
        running.over.complete(null);
        // A disk that does not answer holds up one thread and no list; what it missed is written the next time.
        if (writing.compareAndSet(false, true)) {
            try {
                keep(landed);
            } finally {
                writing.set(false);
            }
        }
    }

    private void keep(Snapshot landed) {
        if (!landed.list().hash().equals(writtenHash)
                || !file.failure().isEmpty()
                || Duration.between(written, landed.confirmed()).compareTo(WRITE_AGAIN) >= 0) {
            file.write(landed.list(), landed.etag(), clocks.wall().instant());
            writtenHash = landed.list().hash();
            written = landed.confirmed();
        }
    }

    private void failed(Flight running, Fetched.Failed why) {
        if (why.again() && running.sends < SENDS && sendLater(running)) {
            return;
        }
        failures.increment();
        boolean first;
        synchronized (this) {
            if (flight != running) {
                return;
            }
            flight = null;
            first = pause.isZero();
            Duration doubled = first ? FIRST_PAUSE : pause.multipliedBy(2);
            pause = doubled.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : doubled;
            notBefore = now().plus(pause);
            lastError =
                    new ApiException(why.code(), "OpenRouter's list of models could not be fetched: " + why.reason());
        }
        if (first) {
            LOG.warn("list of models not fetched: reason={} kept={}", why.reason(), snapshot != null);
        }
        running.over.complete(null);
    }

    private boolean sendLater(Flight running) {
        try {
            var unused = timer.schedule(() -> send(running), AGAIN.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (RejectedExecutionException stopping) {
            return false;
        }
    }

    private ApiException error() {
        ApiException why = lastError;
        if (why == null) {
            throw new IllegalStateException("no list, and no reason why");
        }
        Duration left;
        synchronized (this) {
            left = notBefore.equals(Instant.MIN) ? Duration.ZERO : Duration.between(now(), notBefore);
        }
        return why.withHeader(
                "Retry-After",
                Long.toString(Math.max(1, left.plusNanos(999_999_999).toSeconds())));
    }

    private Instant now() {
        return clocks.steady().instant();
    }

    /** Asks no more; who waits is told. */
    @Override
    public void close() {
        Flight running;
        synchronized (this) {
            closed = true;
            running = flight;
            flight = null;
            lastError = new ApiException(ErrorCode.UNAVAILABLE, "Keyway is shutting down");
        }
        if (running != null) {
            running.over.complete(null);
        }
    }
}
