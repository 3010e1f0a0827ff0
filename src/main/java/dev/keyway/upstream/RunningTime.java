package dev.keyway.upstream;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * Elapsed nanoseconds without those in which the whole process stood still (SIGSTOP, a frozen container, a very long
 * collection): what it waited for may have come meanwhile, and nobody could see it. Known of a stop at the next
 * {@link #beat} behind it; till then the time read is later by its length.
 */
final class RunningTime implements LongSupplier {
    /** A beat that is late by less may only have waited for a processor. */
    static final Duration STOP = Duration.ofSeconds(1);

    private final LongSupplier nanoTime;
    private long lastBeat;
    private final AtomicLong stopped = new AtomicLong();

    /** @param nanoTime as {@link System#nanoTime} */
    RunningTime(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
        this.lastBeat = nanoTime.getAsLong();
    }

    /** To be called regularly, by one thread at a time and before whatever looks at a clock. */
    void beat() {
        long now = nanoTime.getAsLong();
        long since = now - lastBeat;
        lastBeat = now;
        if (since > STOP.toNanos()) {
            stopped.addAndGet(since);
        }
    }

    @Override
    public long getAsLong() {
        return nanoTime.getAsLong() - stopped.get();
    }
}
