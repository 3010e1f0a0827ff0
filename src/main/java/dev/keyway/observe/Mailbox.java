package dev.keyway.observe;

import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * A bounded queue with one daemon thread that reads it. Who puts something in never waits: when it is full, the item is
 * dropped and counted.
 */
final class Mailbox<T> implements AutoCloseable {
    /** How many items wait at most. */
    static final int CAPACITY = 8192;

    private static final Logger LOG = LogManager.getLogger(Mailbox.class);
    private static final long BEAT_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long DRAIN_MILLIS = 2000;
    private static final long NAP_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long BLINK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Reader<T> reader;
    private final BlockingQueue<Optional<T>> queue;
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong accepted = new AtomicLong();
    private final Thread thread;
    private volatile boolean closing;
    /** Written by the reading thread alone. */
    private volatile long read;

    private long reported;

    Mailbox(String name, int capacity, Reader<T> reader) {
        this.reader = reader;
        this.queue = new ArrayBlockingQueue<>(capacity);
        this.thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Puts an item in, or drops and counts it; at once. */
    boolean offer(T item) {
        if (!closing && queue.offer(Optional.of(item))) {
            accepted.incrementAndGet();
            return true;
        }
        dropped.incrementAndGet();
        return false;
    }

    /** Waits until what was put in before is read, at most that long; never for a thread that serves requests. */
    void settle(long atMostNanos) {
        long goal = accepted.get();
        long deadline = System.nanoTime() + atMostNanos;
        while (read < goal
                && System.nanoTime() < deadline
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(BLINK_NANOS);
        }
    }

    /** How many items were dropped since the start. */
    long dropped() {
        return dropped.get();
    }

    /** Reads what waits, for at most 2 s, and ends the thread; what is left then counts as dropped. */
    @Override
    public void close() {
        closing = true;
        // Wakes the reader; when there is no room for it, the reader is awake.
        boolean woken = queue.offer(Optional.empty());
        try {
            thread.join(DRAIN_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            int left = queue.size() - (woken ? 1 : 0);
            queue.clear();
            dropped.addAndGet(left);
            thread.interrupt();
        }
    }

    private void run() {
        long lastBeat = System.nanoTime();
        long count = 0;
        safely(reader::beat);
        while (!(closing && queue.isEmpty())) {
            Optional<T> item;
            try {
                item = queue.poll(Math.max(0, BEAT_NANOS - (System.nanoTime() - lastBeat)), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                break;
            }
            if (item != null) {
                item.ifPresent(present -> safely(() -> reader.read(present)));
            }
            boolean drained = queue.isEmpty();
            if (drained) {
                rest();
            }
            if (item != null && item.isPresent()) {
                read = ++count;
            }
            if (System.nanoTime() - lastBeat >= BEAT_NANOS) {
                lastBeat = System.nanoTime();
                safely(reader::beat);
            }
            if (drained && !closing) {
                // Whoever puts the next item in need not wake this thread, which on a busy machine costs more than all
                // else about a log line; what comes meanwhile is read together.
                LockSupport.parkNanos(NAP_NANOS);
            }
        }
        safely(reader::end);
    }

    private void rest() {
        long count = dropped.get() - reported;
        if (count > 0) {
            reported += count;
            safely(() -> reader.dropped(count));
        }
        safely(reader::rest);
    }

    private static void safely(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException | Error e) {
            // An error too: without this thread everything that follows would be lost.
            LOG.warn("reader of a queue failed", e);
        }
    }

    /** Reads one item after the other, always on the same thread. */
    interface Reader<T> {
        void read(T item);

        /** Nothing waits at the moment. */
        default void rest() {}

        /** At the start and about once a second, busy or not. */
        default void beat() {}

        /** There is room again after so many items were dropped. */
        default void dropped(long count) {}

        /** Nothing comes any more. */
        default void end() {}
    }
}
