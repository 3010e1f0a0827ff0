package dev.keyway.observe;

import dev.keyway.exchange.Outcome;
import dev.keyway.exchange.OutcomeListener;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Tells the listeners what came in and how it ended, in order, on one thread of its own. Who reports never waits: 8,192
 * reports may queue, more are dropped and counted. A listener that throws does not keep the others from hearing.
 */
public final class Outcomes implements Consumer<Outcome>, AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(Outcomes.class);
    private static final long LAST_ENDS_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long BLINK_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Mailbox<Report> mailbox;
    private final AtomicInteger open = new AtomicInteger();

    /** Starts the thread. */
    public Outcomes(List<OutcomeListener> listeners) {
        this(listeners, Mailbox.CAPACITY);
    }

    Outcomes(List<OutcomeListener> listeners, int capacity) {
        this.mailbox = new Mailbox<>("keyway-outcomes", capacity, new Teller(List.copyOf(listeners)));
    }

    /** Reports a request that just arrived. */
    public void arrival(OutcomeListener.Arrival arrival) {
        open.incrementAndGet();
        mailbox.offer(listener -> listener.onArrival(arrival));
    }

    /** Reports a request that just ended. */
    @Override
    public void accept(Outcome outcome) {
        mailbox.offer(listener -> listener.onOutcome(outcome));
        open.decrementAndGet();
    }

    /** Reports dropped since the start. */
    public long dropped() {
        return mailbox.dropped();
    }

    /**
     * Tells what waits, for at most 2 s, and ends the thread. A request whose answer is out may be about to report its
     * end: that is waited for before, at most 1 s.
     */
    @Override
    public void close() {
        long deadline = System.nanoTime() + LAST_ENDS_NANOS;
        while (open.get() > 0
                && System.nanoTime() < deadline
                && !Thread.currentThread().isInterrupted()) {
            LockSupport.parkNanos(BLINK_NANOS);
        }
        mailbox.close();
    }

    private interface Report {
        void to(OutcomeListener listener);
    }

    private record Teller(List<OutcomeListener> listeners) implements Mailbox.Reader<Report> {
        @Override
        public void read(Report report) {
            for (OutcomeListener listener : listeners) {
                try {
                    report.to(listener);
                } catch (RuntimeException e) {
                    LOG.warn(
                            "outcome listener failed: listener={}",
                            listener.getClass().getSimpleName(),
                            e);
                }
            }
        }

        @Override
        public void dropped(long count) {
            LOG.warn("outcome reports dropped: reports={}", count);
        }
    }
}
