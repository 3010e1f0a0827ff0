package dev.keyway.limit;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The bytes that request bodies may take up in memory, all together. Who finds no room waits for it, without a thread, at
 * most {@code maxWait}; first come, first served: a small body does not overtake a large one.
 *
 * <p>Exactly one of the two callbacks runs, once. It runs on the thread that asks, on one that releases, or on the
 * timer's; never under a lock, and it must not wait.
 */
public final class BufferBudget {
    private static final int MAX_WAITING = 1024;

    private final long maxBytes;
    private final ScheduledExecutorService timer;
    private final Duration maxWait;
    private final Object lock = new Object();
    private final ArrayDeque<Waiter> waiting = new ArrayDeque<>();
    private final Queue<Runnable> decided = new ConcurrentLinkedQueue<>();
    private final AtomicInteger undelivered = new AtomicInteger();
    private long used;

    public BufferBudget(long maxBytes, ScheduledExecutorService timer, Duration maxWait) {
        this.maxBytes = maxBytes;
        this.timer = timer;
        this.maxWait = maxWait;
    }

    private static final class Waiter {
        private final long bytes;
        private final Runnable granted;
        private final Runnable refused;
        private @Nullable Future<?> expiry;

        Waiter(long bytes, Runnable granted, Runnable refused) {
            this.bytes = bytes;
            this.granted = granted;
            this.refused = refused;
        }
    }

    /** Takes room that there is, ahead of nobody who waits; whether there was. It is given back by {@link #release}. */
    public boolean tryAcquire(long bytes) {
        synchronized (lock) {
            boolean room = waiting.isEmpty() && bytes <= maxBytes - used;
            if (room) {
                used += bytes;
            }
            return room;
        }
    }

    /**
     * Asks for room.
     *
     * @param granted runs when the bytes are the caller's, to be given back by {@link #release}
     * @param refused runs when they are more than the whole budget, when too many wait already, or after {@code maxWait}
     */
    public void acquire(long bytes, Runnable granted, Runnable refused) {
        if (bytes < 0) {
            throw new IllegalArgumentException("negative bytes: " + bytes);
        }
        boolean room;
        boolean queued = false;
        synchronized (lock) {
            room = tryAcquire(bytes);
            if (!room && bytes <= maxBytes && waiting.size() < MAX_WAITING) {
                queued = enqueue(new Waiter(bytes, granted, refused));
            }
        }
        if (room) {
            granted.run();
        } else if (!queued) {
            refused.run();
        }
    }

    private boolean enqueue(Waiter waiter) {
        try {
            waiter.expiry = timer.schedule(() -> expire(waiter), maxWait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException stopped) {
            return false;
        }
        waiting.add(waiter);
        return true;
    }

    private void expire(Waiter waiter) {
        synchronized (lock) {
            if (!waiting.remove(waiter)) {
                return;
            }
            decided.add(waiter.refused);
            admit();
        }
        deliver();
    }

    /** Gives back what was granted. */
    public void release(long bytes) {
        synchronized (lock) {
            if (bytes < 0 || bytes > used) {
                throw new IllegalArgumentException("released " + bytes + " bytes of " + used);
            }
            used -= bytes;
            admit();
        }
        deliver();
    }

    private void admit() {
        for (Iterator<Waiter> all = waiting.iterator(); all.hasNext(); ) {
            Waiter next = all.next();
            if (next.bytes > maxBytes - used) {
                return;
            }
            all.remove();
            used += next.bytes;
            if (next.expiry != null) {
                next.expiry.cancel(false);
            }
            decided.add(next.granted);
        }
    }

    /** One thread at a time runs the callbacks, so that one which releases at once does not nest. */
    private void deliver() {
        if (undelivered.getAndIncrement() != 0) {
            return;
        }
        int seen = 1;
        do {
            for (Runnable next = decided.poll(); next != null; next = decided.poll()) {
                run(next);
            }
            seen = undelivered.addAndGet(-seen);
        } while (seen != 0);
    }

    /** A callback that fails, be it for want of memory, must not leave the others waiting for ever. */
    private static void run(Runnable callback) {
        try {
            callback.run();
        } catch (RuntimeException | Error e) {
            Thread current = Thread.currentThread();
            current.getUncaughtExceptionHandler().uncaughtException(current, e);
        }
    }

    /** Bytes granted and not yet given back. */
    public long used() {
        synchronized (lock) {
            return used;
        }
    }

    /** How many wait for room. */
    public int waiting() {
        synchronized (lock) {
            return waiting.size();
        }
    }
}
