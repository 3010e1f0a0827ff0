package dev.keyway.testing;

import dev.keyway.app.Gateway;
import dev.keyway.app.GatewayContextListener;
import dev.keyway.config.ConfigSource;
import dev.keyway.config.GatewayConfig;
import dev.keyway.launch.StandaloneServer;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntSupplier;
import java.util.stream.Stream;

/** A whole gateway in this process: real configuration, real embedded server on a free port, real logs in a folder. */
public final class RunningKeyway implements AutoCloseable {
    /** A pool key that the stand-in accepts. */
    public static final String POOL_KEY = "sk-or-v1-" + "1".repeat(64);

    private final StandaloneServer server;
    private final AutoCloseable wiring;
    private final Path home;

    private IntSupplier watched = () -> {
        throw new IllegalStateException("only known of one with a clock of the test's own");
    };

    private RunningKeyway(StandaloneServer server, AutoCloseable wiring, Path home) {
        this.server = server;
        this.wiring = wiring;
        this.home = home;
    }

    /** Starts with these settings, path to value, beside an upstream; no access key, one pool key unless given. */
    public static RunningKeyway before(URI upstream, Path home, Map<String, String> settings) throws IOException {
        return start(config(upstream, home, settings));
    }

    /** The same with a clock of the test's own, for all that is wall time. */
    public static RunningKeyway before(URI upstream, Path home, Map<String, String> settings, InstantSource clock)
            throws IOException {
        return before(upstream, home, settings, clock, clock);
    }

    /** The same with one more clock, for what must not follow a step of the first. */
    public static RunningKeyway before(
            URI upstream, Path home, Map<String, String> settings, InstantSource clock, InstantSource steady)
            throws IOException {
        ConfigSource source = config(upstream, home, settings);
        GatewayConfig config = source.config();
        Gateway gateway = new Gateway(source, clock, steady, null, null);
        ServletContextListener wiring = new ServletContextListener() {
            @Override
            public void contextInitialized(ServletContextEvent event) {
                gateway.install(event.getServletContext());
            }
        };
        RunningKeyway running =
                new RunningKeyway(StandaloneServer.start(config.server(), wiring), gateway, config.home());
        running.watched = gateway::watchedClients;
        return running;
    }

    private static ConfigSource config(URI upstream, Path home, Map<String, String> settings) throws IOException {
        Map<String, String> overrides = new LinkedHashMap<>();
        overrides.put("--home", home.toString());
        overrides.put("openrouter.base_url", upstream.toString());
        overrides.put("server.port", "0");
        overrides.put("server.drain_timeout", "1s");
        overrides.put("openrouter.keys", POOL_KEY);
        // Else a test that counts what reaches its upstream would count a probe now and then.
        overrides.put("keys.probe_interval", "0");
        overrides.putAll(settings);
        overrides.values().removeIf(String::isEmpty);
        return Configs.loaded(overrides, home);
    }

    private static RunningKeyway start(ConfigSource source) throws IOException {
        GatewayContextListener wiring = new GatewayContextListener(source);
        GatewayConfig config = source.config();
        return new RunningKeyway(StandaloneServer.start(config.server(), wiring), wiring, config.home());
    }

    /** How many clients it watches now. */
    public int watchedClients() {
        return watched.getAsInt();
    }

    public int port() {
        return server.port();
    }

    public URI url(String path) {
        return URI.create("http://127.0.0.1:" + port() + path);
    }

    /** All lines of one of the three logs, after what is queued was written. */
    public List<String> log(String name) throws IOException {
        Path logs = home.resolve("logs");
        if (!Files.isDirectory(logs)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(logs)) {
            List<Path> ours = files.filter(file -> file.getFileName().toString().startsWith(name + "-"))
                    .sorted()
                    .toList();
            List<String> lines = new java.util.ArrayList<>();
            for (Path file : ours) {
                lines.addAll(Files.readAllLines(file));
            }
            return lines;
        }
    }

    /** Begins the end as SIGTERM does: drains, then stops. */
    @Override
    public void close() {
        try {
            wiring.close();
        } catch (Exception e) {
            throw new IllegalStateException("the gateway did not close", e);
        }
        server.stop(Duration.ZERO);
    }
}
