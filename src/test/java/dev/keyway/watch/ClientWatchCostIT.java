package dev.keyway.watch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.Proof;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What it costs to watch many clients, with real connections; both ends of each stand in this machine's tables. */
@EnabledOnOs(OS.LINUX)
class ClientWatchCostIT {
    private static final Proof PROOF = Proof.named("watch");
    private static final int CLIENTS = PROOF.size(500, 5000);
    private static final int LOOKS = PROOF.size(10, 50);
    private static final Duration RUN = Duration.ofSeconds(PROOF.size(3, 30));
    private static final List<Path> TABLES = List.of(Path.of("/proc/self/net/tcp6"), Path.of("/proc/self/net/tcp"));
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final List<Socket> sockets = new ArrayList<>();
    private final List<ClientAddress> clients = new ArrayList<>();
    private final AtomicInteger gone = new AtomicInteger();

    @Test
    void watching_many_clients_takes_little_of_a_processor() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 64, InetAddress.getLoopbackAddress())) {
            connect(server);
            double[] looks = lookByHand();
            double share = runByItself();

            PROOF.report(
                    "%d clients, %d rows: one look takes %.1f ms of a processor in the median and %.1f ms at most;"
                            + " left to itself it takes %.2f %% of one processor",
                    CLIENTS, rows(), looks[looks.length / 2] / 1e6, looks[looks.length - 1] / 1e6, share * 100);
            assertThat(share).isLessThan(0.1);
            assertThat(gone).hasValue(0);

            long left = System.nanoTime();
            reset();
            PROOF.report(
                    "%d clients reset at once: the last was told after %d ms",
                    CLIENTS, Duration.ofNanos(lastTold() - left).toMillis());
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private void connect(ServerSocket server) throws IOException {
        for (int i = 0; i < CLIENTS; i++) {
            Socket client = new Socket(server.getInetAddress(), server.getLocalPort());
            Socket accepted = server.accept();
            sockets.add(client);
            sockets.add(accepted);
            clients.add(new ClientAddress(
                    accepted.getLocalAddress().getHostAddress(),
                    accepted.getLocalPort(),
                    accepted.getInetAddress().getHostAddress(),
                    accepted.getPort()));
        }
    }

    private static long rows() throws IOException {
        long rows = 0;
        for (Path table : TABLES) {
            rows += Files.readAllLines(table).size() - 1;
        }
        return rows;
    }

    /** Processor time of each look, sorted. */
    private double[] lookByHand() {
        ClientWatch watch = new ClientWatch(TABLES, true, 200_000);
        clients.forEach(client -> watch.watch(client, () -> false, how -> gone.incrementAndGet()));
        double[] looks = new double[LOOKS];
        for (int i = 0; i < LOOKS; i++) {
            long begun = THREADS.getCurrentThreadCpuTime();
            assertThat(watch.look()).isFalse();
            looks[i] = THREADS.getCurrentThreadCpuTime() - begun;
        }
        Arrays.sort(looks);
        return looks;
    }

    private ClientWatch running = new ClientWatch(List.of(), true, 0);

    private double runByItself() {
        running = ClientWatch.start(WatchOptions.DEFAULTS, true);
        clients.forEach(client -> running.watch(client, () -> false, how -> gone.incrementAndGet()));
        long thread = Arrays.stream(THREADS.getThreadInfo(THREADS.getAllThreadIds()))
                .filter(info -> info != null && info.getThreadName().equals("keyway-watch"))
                .mapToLong(java.lang.management.ThreadInfo::getThreadId)
                .findFirst()
                .orElseThrow();
        long begun = System.nanoTime();
        long used = THREADS.getThreadCpuTime(thread);
        Awaitility.await().atMost(RUN.multipliedBy(2)).until(() -> System.nanoTime() - begun > RUN.toNanos());
        return (double) (THREADS.getThreadCpuTime(thread) - used) / (System.nanoTime() - begun);
    }

    private void reset() throws IOException {
        for (int i = 0; i < sockets.size(); i += 2) {
            sockets.get(i).setSoLinger(true, 0);
            sockets.get(i).close();
        }
    }

    private long lastTold() {
        Awaitility.await()
                .pollInterval(Duration.ofMillis(5))
                .atMost(Duration.ofSeconds(20))
                .until(() -> gone.get() == CLIENTS);
        long now = System.nanoTime();
        running.close();
        return now;
    }
}
