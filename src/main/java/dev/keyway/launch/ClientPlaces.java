package dev.keyway.launch;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.channels.SelectableChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.eclipse.jetty.io.SelectorManager;
import org.jspecify.annotations.Nullable;

/**
 * How many clients may be connected: as many as there are file descriptors for, two each, since a request needs a
 * connection to the upstream as well. More wait in the system's queue until one leaves, so that neither those who are
 * served nor logs and key file lack a descriptor.
 *
 * <p>That no more are taken, for this or another reason, is told once, and once that they are again.
 */
final class ClientPlaces implements SelectorManager.AcceptListener {
    private static final Logger LOG = LogManager.getLogger(ClientPlaces.class);
    /** For files, and whatever else is opened now and then. */
    private static final int RESERVE = 32;

    private static final int FEWEST = 8;
    /** With fewer somebody has most likely not thought of the limit. */
    private static final int FEW = 1000;

    private static final long LOOK_MILLIS = 1000;
    private static final long PAUSE_MILLIS = 200;
    private static final long CALM_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Set<SelectableChannel> taken = ConcurrentHashMap.newKeySet();
    private volatile int places = Integer.MAX_VALUE;
    private final LongSupplier nanoTime;
    private String failure = "";
    private long refusedNanos;

    ClientPlaces() {
        this(System::nanoTime);
    }

    ClientPlaces(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** From now on there are as many as this process may have files for, beside those that it has open now. */
    void limit() {
        UnixOperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(UnixOperatingSystemMXBean.class);
        if (system != null) {
            limit(system.getMaxFileDescriptorCount(), system.getOpenFileDescriptorCount());
        }
    }

    void limit(long files, long open) {
        places = (int) Math.max(FEWEST, Math.min(Integer.MAX_VALUE, (files - open - RESERVE) / 2));
        if (places < FEW) {
            LOG.warn("few file descriptors (ulimit -n): limit={} clients_at_once={}", files, places);
        }
    }

    /** Why no further clients are taken; empty once there has been room for a second. */
    synchronized String failure() {
        // Neither at the first free place nor at once: at the edge each client would bring two lines.
        if (!failure.isEmpty()
                && taken.size() < places - places / 10
                && nanoTime.getAsLong() - refusedNanos >= CALM_NANOS) {
            failure = "";
            LOG.info("clients are taken again: connected={}", taken.size());
        }
        return failure;
    }

    /** Waits until there is room for one more. For the thread that accepts, which has nothing else to do. */
    synchronized void await() {
        while (taken.size() >= places && !Thread.currentThread().isInterrupted()) {
            begin("all " + places + " places that the limit of open files allows are taken");
            pause(LOOK_MILLIS);
        }
    }

    /** The system refused to accept one, and would refuse again if it were asked at once. */
    synchronized void refused(Throwable why) {
        begin(String.valueOf(why.getMessage()));
        pause(PAUSE_MILLIS);
    }

    private void pause(long millis) {
        try {
            TimeUnit.MILLISECONDS.timedWait(this, millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void begin(String why) {
        if (failure.isEmpty()) {
            LOG.warn("no more clients are taken until some leave: connected={} error={}", taken.size(), why);
        }
        failure = why;
        refusedNanos = nanoTime.getAsLong();
    }

    private void left(SelectableChannel channel) {
        if (taken.remove(channel) && taken.size() + 1 >= places) {
            synchronized (this) {
                notifyAll();
            }
        }
    }

    @Override
    public void onAccepting(SelectableChannel channel) {
        taken.add(channel);
    }

    @Override
    public void onAcceptFailed(SelectableChannel channel, @Nullable Throwable cause) {
        left(channel);
    }

    @Override
    public void onClosed(SelectableChannel channel) {
        left(channel);
    }

    /** It is no client after all. */
    void forget(SelectableChannel channel) {
        taken.remove(channel);
    }
}
