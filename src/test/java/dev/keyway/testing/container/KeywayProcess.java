package dev.keyway.testing.container;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code java -jar keyway.war} as a process of its own, with nothing in its environment but what a test gives it. */
public final class KeywayProcess implements AutoCloseable {
    private static final Pattern ADDRESS = Pattern.compile("listening: address=(http://\\S+)");
    private static final Duration START = Duration.ofSeconds(60);

    private final ChildProcess process;
    private final Path errors;

    private KeywayProcess(ChildProcess process, Path errors) {
        this.process = process;
        this.errors = errors;
    }

    /** What to run it with. */
    public static final class Launch {
        private final Path folder;
        private Path javaHome = Distribution.javaHome();
        private final List<String> options = new ArrayList<>(List.of("-Xmx256m"));
        private final Map<String, String> environment = new HashMap<>();
        private String limits = "";
        private List<String> main = List.of("-jar", Distribution.property("keyway.war"));

        private Launch(Path folder) {
            this.folder = folder;
            environment.put("HOME", folder.toString());
            environment.put("XDG_CACHE_HOME", folder.resolve("cache").toString());
            // Tests count what reaches the upstream.
            environment.put("KEYWAY_KEYS_PROBE_INTERVAL", "0");
        }

        public Launch java(Path home) {
            javaHome = home;
            return this;
        }

        /** An option of the Java machine; a later one wins. */
        public Launch option(String option) {
            options.add(option);
            return this;
        }

        /** Its main class and class path, in place of {@code -jar keyway.war}. */
        public Launch program(String... arguments) {
            main = List.of(arguments);
            return this;
        }

        /** With a limit of the shell's, such as {@code -n 256} for files. */
        public Launch limit(String ulimit) {
            limits += "ulimit " + ulimit + " && ";
            return this;
        }

        public Launch environment(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /** In front of this upstream, with a key that a stand-in takes. */
        public Launch before(URI upstream) {
            environment.put("OPENROUTER_API_KEY", "sk-or-v1-" + "1".repeat(64));
            return environment("OPENROUTER_BASE_URL", upstream.toString());
        }

        /** Starts it. */
        public KeywayProcess run(String... arguments) throws IOException {
            Files.createDirectories(folder);
            Path errors = Files.createTempFile(folder, "stderr", ".txt");
            // A build in the background ignores SIGINT, one under nohup SIGHUP, and so would all that they start.
            List<String> command = new ArrayList<>(List.of(
                    "bash",
                    "-c",
                    limits + "exec env --default-signal=INT,HUP \"$@\" 2>" + errors.getFileName(),
                    "keyway",
                    javaHome + "/bin/java"));
            command.addAll(options);
            command.addAll(main);
            command.addAll(List.of(arguments));
            return new KeywayProcess(ChildProcess.start(command, folder, environment), errors);
        }

        /** Starts it on a free port and waits until it serves. */
        public KeywayProcess serve(String... arguments) throws IOException, InterruptedException {
            List<String> all = new ArrayList<>(List.of(arguments));
            if (!all.contains("--port")) {
                all.addAll(List.of("--port", "0"));
            }
            KeywayProcess keyway = run(all.toArray(String[]::new));
            try {
                keyway.process.await(
                        "served",
                        START,
                        child -> ADDRESS.matcher(child.output()).find());
            } catch (AssertionError | InterruptedException e) {
                keyway.close();
                throw e;
            }
            return keyway;
        }
    }

    /** To be run in this folder, which is its home unless it is told otherwise. */
    public static Launch in(Path folder) {
        return new Launch(folder);
    }

    /** Where it said it listens, with this path. */
    public URI url(String path) {
        Matcher matcher = ADDRESS.matcher(process.output());
        if (!matcher.find()) {
            throw new AssertionError("it never said its address:\n" + process.output());
        }
        return URI.create(matcher.group(1) + path);
    }

    /** What it printed on standard output. */
    public String output() {
        return process.output();
    }

    /** What it printed on standard error. */
    public String errors() throws IOException {
        return Files.readString(errors);
    }

    public ChildProcess process() {
        return process;
    }

    /** SIGTERM. */
    public void terminate() {
        process.terminate();
    }

    /** Any signal, such as {@code INT}. */
    public void signal(String name) throws IOException, InterruptedException {
        int exit = new ProcessBuilder("bash", "-c", "kill -" + name + " " + process.pid())
                .inheritIO()
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException("kill -" + name + " " + process.pid() + " ended with " + exit);
        }
    }

    /** SIGKILL; returns when it is gone. */
    public void kill() throws InterruptedException {
        ProcessHandle.of(process.pid()).ifPresent(ProcessHandle::destroyForcibly);
        process.awaitExit(Duration.ofSeconds(10));
    }

    /** Waits for its end; the exit code. */
    public int awaitExit(Duration atMost) throws InterruptedException {
        return process.awaitExit(atMost);
    }

    @Override
    public void close() {
        process.close();
    }
}
