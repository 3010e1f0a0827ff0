package dev.keyway.safety;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.Post;
import dev.keyway.testing.Proof;
import dev.keyway.testing.container.InstalledJava;
import dev.keyway.testing.container.KeywayProcess;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What SIGTERM does to streams that are under way, and the exit code. */
@SuppressWarnings("try") // what is opened is used by what is asked
class DrainIT {
    private static final Proof PROOF = Proof.named("drain");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final String CHAT = "/v1/chat/completions";

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
        int count = PROOF.size(20, 200);
        String stream = PROOF.isLong() ? "sandbox/paced:100:100" : "sandbox/paced:40:50";
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway = KeywayProcess.in(home)
                        .java(java)
                        .before(upstream.baseUrl())
                        .serve()) {
            List<CompletableFuture<HttpResponse<byte[]>>> streams = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                streams.add(open(keyway.url(CHAT), stream));
            }
            await().atMost(PATIENCE).until(() -> flowing(upstream) == count);

            keyway.terminate();
            await().atMost(Duration.ofSeconds(10)).until(() -> turnsAway(keyway.url("/v1/models")));
            long stillOpen = streams.stream().filter(open -> !open.isDone()).count();
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
            assertThat(exit).isZero();
            PROOF.report(
                    "Java %d: %d streams whole after SIGTERM, exit code %d", InstalledJava.version(java), count, exit);
        }
    }

    @Test
    void a_stream_longer_than_the_drain_timeout_is_told_so_in_an_event() throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                KeywayProcess keyway = KeywayProcess.in(home)
                        .before(upstream.baseUrl())
                        .environment("KEYWAY_SERVER_DRAIN_TIMEOUT", "1s")
                        .serve()) {
            CompletableFuture<HttpResponse<byte[]>> stream = open(keyway.url(CHAT), "sandbox/paced:1000:50");
            await().atMost(PATIENCE).until(() -> flowing(upstream) == 1);

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

    private CompletableFuture<HttpResponse<byte[]>> open(URI url, String model) {
        HttpRequest request = HttpRequest.newBuilder(url)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(Post.chat(model, true)))
                .build();
        return client.sendAsync(request, BodyHandlers.ofByteArray());
    }

    /** Streams of which the stand-in has sent more than the head. */
    private static long flowing(Sandbox upstream) {
        return upstream.received().stream()
                .filter(received -> received.responseLength() > 500)
                .count();
    }

    private static boolean turnsAway(URI url) throws IOException, InterruptedException {
        try {
            HttpClient fresh = HttpClient.newHttpClient();
            HttpRequest request =
                    HttpRequest.newBuilder(url).timeout(Duration.ofSeconds(5)).build();
            return fresh.send(request, BodyHandlers.discarding()).statusCode() == 503;
        } catch (ConnectException refused) {
            return true;
        }
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
