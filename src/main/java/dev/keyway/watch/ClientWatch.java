package dev.keyway.watch;

import java.io.IOException;
import java.io.InputStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Notices that clients have left while nothing is written to them: looks their connections up in Linux's table of TCP
 * sockets, about once a second and only while requests run. Elsewhere it sees nothing.
 *
 * <p>Gone is who has closed its side, though it may still read, and whose connection is missing at two looks in a row. A
 * container may tell other addresses than the connection's own, such as those of {@code X-Forwarded-For}; so missing
 * counts only for a connection that was there before, or whose addresses are known to be true.
 *
 * <p>A look reads at most {@value #MAX_ROWS} rows of each table and takes at most a tenth of one processor. Safe for any
 * thread.
 */
public final class ClientWatch implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(ClientWatch.class);

    private static final List<Path> TABLES = List.of(Path.of("/proc/self/net/tcp6"), Path.of("/proc/self/net/tcp"));
    private static final int MAX_ROWS = 200_000;
    private static final int MAX_PROVEN = 1024;
    private static final Duration INTERVAL = Duration.ofSeconds(1);
    /** Until who is missing is looked for again, and how long a request runs before it is looked for at all. */
    private static final Duration SOONER = Duration.ofMillis(250);

    private static final int REST_FOR_EACH_NANO = 9;

    private final List<Path> tables;
    private final boolean trueAddresses;
    private final TcpTable table;
    private final Set<WatchedClient> watched = ConcurrentHashMap.newKeySet();
    private final Set<TcpConnection.LocalEnd> proven = ConcurrentHashMap.newKeySet();
    private final @Nullable ScheduledThreadPoolExecutor timer;
    private boolean failing;

    /** For tests, which look by hand. */
    ClientWatch(List<Path> tables, boolean trueAddresses, int maxRows) {
        this(tables, trueAddresses, maxRows, null);
    }

    private ClientWatch(
            List<Path> tables, boolean trueAddresses, int maxRows, @Nullable ScheduledThreadPoolExecutor timer) {
        this.tables = tables;
        this.trueAddresses = trueAddresses;
        this.table = new TcpTable(maxRows);
        this.timer = timer;
    }

    /**
     * Starts to watch, where this system allows it.
     *
     * @param trueAddresses whether the server is known to tell each connection's own addresses
     */
    public static ClientWatch start(WatchOptions options, boolean trueAddresses) {
        if (options.clients() == WatchOptions.Clients.OFF) {
            return new ClientWatch(List.of(), trueAddresses, 0);
        }
        List<Path> readable = TABLES.stream().filter(Files::isReadable).toList();
        if (readable.isEmpty()) {
            LOG.info("clients that leave are noticed only at a write: this system has no readable {}", TABLES.get(1));
            return new ClientWatch(List.of(), trueAddresses, 0);
        }
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, ClientWatch::thread);
        ClientWatch watch = new ClientWatch(readable, trueAddresses, MAX_ROWS, timer);
        watch.again(INTERVAL.toNanos());
        return watch;
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "keyway-watch");
        thread.setDaemon(true);
        return thread;
    }

    /**
     * Watches a client until the handle is closed or the client is gone.
     *
     * @param client where it is; what no table holds, such as a Unix socket, is not watched
     * @param mayBeForwarded whether that may be the address of somebody behind a proxy; asked only when it matters
     * @param onGone told at most once, by the thread that looks, and must not wait
     */
    public Watch watch(ClientAddress client, BooleanSupplier mayBeForwarded, Consumer<Departure> onGone) {
        Optional<TcpConnection> connection = tables.isEmpty() ? Optional.empty() : client.connection();
        if (connection.isEmpty()) {
            return () -> {};
        }
        WatchedClient one = new WatchedClient(connection.get(), mayBeForwarded, onGone);
        watched.add(one);
        return () -> watched.remove(one);
    }

    /** A client that is being watched. */
    public interface Watch extends AutoCloseable {
        /** The request is over; further calls do nothing. */
        @Override
        void close();
    }

    /** How many are watched now. */
    public int size() {
        return watched.size();
    }

    private void again(long nanos) {
        ScheduledThreadPoolExecutor on = timer;
        if (on != null && !on.isShutdown()) {
            try {
                var unused = on.schedule(this::turn, nanos, TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("stopped while it was looking", e);
            }
        }
    }

    private void turn() {
        long begun = processorNanos();
        Duration wait = INTERVAL;
        try {
            // Short requests need no look.
            if (watched.stream().anyMatch(client -> client.isOlderThan(SOONER.toNanos()))) {
                wait = look() ? SOONER : INTERVAL;
            } else if (!watched.isEmpty()) {
                wait = SOONER;
            }
        } catch (RuntimeException e) {
            LOG.error("clients could not be watched", e);
        } finally {
            again(Math.max(wait.toNanos(), (processorNanos() - begun) * REST_FOR_EACH_NANO));
        }
    }

    /** Not the time that passes: on a busy machine most of it is others'. */
    private static long processorNanos() {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        return threads.isCurrentThreadCpuTimeSupported() ? threads.getCurrentThreadCpuTime() : System.nanoTime();
    }

    /** Looks once for all; true: one of them should be looked for again soon. */
    boolean look() {
        List<WatchedClient> clients = List.copyOf(watched);
        Search search = new Search();
        clients.forEach(client -> search.add(client.connection()));
        boolean whole = read(search);
        clients.forEach(client -> learn(client.connection(), search));
        boolean doubt = false;
        for (WatchedClient client : clients) {
            client.judge(search.of(client.connection()), whole, missingCounts(client, search))
                    .ifPresent(how -> tell(client, how));
            doubt |= client.isInDoubt();
        }
        return doubt;
    }

    /** Reads until all are found; true: who was not found is in none of the tables. */
    private boolean read(Search search) {
        try {
            for (Path path : tables) {
                try (InputStream in = Files.newInputStream(path)) {
                    if (!table.read(in, search)) {
                        return false;
                    }
                }
                if (search.isOver()) {
                    break;
                }
            }
            failing = false;
            return true;
        } catch (IOException e) {
            if (!failing) {
                LOG.warn("clients can't be watched: error={}", e.toString());
            }
            failing = true;
            return false;
        }
    }

    /** Whether the tables must show this client while it is there: its addresses are true, and they show others. */
    private boolean missingCounts(WatchedClient client, Search search) {
        TcpConnection connection = client.connection();
        return trueAddresses
                ? search.isServed(connection.localPort())
                // A container that replaces a client's address mostly leaves the port.
                : proven.contains(connection.localEnd()) && !search.isBetweenOthers(connection) && client.isDirect();
    }

    private void learn(TcpConnection connection, Search search) {
        Search.Socket socket = search.of(connection);
        if (!trueAddresses && socket != null && proven.size() < MAX_PROVEN) {
            proven.add(connection.localEnd());
        }
    }

    private void tell(WatchedClient client, Departure how) {
        if (watched.remove(client)) {
            try {
                client.tell(how);
            } catch (RuntimeException e) {
                LOG.error("the end of a request whose client left failed", e);
            }
        }
    }

    @Override
    public void close() {
        if (timer != null) {
            timer.shutdownNow();
        }
    }
}
