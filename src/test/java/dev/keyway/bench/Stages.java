package dev.keyway.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** The single measurements; each adds rows to the table. */
final class Stages {
    private static final int SMALL_BODY = 1024;
    private static final int LARGE_BODY = 20 * 1024 * 1024;
    private static final int WARM_CONNECTIONS = 16;
    private static final int ONCE_A_SECOND = 1000;
    private static final int TWENTY_A_SECOND = 50;

    private static final Duration LONGEST_TIDYING = Duration.ofSeconds(6);
    private static final Duration TIDYING_STEP = Duration.ofMillis(300);
    private static final double BUSY_SECONDS = 0.03;

    private final Table table;
    private final Path work;
    private final Wrk wrk = new Wrk(Path.of("etc", "bench", "post.lua"));
    private final List<String> complaints = new ArrayList<>();
    private final long deadlineNanos;

    /** @param deadlineNanos after it nothing more is begun, and what is left out is told */
    Stages(Table table, Path work, long deadlineNanos) {
        this.table = table;
        this.work = work;
        this.deadlineNanos = deadlineNanos;
    }

    /** Whether there is no time left for it. */
    boolean isLate(String what) {
        boolean late = System.nanoTime() - deadlineNanos > 0;
        if (late) {
            complaints.add("out of time, not measured: " + what);
        }
        return late;
    }

    /** What went wrong without ending the run. */
    List<String> complaints() {
        return complaints;
    }

    static void say(String text) {
        System.out.printf("[load %.2f] %s%n", Proc.load(), text);
    }

    void warmUp(Target server, Duration duration) throws IOException, InterruptedException {
        say("warm-up: " + server.name());
        Wrk.Result result = wrk.run(server, body(server), WARM_CONNECTIONS, duration);
        complain(server, "warm-up", result.errors());
    }

    void warmUpStreams(Target server, int streams, EventClient.Phases phases) throws IOException {
        say("warm-up with streams: " + server.name());
        EventClient client = new EventClient(server.port(), server.streamRequest(TWENTY_A_SECOND, SMALL_BODY));
        complain(
                server,
                "warm-up with streams",
                client.run(streams, phases, new Cpu(server)).failures());
    }

    /** Rounds over all servers; direct first and last in each. */
    void requests(Target direct, List<Target> servers, int rounds, List<Integer> connections, Duration cell)
            throws IOException, InterruptedException {
        for (int round = 0; round < rounds; round++) {
            for (int count : connections) {
                String what = "round " + (round + 1) + ", connections: " + count;
                if (isLate(what)) {
                    return;
                }
                say(what);
                round(Rotation.round(round, direct, servers), count, cell);
            }
        }
    }

    private void round(List<Target> order, int connections, Duration cell) throws IOException, InterruptedException {
        String row = "1 KB JSON, " + connections + (connections == 1 ? " connection: " : " connections: ");
        List<Wrk.Result> results = new ArrayList<>();
        for (Target server : order) {
            double before = Proc.cpuSeconds(server.pid());
            long switches = Proc.contextSwitches(server.pid());
            Wrk.Result result = wrk.run(server, body(server), connections, cell);
            double cpu = (Proc.cpuSeconds(server.pid()) - before) / result.requests();
            double switched = (double) (Proc.contextSwitches(server.pid()) - switches) / result.requests();
            complain(server, row, result.errors());
            results.add(result);
            table.add(row + "requests/s", server.name(), result.perSecond());
            table.add(row + "CPU, us/request", server.name(), cpu * 1e6);
            table.add(row + "context switches/request", server.name(), switched);
            table.add(row + "p50, ms", server.name(), result.p50());
            table.add(row + "p99, ms", server.name(), result.p99());
        }
        Wrk.Result first = results.get(0);
        Wrk.Result last = results.get(results.size() - 1);
        for (int i = 1; i < order.size() - 1; i++) {
            Wrk.Result result = results.get(i);
            table.add(row + "added p50, ms", order.get(i).name(), result.p50() - (first.p50() + last.p50()) / 2);
            table.add(row + "added p99, ms", order.get(i).name(), result.p99() - (first.p99() + last.p99()) / 2);
        }
    }

    /** So many streams of one event a second. */
    void streams(Target server, int count, EventClient.Phases phases) throws IOException {
        String what = count + " streams: " + server.name();
        if (isLate(what)) {
            return;
        }
        say(what);
        Cpu cpu = new Cpu(server);
        EventClient client = new EventClient(server.port(), server.streamRequest(ONCE_A_SECOND, SMALL_BODY));
        EventClient.Seen seen = client.run(count, phases, cpu);
        awaitQuiet(server);
        String row = String.format("%,d streams: ", count);
        complain(server, row + "streams failed", seen.failures());
        Figures delays = seen.delays();
        table.add(
                row + "time to first event, p50, ms",
                server.name(),
                seen.firstEvents().median());
        table.add(
                row + "time to first event, p99, ms",
                server.name(),
                seen.firstEvents().percentile(99));
        table.add(row + "delay, p50, ms", server.name(), delays.median());
        table.add(row + "delay, p99, ms", server.name(), delays.percentile(99));
        table.add(row + "delay, p99.9, ms", server.name(), delays.percentile(99.9));
        table.add(row + "delay, max, ms", server.name(), delays.max());
        table.add(row + "CPU, us/event", server.name(), cpu.seconds / delays.count() * 1e6);
        double expected = (double) count * phases.window().toSeconds();
        table.add(row + "events that came, % of those due", server.name(), 100 * delays.count() / expected);
        table.add(row + "failed streams", server.name(), seen.failures());
        table.add(row + "threads", server.name(), cpu.threads);
        table.add(row + "resident, MiB", server.name(), cpu.resident);
    }

    /** A server that still puts closed streams away would be measured as the next one's delay; at most 6 s. */
    private static void awaitQuiet(Target server) {
        long deadline = System.nanoTime() + LONGEST_TIDYING.toNanos();
        double before = -1;
        double now = Proc.cpuSeconds(server.pid());
        while (now - before > BUSY_SECONDS && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(TIDYING_STEP.toNanos());
            before = now;
            now = Proc.cpuSeconds(server.pid());
        }
    }

    /** Bodies of 20 MB, one after the other, each on its own connection. */
    void bodies(Target server, int count) throws IOException {
        String what = "bodies of 20 MB: " + server.name();
        if (isLate(what)) {
            return;
        }
        say(what);
        byte[] body = server.body(false, LARGE_BODY).getBytes(StandardCharsets.US_ASCII);
        FirstAnswer.post(server, body);
        double before = Proc.residentMiB(server.pid());
        Proc.resetPeak(server.pid());
        double cpu = Proc.cpuSeconds(server.pid());
        for (int i = 0; i < count; i++) {
            long start = System.nanoTime();
            FirstAnswer.post(server, body);
            table.add("20 MB body: ms to the answer", server.name(), (System.nanoTime() - start) / 1e6);
        }
        table.add("20 MB body: CPU, ms", server.name(), (Proc.cpuSeconds(server.pid()) - cpu) / count * 1e3);
        table.add("20 MB body: peak over resident before, MiB", server.name(), Proc.peakMiB(server.pid()) - before);
    }

    /** The file with the small body for this server. */
    private Path body(Target server) throws IOException {
        Path file = work.resolve("body-" + server.port() + ".json");
        if (Files.notExists(file)) {
            Files.writeString(file, server.body(false, SMALL_BODY));
        }
        return file;
    }

    private void complain(Target server, String what, long errors) {
        if (errors > 0) {
            String complaint = server.name() + ": " + what.replaceFirst(": $", "") + ": " + errors + " errors";
            complaints.add(complaint);
            say(complaint);
        }
    }

    /** CPU time, threads and memory of a server in a window. */
    private static final class Cpu implements EventClient.Window {
        private final Target server;
        private double seconds;
        private int threads;
        private double resident;

        Cpu(Target server) {
            this.server = server;
        }

        @Override
        public void begins() {
            seconds = -Proc.cpuSeconds(server.pid());
        }

        @Override
        public void ends() {
            seconds += Proc.cpuSeconds(server.pid());
            threads = Proc.threads(server.pid());
            resident = Proc.residentMiB(server.pid());
        }
    }
}
