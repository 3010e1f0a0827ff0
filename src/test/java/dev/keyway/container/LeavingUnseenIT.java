package dev.keyway.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Conversation;
import dev.keyway.sandbox.Received;
import dev.keyway.testing.Proof;
import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.KeywayInContainer;
import dev.keyway.testing.container.WireClient;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Clients that leave while nothing is written to them, in every stock container, with the container's own way of
 * taking a client's address from a header switched on.
 */
@ParameterizedClass
@MethodSource("dev.keyway.testing.container.Deployment#oneOfEach")
class LeavingUnseenIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final Duration SOON = Duration.ofSeconds(10);
    /** What is promised is 2 s; a busy machine may need longer. */
    private static final Duration LIMIT = Duration.ofSeconds(4);

    private static final Duration SOME_LOOKS = Duration.ofSeconds(3);
    private static final Proof PROOF = Proof.named("watch");
    private static final int DROPS = PROOF.size(40, 400);
    private static final int WAVE = 20;

    @SuppressWarnings("NullAway.Init")
    private static KeywayInContainer keyway;

    LeavingUnseenIT(Deployment deployment) {}

    @BeforeParameterizedClassInvocation
    static void start(Deployment deployment) throws Exception {
        keyway = KeywayInContainer.start(
                deployment, Map.of("KEYWAY_SERVER_ALLOW_OPEN", "true"), LeavingUnseenIT::believeForwarded);
    }

    private static void believeForwarded(Path base) throws IOException {
        Path tomcat = base.resolve("conf");
        if (Files.isDirectory(tomcat)) {
            Files.writeString(
                    tomcat.resolve("context.xml"),
                    "<Context><Valve className=\"org.apache.catalina.valves.RemoteIpValve\"/></Context>\n");
        } else {
            Files.createDirectories(base.resolve("start.d"));
            Files.writeString(base.resolve("start.d/http-forwarded.ini"), "--module=http-forwarded\n");
        }
    }

    /** A client that leaves is no error of the server's. */
    @AfterParameterizedClassInvocation
    static void stop() throws Exception {
        String log = keyway.container().allLogs();
        keyway.close();
        assertThat(log).doesNotContain("\tat ", "SEVERE", "sk-or-v1-");
    }

    @BeforeEach
    void forget() {
        keyway.sandbox().clear();
    }

    private static WireClient ask(WireClient connection, String model, boolean stream, String... headers)
            throws IOException {
        return connection.post(
                keyway.path(CHAT),
                "{\"model\":\"" + model + "\",\"stream\":" + stream
                        + ",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}",
                headers);
    }

    private static Conversation conversation(WireClient client, boolean stream, String... headers) throws Exception {
        CompletableFuture<Conversation> coming = keyway.sandbox().conversation(MODEL);
        ask(client, MODEL, stream, headers);
        return coming.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    private static void leave(WireClient client, boolean reset) throws IOException {
        if (reset) {
            client.reset();
        } else {
            client.close();
        }
    }

    /** Without admin secret. RemoteIpValve takes the header away that it believed, so only its own mark is left. */
    @Test
    void who_comes_through_a_proxy_that_the_container_believes_is_not_local() throws Exception {
        for (String address : List.of("127.0.0.1", "203.0.113.5", "127.0.0.1, 127.0.0.1")) {
            try (WireClient client = keyway.connect()) {
                Answer answer = client.request("GET", keyway.path("/admin/keys"), "X-Forwarded-For: " + address)
                        .answer();

                assertThat(answer.status()).describedAs("%s", answer).isEqualTo(403);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"true,false", "true,true", "false,false", "false,true"})
    void the_upstream_is_aborted_when_the_client_leaves(boolean silentStream, boolean reset) throws Exception {
        WireClient client = keyway.connect();
        Conversation upstream = conversation(client, silentStream);
        if (silentStream) {
            upstream.startStream().event("{\"id\":\"gen-1\",\"choices\":[]}");
            client.head();
            client.chunksUntil("gen-1");
        }

        long left = System.nanoTime();
        leave(client, reset);

        assertThat(upstream.awaitClientClosed(SOON)).isTrue();
        Duration took = Duration.ofNanos(System.nanoTime() - left);
        upstream.cut();
        PROOF.report(
                "%s: %s, %s: upstream aborted after %d ms",
                keyway.container().version(),
                silentStream ? "silent stream" : "waiting for the first byte",
                reset ? "RST" : "FIN",
                took.toMillis());
        assertThat(took).isLessThan(LIMIT);
    }

    /** The container tells an address that is in no table of sockets. */
    @Test
    void a_client_behind_a_proxy_is_left_alone() throws Exception {
        try (WireClient direct = keyway.connect();
                WireClient client = keyway.connect()) {
            Conversation besides = conversation(direct, true);
            Conversation upstream = conversation(client, true, "X-Forwarded-For: 203.0.113.7");

            assertThat(upstream.awaitClientClosed(SOME_LOOKS)).isFalse();

            upstream.startStream()
                    .event("{\"id\":\"gen-1\",\"choices\":[]}")
                    .send("data: [DONE]\n\n")
                    .finish();
            assertThat(client.answer().whole()).isTrue();
            besides.startStream().send("data: [DONE]\n\n").finish();
        }
    }

    /** A response that the watch ends, while others are served with what the container uses again. */
    @Test
    void a_client_that_left_unseen_never_harms_another_request() throws Exception {
        List<String> failures = new ArrayList<>();
        int fresh = 0;
        for (int wave = 0; wave < DROPS / WAVE; wave++) {
            keyway.sandbox().clear();
            List<WireClient> leaving = new ArrayList<>();
            for (int i = 0; i < WAVE; i++) {
                WireClient client = keyway.connect();
                ask(client, i % 2 == 0 ? "sandbox/stall" : "sandbox/slow-headers:30000", i % 4 < 2);
                leaving.add(client);
            }
            Awaitility.await()
                    .atMost(SOON)
                    .until(() -> keyway.sandbox().received().size(), size -> size == WAVE);
            List<Received> left = keyway.sandbox().received();
            for (int i = 0; i < WAVE; i++) {
                leave(leaving.get(i), i % 3 == 0);
                fresh += serve(failures);
            }
            long deadline = System.nanoTime() + SOON.toNanos();
            while (!areClosed(left) && System.nanoTime() < deadline) {
                fresh += serve(failures);
            }
            for (int i = 0; i < WAVE; i++) {
                fresh += serve(failures);
            }
            assertThat(areClosed(left)).isTrue();
        }

        PROOF.report(
                "%s: %d drops in silence, %d of %d other requests harmed",
                keyway.container().version(), DROPS, failures.size(), fresh);
        assertThat(failures).isEmpty();
    }

    private static boolean areClosed(List<Received> requests) throws InterruptedException {
        for (Received request : requests) {
            if (!request.awaitClosedEarly(Duration.ZERO)) {
                return false;
            }
        }
        return true;
    }

    private static int serve(List<String> failures) {
        try (WireClient fresh = keyway.connect()) {
            Answer answer = ask(fresh, MODEL, false).answer();
            if (answer.status() != 200 || !answer.whole() || !answer.text().contains("gen-")) {
                failures.add(answer.toString());
            }
        } catch (IOException e) {
            failures.add(e.toString());
        }
        return 1;
    }
}
