package dev.keyway.upstream;

import java.time.Duration;
import java.util.function.LongSupplier;

/** How long nothing came, without the time in which nothing could. For any thread. */
final class Silence {
    /** How often a silence that stands still is looked at within its limit, at most. */
    private static final int LOOKS = 16;

    private final LongSupplier nanoTime;
    private long sinceNanos;
    private long pausedNanos;
    private int pauses;

    Silence(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Something came just now. */
    synchronized void begin() {
        sinceNanos = nanoTime.getAsLong();
        pausedNanos = sinceNanos;
    }

    /** Nothing can come until {@link #resume}; pauses nest. */
    synchronized void pause() {
        if (pauses++ == 0) {
            pausedNanos = nanoTime.getAsLong();
        }
    }

    synchronized void resume() {
        if (--pauses == 0) {
            sinceNanos += nanoTime.getAsLong() - pausedNanos;
        }
    }

    /** When to look again whether the limit is reached; zero once it is. While paused never very soon. */
    synchronized Duration left(Duration limit) {
        boolean paused = pauses > 0;
        long silent = (paused ? pausedNanos : nanoTime.getAsLong()) - sinceNanos;
        long left = Math.max(0, limit.toNanos() - silent);
        return Duration.ofNanos(paused ? Math.max(left, limit.toNanos() / LOOKS) : left);
    }
}
