package dev.keyway.safety;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.Post;
import dev.keyway.testing.Proof;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * 100 reloads and 12 bad files while requests are served: none fails, and each sees one configuration whole. The
 * configuration's number stands in it three times: in a parameter that an alias adds, in a header, and as the key.
 */
class ReloadsUnderLoadTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int CLIENTS = 8;
    private static final String HASH = "X-Keyway-Config";

    /** Each is refused for a reason of its own. */
    private static final List<String> BAD = List.of(
            "usage_injection: perhaps",
            "surprise: 1",
            "upstream: {hold: soon}",
            "openrouter: {keys: [not-a-key]}",
            "model_aliases: ['(=x']",
            "admin: {secret: short}",
            "a: b: c",
            "server: [1, 2]",
            "usage_injection: true\nusage_injection: false",
            "cors: {allowed_origins: [not an origin]}",
            "openrouter: {keys: [${NO_SUCH_VARIABLE}]}",
            "\u0000");

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    /** What a client was told: its request to the hash of the configuration that served it. */
    private final Map<String, String> served = new ConcurrentHashMap<>();

    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger requests = new AtomicInteger();

    @TempDir
    private Path home;

    private static String key(int number) {
        return "sk-or-v1-" + String.format("%064d", number % 3);
    }

    private static String yaml(int number) {
        return """
                model_aliases: ['^m$=openai/gpt-4o-mini?top_k=%1$d']
                identity: {x_title: {mode: override, override_value: configuration %1$d}}
                openrouter: {keys: [%2$s]}
                """.formatted(number, key(number));
    }

    private void write(String yaml) throws IOException {
        Path next = home.resolve("next");
        Files.writeString(next, yaml);
        Files.move(next, home.resolve("keyway.yml"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    }

    private HttpResponse<String> reload(RunningKeyway keyway) throws IOException, InterruptedException {
        return client.send(
                HttpRequest.newBuilder(keyway.url("/admin/config/reload"))
                        .POST(BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    private void keepAsking(RunningKeyway keyway, int me) {
        for (int i = 0; !over.get(); i++) {
            String id = "client-" + me + "-" + i;
            boolean stream = i % 4 == 0;
            String body = Post.chat("m", stream).replaceFirst("\\{", "{\"user\":\"" + id + "\",");
            try {
                HttpResponse<String> answer = client.send(
                        HttpRequest.newBuilder(keyway.url("/v1/chat/completions"))
                                .header("Content-Type", "application/json")
                                .header("X-Request-ID", id)
                                .POST(BodyPublishers.ofString(body))
                                .build(),
                        BodyHandlers.ofString());
                requests.incrementAndGet();
                List<String> hashes = answer.headers().allValues(HASH);
                if (answer.statusCode() != 200
                        || hashes.size() != 1
                        || (stream && !answer.body().endsWith("data: [DONE]\n\n"))) {
                    failures.add(id + ": " + answer.statusCode() + " " + hashes + " " + answer.body());
                } else {
                    served.put(id, hashes.get(0));
                }
            } catch (IOException e) {
                failures.add(id + ": " + e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Test
    void no_request_fails_and_each_sees_one_configuration() throws Exception {
        Proof proof = Proof.named("reloads");
        int reloads = proof.size(100, 2000);
        Map<String, Integer> numbers = new HashMap<>();
        write(yaml(1));
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests().withRecord(1_000_000, 1L << 30));
                RunningKeyway keyway = RunningKeyway.before(
                        upstream.baseUrl(),
                        home,
                        Map.of("openrouter.keys", "", "server.log_level", "CRITICAL", "server.watch_config", "0"))) {
            numbers.put(hashNow(keyway), 1);
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                int me = i;
                clients.add(CompletableFuture.runAsync(() -> keepAsking(keyway, me), threads));
            }
            int bad = 0;
            for (int number = 2; number <= reloads + 1; number++) {
                write(yaml(number));
                HttpResponse<String> taken = reload(keyway);
                assertThat(taken.statusCode()).describedAs(taken.body()).isEqualTo(200);
                String hash = JSON.readTree(taken.body()).path("hash").asText();
                numbers.put(hash, number);
                // Else the load would see a few of them only.
                int seen = requests.get();
                while (requests.get() < seen + CLIENTS && failures.isEmpty()) {
                    Thread.onSpinWait();
                }
                if ((number - 1) % (reloads / BAD.size()) == 0 && bad < BAD.size()) {
                    write(BAD.get(bad++));
                    HttpResponse<String> refused = reload(keyway);
                    assertThat(refused.statusCode()).describedAs(refused.body()).isEqualTo(400);
                    assertThat(hashNow(keyway)).isEqualTo(hash);
                }
            }
            over.set(true);
            clients.forEach(CompletableFuture::join);
            assertThat(bad).isEqualTo(BAD.size());
            assertThat(failures).isEmpty();
            assertThat(numbers).hasSize(reloads + 1);
            assertThat(served).hasSize(requests.get());
            for (Received received : upstream.received()) {
                assertOneConfiguration(received, numbers);
            }
            assertThat(upstream.received()).hasSize(requests.get());
            proof.report(
                    "%d reloads and %d bad files under %d requests of %d clients: 0 failed, each saw one of %d"
                            + " configurations, %d were seen",
                    reloads,
                    bad,
                    requests.get(),
                    CLIENTS,
                    numbers.size(),
                    served.values().stream().distinct().count());
        } finally {
            over.set(true);
            threads.shutdownNow();
        }
    }

    private String hashNow(RunningKeyway keyway) throws IOException, InterruptedException {
        HttpResponse<String> answer =
                client.send(HttpRequest.newBuilder(keyway.url("/admin/config")).build(), BodyHandlers.ofString());
        String hash = JSON.readTree(answer.body()).path("hash").asText();
        assertThat(answer.headers().allValues(HASH)).containsExactly(hash);
        return hash;
    }

    private void assertOneConfiguration(Received received, Map<String, Integer> numbers) throws IOException {
        JsonNode body = JSON.readTree(new String(received.body(), StandardCharsets.UTF_8));
        String told = served.get(body.path("user").asText());
        assertThat(told).describedAs("hash told for %s", body).isNotNull();
        int number = numbers.get(told);
        assertThat(body.path("top_k").asInt(-1)).isEqualTo(number);
        assertThat(received.header("X-Title")).isEqualTo("configuration " + number);
    }
}
