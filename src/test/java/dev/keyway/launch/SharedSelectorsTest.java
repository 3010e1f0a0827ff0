package dev.keyway.launch;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.app.GatewayContextListener;
import dev.keyway.config.ConfigSource;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.Configs;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The threads that read clients read the upstream too, and no exchange passes from one thread to another. */
class SharedSelectorsTest {
    private static final int REQUESTS = 200;
    private static final int SELECTORS = Runtime.getRuntime().availableProcessors();
    private static final String BODY =
            "{\"model\":\"openai/gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

    @TempDir
    private Path home;

    private final List<Runnable> atTheEnd = new ArrayList<>();
    private Sandbox upstream;

    @BeforeEach
    void startUpstream() throws IOException {
        upstream = Sandbox.start(SandboxOptions.forTests());
    }

    @AfterEach
    void stop() {
        atTheEnd.forEach(Runnable::run);
        upstream.close();
    }

    private StandaloneServer start(String shared) throws IOException {
        return start(shared, "4096");
    }

    private StandaloneServer start(String shared, String maxConnections) throws IOException {
        Map<String, String> settings = new HashMap<>();
        settings.put("--home", home.toString());
        settings.put("openrouter.base_url", upstream.baseUrl().toString());
        settings.put("openrouter.keys", "sk-or-v1-shared");
        settings.put("keys.probe_interval", "0");
        settings.put("server.port", "0");
        settings.put("server.log_level", "ERROR");
        settings.put("server.shared_selectors", shared);
        settings.put("upstream.max_connections", maxConnections);
        ConfigSource config = Configs.loaded(settings, home);
        GatewayContextListener wiring = new GatewayContextListener(config);
        StandaloneServer server = StandaloneServer.start(config.config().server(), wiring);
        atTheEnd.add(wiring::close);
        atTheEnd.add(() -> server.stop(Duration.ZERO));
        return server;
    }

    @Test
    void no_thread_is_woken_to_read_a_connection_on_after_an_answer() throws IOException {
        StandaloneServer server = start("true");

        ask(server, REQUESTS);

        assertThat(upstream.received()).hasSize(REQUESTS);
        assertThat(server.handOvers()).isZero();
    }

    /** Clients are put on the selectors in turn. */
    @Test
    void each_selector_has_upstream_connections_of_its_own() throws IOException {
        StandaloneServer server = start("true");

        askOnOneConnectionForEachSelector(server);

        List<Set<Integer>> used = upstreamConnectionsOfEachClient();
        for (int i = 0; i < SELECTORS; i++) {
            for (int j = 0; j < i; j++) {
                assertThat(used.get(i)).doesNotContainAnyElementsOf(used.get(j));
            }
        }
    }

    @Test
    void few_upstream_connections_are_shared_by_all_selectors() throws IOException {
        StandaloneServer server = start("true", "1");

        askOnOneConnectionForEachSelector(server);

        assertThat(upstream.connections()).isEqualTo(1);
    }

    /** They ask in turn, in each round in the same order. */
    private List<Set<Integer>> upstreamConnectionsOfEachClient() {
        List<Set<Integer>> used = new ArrayList<>();
        List<Received> received = upstream.received();
        for (int i = 0; i < SELECTORS; i++) {
            used.add(new HashSet<>(List.of(
                    received.get(i).connection(), received.get(SELECTORS + i).connection())));
        }
        return used;
    }

    private static void askOnOneConnectionForEachSelector(StandaloneServer server) throws IOException {
        List<Socket> clients = new ArrayList<>();
        for (int i = 0; i < SELECTORS; i++) {
            clients.add(new Socket(InetAddress.getLoopbackAddress(), server.port()));
        }
        for (int round = 0; round < 2; round++) {
            for (Socket client : clients) {
                ask(client, 1);
            }
        }
        for (Socket client : clients) {
            client.close();
        }
    }

    @Test
    void switched_off_each_side_has_its_own() throws IOException {
        StandaloneServer server = start("false");

        ask(server, REQUESTS);

        assertThat(upstream.received()).hasSize(REQUESTS);
        // A thread that has just been woken shows for a moment where it is not.
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .untilAsserted(
                        () -> assertThat(selectorThreadsOf("keyway-upstream")).isPositive());
    }

    @Test
    void with_it_on_the_upstream_has_no_selector() throws IOException {
        StandaloneServer server = start("true");

        ask(server, 1);

        assertThat(selectorThreadsOf("keyway-upstream")).isZero();
    }

    /** One after the other on one connection. */
    private static void ask(StandaloneServer server, int times) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            ask(socket, times);
        }
    }

    private static void ask(Socket socket, int times) throws IOException {
        byte[] request = ("POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                        + "Content-Length: " + BODY.length() + "\r\n\r\n" + BODY)
                .getBytes(US_ASCII);
        OutputStream out = socket.getOutputStream();
        InputStream in = socket.getInputStream();
        for (int i = 0; i < times; i++) {
            out.write(request);
            assertThat(readAnswer(in)).startsWith("HTTP/1.1 200");
        }
    }

    private static String readAnswer(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) in.read());
        }
        int at = head.indexOf("Content-Length: ") + "Content-Length: ".length();
        in.readNBytes(Integer.parseInt(head.substring(at, head.indexOf("\r\n", at))));
        return head.toString();
    }

    private static long selectorThreadsOf(String pool) {
        return Thread.getAllStackTraces().entrySet().stream()
                .filter(thread -> thread.getKey().getName().startsWith(pool))
                .filter(thread -> Arrays.stream(thread.getValue())
                        .anyMatch(frame -> frame.getClassName().endsWith("ManagedSelector")
                                || frame.getClassName().contains("ManagedSelector$SelectorProducer")))
                .count();
    }
}
