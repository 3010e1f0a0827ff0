package dev.keyway.bench;

import dev.keyway.testing.Ports;
import dev.keyway.testing.container.ChildProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The upstream and the servers compared, each a process of its own on the loopback address; all end with it. */
final class Servers implements AutoCloseable {
    static final String CHAT = "/api/v1/chat/completions";
    static final String DIRECT = "direct";
    static final String NGINX = "nginx";
    static final String BARE = "bare servlet";
    static final String ON = "Keyway, everything on";
    static final String OFF = "Keyway, everything off";
    /** {@link #ON} started as an installation starts it: its jars on the class path, and an archive of its classes. */
    static final String INSTALLED = "Keyway, installed";

    private static final String PLAIN_MODEL = "deepseek/deepseek-r1";
    private static final String TAGGED_MODEL = PLAIN_MODEL + "$think.high,fireworks";
    private static final String ACCESS_KEY = "bench-access-key-0123456789";
    private static final List<String> POOL = List.of("sk-or-v1-" + "a".repeat(64), "sk-or-v1-" + "b".repeat(64));
    private static final String OWN_KEY = "sk-or-v1-" + "c".repeat(64);

    private final Path target;
    private final Path work;
    private final String heap;
    private final List<ChildProcess> running = new ArrayList<>();
    private final int upstreamPort = Ports.free();
    private final Target direct;

    /**
     * Starts the upstream.
     *
     * @param target Maven's folder with what was built
     * @param work for configurations and logs
     * @param heap the option that limits the heap of each Java server
     */
    Servers(Path target, Path work, String heap) throws IOException {
        this.target = target;
        this.work = work;
        this.heap = heap;
        ChildProcess upstream = start(
                List.of(java(), "-Xmx256m", "-cp", testClasses(), LoadUpstream.class.getName(), "" + upstreamPort),
                Map.of());
        this.direct = new Target(DIRECT, upstreamPort, CHAT, OWN_KEY, PLAIN_MODEL, upstream.pid());
        FirstAnswer.await(direct);
    }

    Target direct() {
        return direct;
    }

    /** The port on which the upstream listens. */
    int upstreamPort() {
        return upstreamPort;
    }

    /** Starts the server of this name, if it is one of those above; answers before it is ready. */
    Target start(String name) throws IOException {
        int port = Ports.free();
        return switch (name) {
            case NGINX -> nginx(port);
            case BARE ->
                new Target(BARE, port, CHAT, OWN_KEY, PLAIN_MODEL, bare(port).pid());
            case ON ->
                new Target(
                        ON,
                        port,
                        CHAT,
                        ACCESS_KEY,
                        TAGGED_MODEL,
                        keyway("on", port, everythingOn()).pid());
            case INSTALLED ->
                new Target(
                        INSTALLED,
                        port,
                        CHAT,
                        ACCESS_KEY,
                        TAGGED_MODEL,
                        installed(port).pid());
            case OFF ->
                new Target(
                        OFF,
                        port,
                        CHAT,
                        OWN_KEY,
                        PLAIN_MODEL,
                        keyway("off", port, everythingOff()).pid());
            default -> throw new IllegalArgumentException(name);
        };
    }

    /** Ends one of them. */
    void stop(Target server) {
        for (ChildProcess process : List.copyOf(running)) {
            boolean isIt = process.pid() == server.pid()
                    || ProcessHandle.of(process.pid()).stream()
                            .flatMap(ProcessHandle::children)
                            .anyMatch(child -> child.pid() == server.pid());
            if (isIt) {
                process.close();
                running.remove(process);
            }
        }
    }

    private Target nginx(int port) throws IOException {
        Path folder = Files.createDirectories(work.resolve("nginx-" + port));
        String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
        String configuration = Files.readString(Path.of("etc", "bench", "nginx.conf"))
                .replace("@USER@", user)
                .replace("@FOLDER@", folder.toString())
                .replace("@PORT@", "" + port)
                .replace("@UPSTREAM@", "" + upstreamPort);
        Path file = Files.writeString(folder.resolve("nginx.conf"), configuration);
        ChildProcess master =
                start(List.of("nginx", "-p", folder.toString(), "-e", "stderr", "-c", file.toString()), Map.of());
        ProcessHandle handle = ProcessHandle.of(master.pid()).orElseThrow();
        long deadline = System.nanoTime() + FirstAnswer.LIMIT.toNanos();
        while (handle.children().findAny().isEmpty() && master.isAlive() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(FirstAnswer.POLL_NANOS);
        }
        ProcessHandle worker = handle.children()
                .findFirst()
                .orElseThrow(() -> new IOException("nginx has no worker: " + master.output()));
        // It would go on without its master, which is killed when this program is ended.
        Runtime.getRuntime().addShutdownHook(new Thread(worker::destroyForcibly));
        return new Target(NGINX, port, CHAT, OWN_KEY, PLAIN_MODEL, worker.pid());
    }

    private ChildProcess bare(int port) throws IOException {
        String classPath = testClasses() + ":" + target.resolve("lib-standalone") + "/*:"
                + jars().collect(Collectors.joining(":"));
        return start(
                List.of(java(), heap, "-cp", classPath, BareProxy.class.getName(), "" + port, "" + upstreamPort),
                Map.of());
    }

    /** Jetty's jars of the WAR and what they need: without log4j, the bare servlet logs nothing. */
    private Stream<String> jars() throws IOException {
        return BareWar.jars(target).map(Path::toString);
    }

    private ChildProcess keyway(String name, int port, String configuration) throws IOException {
        Path home = home(name, port, configuration);
        List<String> command = new ArrayList<>(List.of(java(), heap));
        String more = System.getProperty("bench.keyway.options", "");
        if (!more.isBlank()) {
            command.addAll(List.of(more.strip().split("\\s+", -1)));
        }
        command.addAll(List.of("-jar", target.resolve("keyway.war").toString()));
        command.addAll(List.of("--home", home.toString(), "--port", "" + port));
        return start(
                command,
                Map.of(
                        "HOME",
                        work.toString(),
                        "XDG_CACHE_HOME",
                        work.resolve("cache").toString()));
    }

    private Path home(String name, int port, String configuration) throws IOException {
        Path home = Files.createDirectories(work.resolve("home-" + name + "-" + port));
        Files.writeString(home.resolve("keyway.yml"), configuration);
        return home;
    }

    private ChildProcess installed(int port) throws IOException {
        Path home = home("installed", port, everythingOn());
        return start(
                List.of(install().toString(), "--home", home.toString(), "--port", "" + port),
                Map.of("JAVA_HOME", System.getProperty("java.home"), "JAVA_OPTS", heap));
    }

    /** Installs it below the working folder unless it is there; answers its command. */
    private Path install() throws IOException {
        Path root = work.resolve("installed");
        Path command = root.resolve("bin/keyway");
        if (Files.exists(command)) {
            return command;
        }
        Path jars = Files.createDirectories(root.resolve("share/keyway/lib"));
        try (ZipFile war = new ZipFile(target.resolve("keyway.war").toFile())) {
            for (ZipEntry entry : Collections.list(war.entries())) {
                if (entry.getName().matches("WEB-INF/lib(-standalone)?/[^/]+\\.jar")) {
                    Files.copy(
                            war.getInputStream(entry),
                            jars.resolve(Path.of(entry.getName()).getFileName()));
                }
            }
        }
        Files.createDirectories(command.getParent());
        Files.copy(Path.of("deploy", "bin", "keyway"), command, StandardCopyOption.COPY_ATTRIBUTES);
        List<String> archive = List.of(
                "bash",
                Path.of("deploy", "bin", "make-class-archive").toAbsolutePath().toString(),
                root.resolve("share/keyway/classes.jsa").toString(),
                command.toString());
        try (ChildProcess made =
                ChildProcess.start(archive, work, Map.of("JAVA_HOME", System.getProperty("java.home")))) {
            if (made.awaitExit(FirstAnswer.LIMIT) != 0) {
                throw new IOException(made.output());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
        return command;
    }

    String everythingOn() {
        return "server: {access_key: " + ACCESS_KEY + "}\nopenrouter:\n  base_url: " + baseUrl() + "\n  keys: ["
                + String.join(", ", POOL) + "]\n";
    }

    private String everythingOff() {
        return "auth: {passthrough: true}\nusage_injection: false\nopenrouter: {base_url: \"" + baseUrl() + "\"}\n";
    }

    private String baseUrl() {
        return "http://127.0.0.1:" + upstreamPort + "/api/v1";
    }

    /** A Keyway with everything on that runs elsewhere. */
    static Target on(String name, int port, String contextPath, long pid) {
        return new Target(name, port, contextPath + CHAT, ACCESS_KEY, TAGGED_MODEL, pid);
    }

    /** A bare proxy that runs elsewhere. */
    static Target bare(String name, int port, String contextPath, long pid) {
        return new Target(name, port, contextPath + CHAT, OWN_KEY, PLAIN_MODEL, pid);
    }

    private ChildProcess start(List<String> command, Map<String, String> environment) throws IOException {
        ChildProcess process = ChildProcess.start(command, work, environment);
        running.add(process);
        return process;
    }

    private String testClasses() {
        return target.resolve("test-classes").toString();
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    @Override
    public void close() {
        running.forEach(ChildProcess::close);
        running.clear();
    }
}
