package dev.keyway.bench;

import dev.keyway.testing.container.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Runs the benchmark; started by {@code etc/bench/run.sh} in the root of the project. */
final class Bench {
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final Path RESULTS = Path.of("etc", "bench", "RESULTS.md");

    /** Left for the parts alone, the page and the end of all processes. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(60);

    private static final List<String> SERVERS = List.of(Servers.NGINX, Servers.BARE, Servers.ON, Servers.OFF);
    private static final List<String> STARTS =
            List.of(Servers.NGINX, Servers.BARE, Servers.ON, Servers.INSTALLED, Servers.OFF);
    private static final String INSTALLED_START = "start of an installation to the first answer, ms";
    private static final List<String> COLUMNS =
            List.of(Servers.DIRECT, Servers.NGINX, Servers.BARE, Servers.ON, Servers.OFF);
    private static final List<Table.Ratio> RATIOS = List.of(
            new Table.Ratio(Servers.ON, Servers.NGINX),
            new Table.Ratio(Servers.ON, Servers.BARE),
            new Table.Ratio(Servers.OFF, Servers.NGINX),
            new Table.Ratio(Servers.OFF, Servers.BARE));

    private final Path work;
    private final long deadlineNanos =
            System.nanoTime() + Plan.LIMIT.minus(LAST_WORDS).toNanos();
    private final double loadBefore = Proc.load();
    private final Instant start = Instant.now().truncatedTo(ChronoUnit.MINUTES);

    private Bench(Path work) {
        this.work = work;
    }

    /** Argument: {@code full}, {@code quick}, {@code streams} or {@code containers}. */
    public static void main(String[] args) throws Exception {
        Path work = Files.createTempDirectory("keyway-bench-");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(work)));
        Bench bench = new Bench(work);
        String kind = args[0];
        switch (kind) {
            case "full" -> bench.standalone(Plan.full(), new Page(RESULTS));
            case "quick" -> bench.standalone(Plan.quick(), new Page(TARGET.resolve("bench-quick.md")));
            case "streams" -> bench.manyStreams(new Page(RESULTS));
            case "containers" -> bench.containers(new Page(RESULTS));
            default -> throw new IllegalArgumentException(kind);
        }
    }

    private void standalone(Plan plan, Page page) throws IOException, InterruptedException {
        Table table = new Table(COLUMNS, RATIOS);
        Stages stages = new Stages(table, work, deadlineNanos);
        try (Servers servers = new Servers(TARGET, work, "-Xmx384m")) {
            Stages.say("starts");
            for (int i = 0; i <= plan.starts(); i++) {
                for (String name : STARTS) {
                    startOnce(servers, name, i > 0 ? table : null);
                }
            }
            List<Target> all = startAll(servers, table);
            List<Target> warming = all.subList(1, all.size());
            for (Target server : warming) {
                stages.warmUp(server, plan.warmUp());
            }
            stages.requests(servers.direct(), all, plan.rounds(), plan.connections(), plan.cell());
            all.forEach(server ->
                    table.add("resident after the requests, MiB", server.name(), Proc.residentMiB(server.pid())));
            for (Target server : warming) {
                stages.warmUpStreams(server, plan.fewStreams(), plan.eventWarmUp());
            }
            streams(stages, servers.direct(), all, plan);
            stages.bodies(servers.direct(), plan.bodies());
            for (Target server : all) {
                stages.bodies(server, plan.bodies());
            }
        }
        Table micro = micro(plan);
        List<String> lines = new ArrayList<>(heading("-Xmx384m", stages));
        lines.addAll(List.of("", table.markdown(), "Parts alone, one thread:", "", micro.markdown()));
        lines.addAll(Method.LINES);
        page.replace("Standalone, " + plan.name() + " run", lines);
        lines.forEach(System.out::println);
    }

    private static void startOnce(Servers servers, String name, Table table) throws IOException {
        long begin = System.nanoTime();
        Target server = servers.start(name);
        FirstAnswer.await(server);
        double millis = (System.nanoTime() - begin) / 1e6;
        servers.stop(server);
        if (table == null) {
            return;
        }
        if (name.equals(Servers.INSTALLED)) {
            table.add(INSTALLED_START, Servers.ON, millis);
            return;
        }
        table.add("start to the first answer, ms", name, millis);
        if (name.equals(Servers.BARE)) {
            table.add(INSTALLED_START, name, millis);
        }
    }

    private static List<Target> startAll(Servers servers, Table table) throws IOException {
        List<Target> all = new ArrayList<>();
        for (String name : SERVERS) {
            Target server = servers.start(name);
            FirstAnswer.await(server);
            table.add("resident after the first answer, MiB", name, Proc.residentMiB(server.pid()));
            all.add(server);
        }
        return all;
    }

    /** Both sizes; direct first and last. */
    private static void streams(Stages stages, Target direct, List<Target> all, Plan plan) throws IOException {
        stages.streams(direct, plan.fewStreams(), plan.few());
        for (Target server : all) {
            stages.streams(server, plan.fewStreams(), plan.few());
        }
        for (Target server : Rotation.round(1, direct, all)) {
            stages.streams(server, plan.manyStreams(), plan.many());
        }
    }

    /** 4,000 streams with a heap of 512 MB. */
    private void manyStreams(Page page) throws IOException, InterruptedException {
        Table table = new Table(List.of(Servers.DIRECT, Servers.NGINX, Servers.BARE, Servers.ON), RATIOS.subList(0, 2));
        Stages stages = new Stages(table, work, deadlineNanos);
        Plan plan = Plan.full();
        EventClient.Phases phases =
                new EventClient.Phases(Duration.ofSeconds(6), Duration.ofSeconds(8), Duration.ofSeconds(15));
        try (Servers servers = new Servers(TARGET, work, "-Xmx512m")) {
            List<Target> all = new ArrayList<>();
            for (String name : List.of(Servers.NGINX, Servers.BARE, Servers.ON)) {
                Target server = servers.start(name);
                FirstAnswer.await(server);
                all.add(server);
            }
            for (Target server : all.subList(1, all.size())) {
                stages.warmUp(server, plan.warmUp());
                stages.warmUpStreams(server, 2 * plan.fewStreams(), plan.eventWarmUp());
            }
            for (Target server : Rotation.round(1, servers.direct(), all)) {
                stages.streams(server, 4000, phases);
            }
        }
        List<String> lines = new ArrayList<>(heading("-Xmx512m", stages));
        lines.addAll(List.of("", table.markdown()));
        page.replace("4,000 streams", lines);
        lines.forEach(System.out::println);
    }

    private void containers(Page page) throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>();
        List<String> complaints = new ArrayList<>();
        try (Servers servers = new Servers(TARGET, work, "-Xmx256m")) {
            for (Containers container : Containers.all(TARGET)) {
                lines.addAll(List.of("", container.measure(servers, work, deadlineNanos, complaints)));
            }
        }
        List<String> all = new ArrayList<>(heading("-Xmx256m", complaints));
        all.addAll(lines);
        page.replace("In stock containers", all);
        all.forEach(System.out::println);
    }

    private static Table micro(Plan plan) throws IOException, InterruptedException {
        Stages.say("parts alone");
        Table table = new Table(List.of("ns/call", "bytes allocated/call"), List.of());
        String classPath =
                TARGET.resolve("test-classes") + ":" + TARGET.resolve("keyway").resolve("WEB-INF/lib") + "/*";
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-cp",
                classPath,
                Micro.class.getName(),
                "" + plan.micro().toMillis());
        try (ChildProcess process = ChildProcess.start(command, TARGET, Map.of())) {
            if (process.awaitExit(Duration.ofSeconds(90)) != 0) {
                throw new IOException(process.output());
            }
            process.output().lines().map(line -> line.split("\t", -1)).forEach(fields -> {
                table.add(fields[0], "ns/call", Double.parseDouble(fields[1]));
                table.add(fields[0], "bytes allocated/call", Double.parseDouble(fields[2]));
            });
        }
        return table;
    }

    private List<String> heading(String heap, Stages stages) throws IOException, InterruptedException {
        return heading(heap, stages.complaints());
    }

    private List<String> heading(String heap, List<String> complaints) throws IOException, InterruptedException {
        List<String> lines = new ArrayList<>(List.of("- when: " + start));
        lines.addAll(Machine.lines());
        lines.add("- each Java server with " + heap + System.getProperty("bench.keyway.options", ""));
        lines.add("- load average before the run " + loadBefore + ", at its end " + Proc.load());
        lines.add("- errors: " + (complaints.isEmpty() ? "none" : String.join("; ", complaints)));
        return lines;
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            System.err.println("left behind: " + folder + ": " + e.getMessage());
        }
    }
}
