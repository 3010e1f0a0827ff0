package dev.keyway.limit;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/** The requests that run at this moment: not more than so many, and none any more once it drains. */
public final class InFlight {
    private static final String RETRY_AFTER = "Retry-After";
    private static final String BUSY_SECONDS = "1";
    private static final String DRAINING_SECONDS = "5";

    private final int max;
    private final AtomicInteger count = new AtomicInteger();
    private final CompletableFuture<Void> emptied = new CompletableFuture<>();
    private volatile boolean draining;

    public InFlight(int max) {
        this.max = max;
    }

    /** A running request's place; closing it again does nothing. */
    public final class Slot implements AutoCloseable {
        /** The request attribute that holds it, for one who ends a request in a way no listener is told of. */
        public static final String ATTRIBUTE = "dev.keyway.limit.InFlight.Slot";

        private final AtomicBoolean closed = new AtomicBoolean();

        private Slot() {}

        @Override
        public void close() {
            if (closed.compareAndSet(false, true)) {
                leave();
            }
        }
    }

    /**
     * Takes a place; never waits.
     *
     * @throws ApiException 503 with {@code Retry-After} when all are taken or when it drains
     */
    public Slot enter() {
        if (draining) {
            throw stopping();
        }
        int running = count.get();
        while (running < max && !count.compareAndSet(running, running + 1)) {
            running = count.get();
        }
        if (running >= max) {
            throw busy();
        }
        Slot slot = new Slot();
        // Looked at again: a drain that began since the first look may not have counted this request.
        if (draining) {
            slot.close();
            throw stopping();
        }
        return slot;
    }

    private ApiException busy() {
        return new ApiException(
                        ErrorCode.UNAVAILABLE, "all " + max + " places of server.max_concurrent_requests are taken")
                .withHeader(RETRY_AFTER, BUSY_SECONDS);
    }

    private static ApiException stopping() {
        return new ApiException(ErrorCode.UNAVAILABLE, "this gateway is stopping and takes no new requests")
                .withHeader(RETRY_AFTER, DRAINING_SECONDS);
    }

    private void leave() {
        if (count.decrementAndGet() == 0 && draining) {
            emptied.complete(null);
        }
    }

    /** How many run now. */
    public int count() {
        return count.get();
    }

    /** From now on every new request is refused; those that run go on. For good. */
    public void drain() {
        draining = true;
        if (count.get() == 0) {
            emptied.complete(null);
        }
    }

    public boolean isDraining() {
        return draining;
    }

    /**
     * Waits, after {@link #drain()}, until the last request is over; only for the thread that stops the server.
     *
     * @param hurry ends the wait when it completes
     * @return whether none is left
     */
    public boolean awaitEmpty(Duration atMost, CompletableFuture<?> hurry) throws InterruptedException {
        try {
            CompletableFuture.anyOf(emptied, hurry).get(atMost.toNanos(), TimeUnit.NANOSECONDS);
            return emptied.isDone();
        } catch (TimeoutException stillRunning) {
            return emptied.isDone();
        } catch (ExecutionException e) {
            throw new IllegalStateException("never completed with a failure", e);
        }
    }
}
