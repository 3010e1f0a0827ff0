package dev.keyway.sandbox;

import dev.keyway.wire.Secret;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * One request that reached the stand-in, byte for byte, and what became of it. It is live: figures move while the
 * answer is being sent.
 */
public final class Received {
    private final long number;
    private final WireRequest request;
    private final int connection;
    private final Instant arrived;
    private final int keptBytes;
    private final long arrivedNanos = System.nanoTime();
    private final AtomicLong bytesSent = new AtomicLong();
    private final CompletableFuture<Duration> closedEarly = new CompletableFuture<>();
    private final CompletableFuture<Duration> done = new CompletableFuture<>();
    private final ByteArrayOutputStream response = new ByteArrayOutputStream();
    private final MessageDigest digest;
    private long responseBytes;

    /** Bytes the recorder counts for this request, -1 once it has let go of it; guarded by the recorder. */
    long counted;

    private volatile int status;
    private volatile @Nullable Secret key;
    private volatile @Nullable String generation;
    private volatile BigDecimal billed = BigDecimal.ZERO;

    Received(long number, WireRequest request, int connection, Instant arrived, int keptBytes) {
        this.number = number;
        this.request = request;
        this.connection = connection;
        this.arrived = arrived;
        this.keptBytes = keptBytes;
        try {
            this.digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Counts requests from 1, in the order their heads were read. */
    public long number() {
        return number;
    }

    public String method() {
        return request.method();
    }

    /** Path and query as they stood in the request line. */
    public String target() {
        return request.target();
    }

    /** The header lines as they came, without line ends, in the order of the wire. */
    public List<String> headerLines() {
        return request.lines();
    }

    /** Every value of one header, in the order of the wire; the name in any case. */
    public List<String> headers(String name) {
        return request.all(name);
    }

    /** The first value of one header; null when there is none. */
    public @Nullable String header(String name) {
        return request.first(name);
    }

    /** The body without its transfer framing. */
    public byte[] body() {
        return request.body().clone();
    }

    public String bodyText() {
        return request.bodyText();
    }

    /** The credential the request came with, known or not; null when it had none or its route needs none. */
    public @Nullable Secret key() {
        return key;
    }

    /** Counts connections from 1. */
    public int connection() {
        return connection;
    }

    /** When the head had been read, by the stand-in's clock. */
    public Instant arrived() {
        return arrived;
    }

    /** Bytes given to the socket so far, head and framing included: it stands still while the client does not read. */
    public long bytesSent() {
        return bytesSent.get();
    }

    /** Status of the answer; 0 while there is none. */
    public int status() {
        return status;
    }

    /** The generation that this request started, billed or not; null when none was. */
    public @Nullable String generationId() {
        return generation;
    }

    public boolean generationStarted() {
        return generation != null;
    }

    /** What the request cost in USD; final once {@link #awaitDone} returned true. */
    public BigDecimal billed() {
        return billed;
    }

    /** The answer's body as sent, without transfer framing; only its first part when it was very long. */
    public synchronized byte[] responseBody() {
        return response.toByteArray();
    }

    /** Length of the answer's whole body, in bytes, also of what is no longer kept. */
    public synchronized long responseLength() {
        return responseBytes;
    }

    /** SHA-256 in hex of the answer's whole body so far. */
    public synchronized String responseSha256() {
        try {
            return HexFormat.of().formatHex(((MessageDigest) digest.clone()).digest());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("the platform's SHA-256 can be cloned", e);
        }
    }

    /** Completes when the client closed before the answer was whole; the time since {@link #arrived()}. */
    public CompletableFuture<Duration> closedEarly() {
        return closedEarly.copy();
    }

    /** Waits until the client closed early; false when it did not in that time. */
    public boolean awaitClosedEarly(Duration limit) throws InterruptedException {
        return await(closedEarly, limit);
    }

    /** Waits until the exchange is over, well or not; false when it was not in that time. */
    public boolean awaitDone(Duration limit) throws InterruptedException {
        return await(done, limit);
    }

    private static boolean await(CompletableFuture<?> event, Duration limit) throws InterruptedException {
        try {
            event.get(limit.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException | ExecutionException e) {
            return false;
        }
    }

    synchronized long keptLength() {
        return request.body().length + (long) response.size();
    }

    void key(Secret value) {
        key = value;
    }

    void status(int value) {
        status = value;
    }

    void started(String id) {
        generation = id;
    }

    void bill(BigDecimal amount) {
        billed = amount;
    }

    void sent(long bytes) {
        bytesSent.addAndGet(bytes);
    }

    synchronized void responded(byte[] bytes, int offset, int length) {
        digest.update(bytes, offset, length);
        responseBytes += length;
        int room = Math.min(length, keptBytes - response.size());
        if (room > 0) {
            response.write(bytes, offset, room);
        }
    }

    void clientClosed() {
        closedEarly.complete(age());
    }

    void over() {
        done.complete(age());
    }

    private Duration age() {
        return Duration.ofNanos(System.nanoTime() - arrivedNanos);
    }

    /** Method, path and status: never a header or a body. */
    @Override
    public String toString() {
        return "#" + number + " " + method() + " " + request.path() + " " + status;
    }
}
