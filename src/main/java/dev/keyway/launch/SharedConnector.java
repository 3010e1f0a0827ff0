package dev.keyway.launch;

import dev.keyway.upstream.SelectorGuest;
import dev.keyway.upstream.SelectorHost;
import java.io.IOException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.ManagedSelector;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * Listens for clients, and lends its selectors to the connections to the upstream. A selector for each processor: it is
 * where the work is done, since none of it waits.
 */
final class SharedConnector extends ClientConnector implements SelectorHost {
    /** In the constructor of the class above it is not there yet, and nobody asks. */
    private volatile @Nullable SelectorGuest guest;

    private final PutOff putOff;

    private SharedConnector(Server server, PutOff putOff, HttpConnectionFactory http) {
        super(server, putOff, Runtime.getRuntime().availableProcessors(), http);
        this.putOff = putOff;
    }

    /** A connector whose threads are the server's. */
    static SharedConnector of(Server server, QueuedThreadPool threads, HttpConnectionFactory http) {
        return new SharedConnector(server, new PutOff(threads), http);
    }

    /** How often a thread had to be woken for what could have been put off; for tests. */
    long handOvers() {
        return putOff.handOvers;
    }

    @Override
    public int lanes() {
        return getSelectorManager().getSelectorCount();
    }

    /** The number of the selector that a client's connection lives on; -1 when it is not known. */
    static int laneOf(EndPoint endPoint) {
        return endPoint instanceof Accepted accepted ? accepted.lane : -1;
    }

    @Override
    public void admit(SelectorGuest admitted, Duration connectTimeout) {
        guest = admitted;
        getSelectorManager().setConnectTimeout(connectTimeout.toMillis());
    }

    @Override
    public void connect(SelectableChannel channel, Object attachment) {
        getSelectorManager().connect(channel, attachment);
    }

    @Override
    public void accept(SelectableChannel channel, Object attachment) {
        getSelectorManager().accept(channel, attachment);
    }

    @Override
    public void completing(Runnable step) {
        putOff.during(step);
    }

    private @Nullable SelectorGuest ownerOf(@Nullable Object attachment) {
        SelectorGuest admitted = guest;
        return attachment != null && admitted != null && admitted.owns(attachment) ? admitted : null;
    }

    @Override
    protected SelectorManager newSelectorManager(Executor executor, Scheduler scheduler, int selectors) {
        return new Selectors(executor, scheduler, selectors);
    }

    @Override
    protected SocketChannelEndPoint newEndPoint(SocketChannel channel, ManagedSelector selector, SelectionKey key) {
        int lane = ((Selectors) getSelectorManager()).numberOf(selector);
        SocketChannelEndPoint accepted = new Accepted(channel, selector, key, getScheduler(), lane);
        accepted.setIdleTimeout(getIdleTimeout());
        return accepted;
    }

    /** A client's, so that the server counts and closes none but its own. */
    private static final class Accepted extends SocketChannelEndPoint {
        private final int lane;

        Accepted(SocketChannel channel, ManagedSelector selector, SelectionKey key, Scheduler scheduler, int lane) {
            super(channel, selector, key, scheduler);
            this.lane = lane;
        }
    }

    /** Tells the guest's channels from the server's own. */
    private final class Selectors extends ServerConnectorManager {
        private final List<ManagedSelector> numbered = new CopyOnWriteArrayList<>();

        @SuppressWarnings("ThreadLocalUsage") // one for each server, of which a process has one
        private final ThreadLocal<@Nullable ManagedSelector> wanted = new ThreadLocal<>();

        Selectors(Executor executor, Scheduler scheduler, int selectors) {
            super(executor, scheduler, selectors);
        }

        @Override
        protected ManagedSelector newSelector(int id) {
            ManagedSelector selector = super.newSelector(id);
            numbered.add(id, selector);
            return selector;
        }

        int numberOf(ManagedSelector selector) {
            return numbered.indexOf(selector);
        }

        @Override
        public void connect(SelectableChannel channel, Object attachment) {
            inLaneOf(attachment, () -> super.connect(channel, attachment));
        }

        @Override
        public void accept(SelectableChannel channel, Object attachment) {
            inLaneOf(attachment, () -> super.accept(channel, attachment));
            if (ownerOf(attachment) != null) {
                places().forget(channel);
            }
        }

        private void inLaneOf(@Nullable Object attachment, Runnable register) {
            SelectorGuest owner = ownerOf(attachment);
            int lane = owner == null || attachment == null ? -1 : owner.lane(attachment);
            if (lane < 0 || lane >= numbered.size()) {
                register.run();
                return;
            }
            wanted.set(numbered.get(lane));
            try {
                register.run();
            } finally {
                wanted.remove();
            }
        }

        @Override
        protected ManagedSelector chooseSelector() {
            ManagedSelector selector = wanted.get();
            return selector == null ? super.chooseSelector() : selector;
        }

        @Override
        protected SocketChannelEndPoint newEndPoint(
                SelectableChannel channel, ManagedSelector selector, SelectionKey key) throws IOException {
            SelectorGuest owner = ownerOf(key.attachment());
            return owner == null
                    ? super.newEndPoint(channel, selector, key)
                    : (SocketChannelEndPoint) owner.newEndPoint(channel, selector, key);
        }

        @Override
        public Connection newConnection(SelectableChannel channel, EndPoint endPoint, Object attachment)
                throws IOException {
            SelectorGuest owner = ownerOf(attachment);
            return owner == null
                    ? super.newConnection(channel, endPoint, attachment)
                    : owner.newConnection(channel, endPoint, attachment);
        }

        @Override
        public void connectionOpened(Connection connection, Object attachment) {
            SelectorGuest owner = ownerOf(attachment);
            if (owner == null) {
                super.connectionOpened(connection, attachment);
            } else {
                owner.connectionOpened(connection, attachment);
            }
        }

        /** Only who connects gets here: the server itself accepts. */
        @Override
        protected void connectionSucceeded(SelectableChannel channel) {
            SelectorGuest admitted = guest;
            if (admitted != null) {
                admitted.connectionSucceeded(channel);
            }
        }

        @Override
        protected void connectionFailed(SelectableChannel channel, Throwable failure, Object attachment) {
            SelectorGuest owner = ownerOf(attachment);
            if (owner == null) {
                super.connectionFailed(channel, failure, attachment);
            } else {
                owner.connectionFailed(channel, failure, attachment);
            }
        }

        @Override
        protected void endPointOpened(EndPoint endPoint) {
            if (endPoint instanceof Accepted) {
                super.endPointOpened(endPoint);
            }
        }

        @Override
        protected void endPointClosed(EndPoint endPoint) {
            if (endPoint instanceof Accepted) {
                super.endPointClosed(endPoint);
            }
        }
    }

    /**
     * The server's threads; but what a connection has to do when its exchange was completed while a thread is
     * {@linkplain #during in a step} is done by that thread, behind the step.
     */
    private static final class PutOff implements Executor {
        private final QueuedThreadPool threads;

        @SuppressWarnings("ThreadLocalUsage") // one for each server, of which a process has one
        private final ThreadLocal<@Nullable Queue<Runnable>> open = new ThreadLocal<>();

        private volatile long handOvers;

        PutOff(QueuedThreadPool threads) {
            this.threads = threads;
        }

        @SuppressWarnings("NonAtomicVolatileUpdate") // a rough count
        @Override
        public void execute(Runnable job) {
            // Jetty's connections are the jobs that read on.
            if (job instanceof Connection) {
                Queue<Runnable> behind = open.get();
                if (behind != null) {
                    behind.add(job);
                    return;
                }
                handOvers++;
            }
            threads.execute(job);
        }

        void during(Runnable step) {
            Queue<Runnable> behind = new ArrayDeque<>(2);
            open.set(behind);
            try {
                step.run();
            } finally {
                open.remove();
                Runnable job = behind.poll();
                while (job != null) {
                    job.run();
                    job = behind.poll();
                }
            }
        }
    }
}
