package dev.keyway.safety;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.sandbox.Conversation;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.LogFolder;
import dev.keyway.testing.Post;
import dev.keyway.testing.Proof;
import dev.keyway.testing.container.InstalledJava;
import dev.keyway.testing.container.KeywayProcess;
import dev.keyway.testing.container.WireClient;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What signals do to streams that are under way and to what comes after, and the exit codes. */
@SuppressWarnings("try") // what is opened is used by what is asked
class DrainIT {
    private static final Proof PROOF = Proof.named("drain");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CHAT = "/v1/chat/completions";
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final String MODELS = "/v1/models";
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path home;

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    static List<Path> javaHomes() throws IOException {
        return InstalledJava.homes();
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void live_streams_end_byte_for_byte_whole_and_nothing_new_is_served(Path java) throws Exception {
        int count = PROOF.size(200, 1000);
        int rounds = PROOF.size(20, 200);
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway = KeywayProcess.in(home)
                        .java(java)
                        .before(upstream.baseUrl())
                        // On a busy machine a stream may be silent for long: nothing is put in, nothing broken off.
                        .environment("KEYWAY_SERVER_KEEP_ALIVE_INTERVAL", "0")
                        .environment("KEYWAY_SERVER_DRAIN_TIMEOUT", "5m")
                        .serve();
                WireClient idle = connect(keyway)) {
            assertThat(idle.request("GET", MODELS).answer().status()).isEqualTo(200);
            upstream.clear();
            List<CompletableFuture<HttpResponse<byte[]>>> streams = new ArrayList<>();
            List<Conversation> answers = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                CompletableFuture<Conversation> next = upstream.conversation(MODEL);
                streams.add(LiveStreams.open(client, keyway.url(CHAT), MODEL));
                answers.add(next.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).startStream());
            }
            sayAll(answers, 0);

            keyway.terminate();
            awaitNotReady(keyway);
            for (int i = 0; i < 5; i++) {
                try (WireClient fresh = connect(keyway)) {
                    isTurnedAway(fresh);
                }
            }
            isTurnedAway(idle);
            assertThat(Post.get(keyway.url("/health/live")).statusCode()).isEqualTo(200);
            long stillOpen = streams.stream().filter(open -> !open.isDone()).count();
            for (int round = 1; round < rounds; round++) {
                sayAll(answers, round);
            }
            for (Conversation answer : answers) {
                answer.event("[DONE]").finish();
            }
            CompletableFuture.allOf(streams.toArray(CompletableFuture[]::new)).join();
            int exit = keyway.awaitExit(PATIENCE);

            assertThat(stillOpen)
                    .describedAs("streams that outlived the signal")
                    .isEqualTo(count);
            for (CompletableFuture<HttpResponse<byte[]>> open : streams) {
                HttpResponse<byte[]> answer = open.join();
                Received sent = sent(upstream, Post.header(answer, "X-Generation-Id"));
                assertThat(answer.statusCode()).isEqualTo(200);
                assertThat(new String(answer.body(), StandardCharsets.UTF_8)).endsWith("data: [DONE]\n\n");
                assertThat(sha256(answer.body())).isEqualTo(sent.responseSha256());
            }
            assertThat(upstream.received())
                    .describedAs("nothing new was sent on")
                    .hasSize(count);
            assertThat(exit).isZero();
            assertThat(keyway.output())
                    .contains("drain begun: running=" + count + " drain_timeout=5m", "drain ended: running=0");
            PROOF.report(
                    "Java %d: %d streams whole after SIGTERM, exit code %d", InstalledJava.version(java), count, exit);
        }
    }

    @ParameterizedTest
    @MethodSource("javaHomes")
    void a_second_sigterm_ends_it_at_once_with_143_and_streams_are_told(Path java) throws Exception {
        endsAtOnce(java, "TERM", 143);
    }

    @Test
    void ctrl_c_twice_ends_it_at_once_with_130() throws Exception {
        endsAtOnce(InstalledJava.homes().get(0), "INT", 130);
    }

    private void endsAtOnce(Path java, String signal, int code) throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway = KeywayProcess.in(home)
                        .java(java)
                        .before(upstream.baseUrl())
                        .serve()) {
            CompletableFuture<HttpResponse<byte[]>> stream =
                    LiveStreams.open(client, keyway.url(CHAT), "sandbox/paced:2000:50");
            await().atMost(PATIENCE).until(() -> LiveStreams.flowing(upstream) == 1);
            keyway.signal(signal);
            awaitNotReady(keyway);
            // What comes within 200 ms is taken for the same signal; so long it must have run on.
            long before = upstream.received().get(0).responseLength();
            await().atMost(PATIENCE).until(() -> upstream.received().get(0).responseLength() > before + 2_000);
            assertThat(stream).isNotDone();

            long begun = System.nanoTime();
            keyway.signal(signal);
            int exit = keyway.awaitExit(PATIENCE);

            assertThat(exit).isEqualTo(code);
            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
            assertThat(new String(stream.join().body(), StandardCharsets.UTF_8))
                    .contains("\"finish_reason\":\"error\"", "shutting down")
                    .doesNotContain("[DONE]");
            assertThat(keyway.output()).contains("running requests broken off: running=1");
            assertThat(LogFolder.of(home).text("requests"))
                    .describedAs("its last line was still written")
                    .contains("\"ended\":\"upstream_broken\"");
        }
    }

    /** For a load balancer that asks now and then: it hears of the end before a client does. */
    @Test
    void during_the_drain_delay_it_is_not_ready_but_serves_and_a_further_signal_ends_that_too() throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway = KeywayProcess.in(home)
                        .before(upstream.baseUrl())
                        .environment("KEYWAY_SERVER_DRAIN_DELAY", "1h")
                        .serve();
                WireClient kept = connect(keyway)) {
            assertThat(kept.request("GET", "/health/ready").answer().status()).isEqualTo(200);

            keyway.terminate();
            awaitNotReady(keyway);
            Answer last = kept.request("GET", MODELS).answer();
            HttpResponse<String> whole = Post.json(keyway.url(CHAT), Post.chat(MODEL, false));
            // Of no effect while it counts as the same one.
            await().atMost(PATIENCE).until(() -> {
                keyway.terminate();
                return !keyway.process().isAlive();
            });

            assertThat(last.status()).isEqualTo(200);
            assertThat(last.header("Connection")).isEqualTo("close");
            assertThat(kept.read(new byte[1]))
                    .describedAs("the connection's end")
                    .isEqualTo(-1);
            assertThat(whole.statusCode()).isEqualTo(200);
            assertThat(keyway.awaitExit(PATIENCE)).isEqualTo(143);
            assertThat(keyway.output()).contains("stop announced, still serving: drain_delay=1h");
        }
    }

    @Test
    void a_hangup_without_a_terminal_has_the_configuration_read_again_and_ends_nothing() throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway = KeywayProcess.in(home)
                        .before(upstream.baseUrl())
                        .environment("KEYWAY_SERVER_WATCH_CONFIG", "0")
                        .serve()) {
            Files.writeString(home.resolve("keyway.yml"), "usage_injection: false\n");

            keyway.signal("HUP");

            await().atMost(PATIENCE).until(() -> keyway.output().contains("changed=[usage_injection]"));
            assertThat(keyway.output()).contains("configuration reloaded: trigger=signal");
            assertThat(Post.get(keyway.url("/health/ready")).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void after_the_drain_delay_it_drains_and_ends_with_0() throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway = KeywayProcess.in(home)
                        .before(upstream.baseUrl())
                        .environment("KEYWAY_SERVER_DRAIN_DELAY", "300ms")
                        .serve()) {
            keyway.signal("INT");

            assertThat(keyway.awaitExit(PATIENCE)).isZero();
            assertThat(keyway.output()).contains("still serving: drain_delay=300ms", "drain ended: running=0");
        }
    }

    @Test
    void a_stream_longer_than_the_drain_timeout_is_told_so_in_an_event() throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway = KeywayProcess.in(home)
                        .before(upstream.baseUrl())
                        .environment("KEYWAY_SERVER_DRAIN_TIMEOUT", "1s")
                        .serve()) {
            CompletableFuture<HttpResponse<byte[]>> stream =
                    LiveStreams.open(client, keyway.url(CHAT), "sandbox/paced:1000:50");
            await().atMost(PATIENCE).until(() -> LiveStreams.flowing(upstream) == 1);

            keyway.terminate();
            String body = new String(stream.join().body(), StandardCharsets.UTF_8);
            int exit = keyway.awaitExit(PATIENCE);

            List<String> events = List.of(body.split("\n\n", -1));
            assertThat(events.get(events.size() - 1)).isEmpty();
            assertThat(events.get(events.size() - 2))
                    .startsWith("data: {")
                    .contains("\"finish_reason\":\"error\"", "shutting down");
            assertThat(body).doesNotContain("[DONE]");
            assertThat(upstream.received().get(0).awaitClosedEarly(Duration.ofSeconds(5)))
                    .isTrue();
            assertThat(exit).isZero();
        }
    }

    /** One event of each stream, no two of them alike. */
    private static void sayAll(List<Conversation> answers, int round) throws IOException {
        for (int i = 0; i < answers.size(); i++) {
            answers.get(i)
                    .event("{\"id\":\"gen-" + i + "\",\"model\":\"m\",\"created\":7,\"choices\":[{\"index\":0,"
                            + "\"delta\":{\"content\":\"" + "word ".repeat((i * 31 + round * 7) % 50) + round
                            + "\"},\"finish_reason\":null}]}");
        }
    }

    private static WireClient connect(KeywayProcess keyway) throws IOException {
        return WireClient.to(keyway.url("/").getPort());
    }

    /** Each time on a connection of its own, as health checks come. */
    private static void awaitNotReady(KeywayProcess keyway) {
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            try (WireClient probe = connect(keyway)) {
                return probe.request("GET", "/health/ready").answer().status() == 503;
            }
        });
    }

    private static void isTurnedAway(WireClient client) throws IOException {
        Answer answer = client.request("GET", MODELS).answer();
        JsonNode error = JSON.readTree(answer.body()).path("error");

        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isEqualTo("5");
        assertThat(answer.header("Connection")).isEqualTo("close");
        assertThat(error.path("type").asText()).isEqualTo("unavailable");
        assertThat(error.path("message").asText()).contains("stopping");
        assertThat(client.read(new byte[1])).describedAs("the connection's end").isEqualTo(-1);
    }

    private static Received sent(Sandbox upstream, String generation) {
        return upstream.received().stream()
                .filter(received -> generation.equals(received.generationId()))
                .findFirst()
                .orElseThrow();
    }

    private static String sha256(byte[] bytes) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
