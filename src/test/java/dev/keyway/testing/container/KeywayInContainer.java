package dev.keyway.testing.container;

import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A gateway in a stock container, configured by environment variables alone, before a stand-in OpenRouter of this
 * process.
 */
public final class KeywayInContainer implements AutoCloseable {
    /** The pool's keys; the first is taken while it can be. */
    public static final List<String> KEYS =
            List.of("sk-or-v1-" + "a".repeat(64), "sk-or-v1-" + "b".repeat(64), "sk-or-v1-" + "c".repeat(64));

    private final Sandbox sandbox;
    private final StockContainer container;

    private KeywayInContainer(Sandbox sandbox, StockContainer container) {
        this.sandbox = sandbox;
        this.container = container;
    }

    /** Starts both; the variables are those a user would set, beside address and keys of the upstream. */
    public static KeywayInContainer start(Deployment deployment, Map<String, String> more)
            throws IOException, InterruptedException {
        return start(deployment, more, base -> {});
    }

    /** The same, after a test changed the container's settings. */
    public static KeywayInContainer start(
            Deployment deployment, Map<String, String> more, Deployment.Preparation preparation)
            throws IOException, InterruptedException {
        Map<String, String> environment = new HashMap<>();
        environment.put("OPENROUTER_API_KEYS", String.join(",", KEYS));
        environment.put("KEYWAY_OPENROUTER_KEY_SELECTION_STRATEGY", "first");
        environment.put("KEYWAY_SERVER_DRAIN_TIMEOUT", "1s");
        environment.putAll(more);
        return configuredByFiles(deployment, environment, preparation);
    }

    /** The same with no variable but the upstream's address and those given: keys come from the homes' files. */
    public static KeywayInContainer configuredByFiles(
            Deployment deployment, Map<String, String> more, Deployment.Preparation preparation)
            throws IOException, InterruptedException {
        Sandbox sandbox = Sandbox.start(SandboxOptions.forTests());
        Map<String, String> environment = new HashMap<>();
        environment.put("OPENROUTER_BASE_URL", sandbox.baseUrl().toString());
        environment.putAll(more);
        try {
            return new KeywayInContainer(sandbox, deployment.start(environment, preparation));
        } catch (IOException | InterruptedException | RuntimeException | AssertionError e) {
            sandbox.close();
            throw e;
        }
    }

    public Sandbox sandbox() {
        return sandbox;
    }

    public StockContainer container() {
        return container;
    }

    /** A new connection to the container. */
    public WireClient connect() throws IOException {
        return WireClient.to(container.port());
    }

    /** The request target of something of the gateway's. */
    public String path(String within) {
        return container.contextPath() + within;
    }

    /** Waits for a line of one of the three logs below a home folder; they are written behind the request. */
    public String awaitLogLine(Path home, String log, Predicate<String> wanted) {
        return Awaitility.await(log + " of " + home)
                .until(
                        () -> lines(home, log).stream()
                                .filter(wanted)
                                .findFirst()
                                .orElse(""),
                        line -> !line.isEmpty());
    }

    private static List<String> lines(Path home, String log) throws IOException {
        List<String> lines = new ArrayList<>();
        if (Files.isDirectory(home.resolve("logs"))) {
            try (Stream<Path> files = Files.list(home.resolve("logs"))) {
                for (Path file : files.filter(f -> f.getFileName().toString().startsWith(log + "-"))
                        .toList()) {
                    lines.addAll(Files.readAllLines(file));
                }
            }
        }
        return lines;
    }

    @Override
    public void close() throws IOException {
        try {
            container.close();
        } finally {
            sandbox.close();
        }
    }
}
