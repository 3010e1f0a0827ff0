package dev.keyway.testing.container;

import dev.keyway.testing.Ports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.stream.Stream;

/**
 * A running stock container with the built WAR in its {@code webapps}, on 127.0.0.1 and a free port, in a temporary
 * folder that is deleted when it is closed.
 */
public final class StockContainer implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);

    private final Deployment deployment;
    private final Path base;
    private final int port;
    private final ChildProcess process;

    private StockContainer(Deployment deployment, Path base, int port, ChildProcess process) {
        this.deployment = deployment;
        this.base = base;
        this.port = port;
        this.process = process;
    }

    static StockContainer start(
            Deployment deployment, Map<String, String> environment, Deployment.Preparation preparation)
            throws IOException, InterruptedException {
        Distribution distribution = deployment.distribution();
        Path base = Files.createTempDirectory("keyway-container-").toRealPath();
        distribution.prepare(base);
        distribution.deploy(base, deployment.name());
        preparation.on(base);
        int port = Ports.free();
        ChildProcess process = ChildProcess.start(
                distribution.command(base, port), base, environment(distribution, base, port, environment));
        StockContainer container = new StockContainer(deployment, base, port, process);
        try {
            process.await("listened on " + port, START, running -> container.isListening());
        } catch (AssertionError | InterruptedException e) {
            container.close();
            throw e;
        }
        return container;
    }

    private static Map<String, String> environment(
            Distribution distribution, Path base, int port, Map<String, String> given) {
        Map<String, String> environment = new HashMap<>();
        environment.put("HOME", base.toString());
        // Tests count what reaches the upstream.
        environment.put("KEYWAY_KEYS_PROBE_INTERVAL", "0");
        environment.put("JAVA_HOME", Distribution.javaHome().toString());
        environment.putAll(distribution.environment(base, port));
        environment.putAll(given);
        return environment;
    }

    /** Both containers listen only after they have deployed what is in {@code webapps}. */
    private boolean isListening() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    /** Where something of the WAR is to be asked for; {@code path} begins with a slash and is used as it is. */
    public URI uri(String path) {
        return URI.create("http://127.0.0.1:" + port + deployment.contextPath() + path);
    }

    /** {@code /keyway} or empty. */
    public String contextPath() {
        return deployment.contextPath();
    }

    public int port() {
        return port;
    }

    /** The instance's folder: {@code jetty.base} or {@code catalina.base}. */
    public Path base() {
        return base;
    }

    /** What the container calls itself in its own log, with its version. */
    public String version() {
        Matcher matcher = deployment.distribution().selfDescription().matcher(log());
        if (!matcher.find()) {
            throw new AssertionError(deployment + " never said its version:\n" + log());
        }
        return matcher.group(1);
    }

    /** What it printed, the last lines. */
    public String log() {
        return process.output();
    }

    /** The WAR as it lies in {@code webapps}. */
    public Path war() {
        return base.resolve("webapps").resolve(deployment.name() + ".war");
    }

    /** SIGTERM; returns at once. */
    public void terminate() {
        process.terminate();
    }

    /** Waits for the end of the process after {@link #terminate}. */
    public void awaitExit(Duration atMost) throws InterruptedException {
        process.awaitExit(atMost);
    }

    /** Waits until something is true of it; fails with its log. */
    public void await(String what, Duration atMost, Predicate<StockContainer> condition) throws InterruptedException {
        process.await(what, atMost, running -> condition.test(this));
    }

    /** What {@code jcmd <pid> <command>} of the Java it runs on prints. */
    public String jcmd(String command) throws IOException {
        Process jcmd = new ProcessBuilder(
                        Distribution.javaHome().resolve("bin").resolve("jcmd").toString(),
                        Long.toString(javaPid()),
                        command)
                .redirectErrorStream(true)
                .start();
        return new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    /** The Java that serves: Tomcat's script and Jetty's {@code start.jar} may have a process of their own before it. */
    public long javaPid() {
        return handle().descendants()
                .filter(child -> child.info()
                        .command()
                        .map(name -> name.endsWith("java"))
                        .orElse(false))
                .findFirst()
                .orElse(handle())
                .pid();
    }

    /** What it printed, and every file in its {@code logs}: Tomcat tells of web applications there only. */
    public String allLogs() throws IOException {
        StringBuilder text = new StringBuilder(log());
        Path logs = base.resolve("logs");
        if (Files.isDirectory(logs)) {
            try (Stream<Path> files = Files.list(logs)) {
                for (Path file : files.filter(Files::isRegularFile).toList()) {
                    text.append('\n').append(Files.readString(file));
                }
            }
        }
        return text.toString();
    }

    /** Prints which container, by its own word, a check has run in: one that is left out shows. */
    public void report(String check) {
        System.out.println(
                "[container] " + version() + " at " + (contextPath().isEmpty() ? "/" : contextPath()) + ": " + check);
    }

    public ProcessHandle handle() {
        return ProcessHandle.of(process.pid()).orElseThrow();
    }

    /** SIGTERM, and after 40 s SIGKILL; its folder goes too. */
    @Override
    public void close() throws IOException {
        process.close();
        try (Stream<Path> files = Files.walk(base)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
