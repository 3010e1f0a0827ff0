package dev.keyway.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyway.app.WireClient.Answer;
import dev.keyway.sandbox.Conversation;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every answer, whoever made it, is counted on a raw socket: framing, own headers, what becomes of the connection. */
final class HttpComplianceE2eTest {
    private static final String MODEL = "openai/gpt-4o-mini";

    private static E2e e2e;

    @BeforeAll
    static void start(@TempDir Path home) throws IOException {
        e2e = E2e.start(
                home,
                "server.access_key=" + E2e.ACCESS_KEY,
                "server.max_body=1MB",
                "openrouter.google_rate_delay=0s",
                "cors.allowed_origins=https://app.example.com");
    }

    @AfterAll
    static void stop() {
        e2e.close();
    }

    /** A request and the status of its answer. */
    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    record Case(String name, int status, String method, String target, String body, String... headers) {
        @Override
        public String toString() {
            return name;
        }
    }

    private static String chat(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    }

    static Stream<Case> cases() {
        String key = E2e.BEARER;
        return Stream.of(
                new Case("stream", 200, "POST", E2e.CHAT, chat(MODEL, true), key),
                new Case("whole answer", 200, "POST", E2e.CHAT, chat(MODEL, false), key),
                new Case("list", 200, "GET", "/v1/models", "", key),
                new Case("HEAD through", 200, "HEAD", "/v1/models", "", key),
                new Case("HEAD of an own error", 401, "HEAD", "/v1/credits", ""),
                new Case("400 of ours", 400, "POST", E2e.CHAT, "{", key),
                new Case("400 of the upstream", 400, "POST", E2e.CHAT, chat("sandbox/400", false), key),
                new Case("400 for the path", 400, "GET", "/v1/a%2f..%2fb", "", key),
                new Case("401", 401, "POST", E2e.CHAT, chat(MODEL, false)),
                new Case("403", 403, "POST", "/v1/keys", "{}", key),
                new Case("404 of ours", 404, "GET", "/nothing", ""),
                new Case("404 of the upstream", 404, "GET", "/v1/nothing", "", key),
                new Case("405", 405, "POST", "/health", "{}"),
                new Case("413", 413, "POST", E2e.CHAT, "", key, "Content-Length: 1048577"),
                new Case("415", 415, "POST", E2e.CHAT, "x", key, "Content-Encoding: br"),
                new Case("429 of the provider", 429, "POST", E2e.CHAT, chat("sandbox/429-upstream:1", false), key),
                new Case("502", 502, "POST", E2e.CHAT, chat("sandbox/502", false), key),
                new Case("503 of the upstream", 503, "POST", E2e.CHAT, chat("sandbox/503:1", false), key),
                new Case("OPTIONS", 204, "OPTIONS", E2e.CHAT, ""),
                new Case("TRACE", 405, "TRACE", "/v1/models", "", key),
                new Case("health", 200, "GET", "/health", ""),
                new Case("HEAD of health", 200, "HEAD", "/health", ""),
                new Case("live", 200, "GET", "/health/live", ""),
                new Case("HEAD of ready", 200, "HEAD", "/health/ready", ""),
                new Case("405 of ready", 405, "PUT", "/health/ready", "{}"),
                new Case("below ready", 404, "GET", "/health/ready/x", ""),
                new Case("root", 200, "GET", "/", ""),
                new Case("HEAD of root", 200, "HEAD", "/", ""));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void an_answer_has_one_framing_and_each_of_our_headers_once_and_keeps_the_connection(Case asked)
            throws IOException {
        String id = "req-" + UUID.randomUUID();
        String[] headers = Stream.concat(Stream.of("X-Request-ID: " + id), Stream.of(asked.headers()))
                .toArray(String[]::new);
        try (WireClient client = new WireClient(e2e.port())) {
            client.request(asked.method(), asked.target(), asked.body().getBytes(UTF_8), headers);

            Answer answer = client.answer(asked.method());

            assertThat(answer.status()).describedAs(answer.text()).isEqualTo(asked.status());
            assertCompliant(answer);
            assertThat(answer.headers("X-Request-ID")).containsExactly(id);
            if (asked.status() == 413 || asked.status() == 415) {
                assertThat(answer.keepsConnection())
                        .describedAs("the body is not read")
                        .isFalse();
                return;
            }
            assertThat(answer.keepsConnection())
                    .describedAs(answer.lines().toString())
                    .isTrue();
            client.request("GET", "/health", E2e.NOTHING);
            assertThat(client.answer("GET").status()).isEqualTo(200);
        }
    }

    private static void assertCompliant(Answer answer) {
        List<String> lines = answer.lines();
        boolean empty = answer.status() == 204;
        int framings = answer.headers("Transfer-Encoding").size()
                + answer.headers("Content-Length").size();
        assertThat(framings).describedAs(lines.toString()).isLessThanOrEqualTo(1);
        assertThat(empty || framings == 1 || answer.body().length == 0)
                .describedAs(lines.toString())
                .isTrue();
        assertThat(answer.headers("Date")).describedAs(lines.toString()).hasSize(1);
        assertThat(answer.headers("Server")).containsExactly("Keyway");
        assertThat(answer.headers("X-Request-ID")).hasSize(1);
        assertThat(answer.headers("X-Process-Time")).hasSize(1).allMatch(time -> time.matches("\\d+\\.\\d{3}"));
        assertThat(answer.headers("X-Powered-By")).isEmpty();
        assertThat(answer.headers("Content-Type")).hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void own_errors_that_are_pipelined_are_all_answered_in_order() throws IOException {
        String bad = "POST " + E2e.CHAT + " HTTP/1.1\r\nHost: localhost\r\n" + E2e.BEARER
                + "\r\nX-Request-ID: one\r\nContent-Length: 1\r\n\r\n{";
        String unauthorised =
                "POST " + E2e.CHAT + " HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: two\r\nContent-Length: 2\r\n\r\n{}";
        String good = "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: three\r\n\r\n";
        try (WireClient client = new WireClient(e2e.port())) {
            client.send(bad + unauthorised + good);

            Answer first = client.answer("POST");
            Answer second = client.answer("POST");
            Answer third = client.answer("GET");

            assertThat(List.of(first.status(), second.status(), third.status())).containsExactly(400, 401, 200);
            assertThat(List.of(
                            first.header("X-Request-ID"), second.header("X-Request-ID"), third.header("X-Request-ID")))
                    .containsExactly("one", "two", "three");
        }
    }

    @Test
    void one_connection_serves_streams_and_errors_by_turns() throws IOException {
        try (WireClient client = new WireClient(e2e.port())) {
            for (int round = 0; round < 5; round++) {
                client.request("POST", E2e.CHAT, chat(MODEL, true).getBytes(UTF_8), E2e.BEARER);
                assertThat(client.answer("POST").text()).endsWith("data: [DONE]\n\n");
                client.request("POST", E2e.CHAT, "[]".getBytes(UTF_8), E2e.BEARER);
                assertThat(client.answer("POST").status()).isEqualTo(400);
                client.request("HEAD", "/v1/models", E2e.NOTHING, E2e.BEARER);
                assertThat(client.answer("HEAD").status()).isEqualTo(200);
            }
        }
    }

    @Test
    void a_503_of_ours_is_compliant_and_comes_at_once(@TempDir Path home) throws Exception {
        try (E2e full = E2e.start(home, "server.max_concurrent_requests=1");
                WireClient holder = new WireClient(full.port());
                WireClient client = new WireClient(full.port())) {
            CompletableFuture<Conversation> held = full.upstream.conversation("held");
            holder.request("POST", E2e.CHAT, E2e.chat("held").getBytes(UTF_8));
            Conversation conversation = held.get(10, TimeUnit.SECONDS);
            client.request("GET", "/health", E2e.NOTHING);
            client.answer("GET");

            long asked = System.nanoTime();
            client.request("POST", E2e.CHAT, E2e.chat("other").getBytes(UTF_8));
            Answer refused = client.answer("POST");
            long millis = (System.nanoTime() - asked) / 1_000_000;

            assertThat(refused.status()).isEqualTo(503);
            assertCompliant(refused);
            assertThat(Integer.parseInt(refused.header("Retry-After"))).isPositive();
            assertThat(refused.json().path("error").path("type").asText()).isEqualTo("unavailable");
            assertThat(refused.message()).contains("server.max_concurrent_requests");
            assertThat(millis).describedAs("the limit is 50 ms").isLessThan(50);
            assertThat(full.upstream.received()).hasSize(1);

            conversation.head(200, "Content-Type: application/json");
            conversation.send("{\"id\":\"x\"}").finish();
            assertThat(holder.answer("POST").status()).isEqualTo(200);
            await("the place is free again").atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
                client.request("GET", "/v1/models", E2e.NOTHING);
                assertThat(client.answer("GET").status()).isEqualTo(200);
            });
        }
    }

    /** Symptom: a client with a wrong key and a large prompt now and then saw a reset connection and no 401. */
    @Test
    void a_client_that_sends_much_still_reads_why_it_was_refused() throws Exception {
        HttpClient client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
        for (int round = 0; round < 40; round++) {
            HttpRequest request = HttpRequest.newBuilder(e2e.keyway.url(E2e.CHAT))
                    .version(HttpClient.Version.HTTP_1_1)
                    .POST(HttpRequest.BodyPublishers.ofByteArray(new byte[900 * 1024]))
                    .build();

            HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());

            assertThat(answer.statusCode()).isEqualTo(401);
        }
    }

    @Test
    void a_refused_body_that_comes_late_leaves_the_connection_usable() throws IOException {
        try (WireClient client = new WireClient(e2e.port())) {
            client.head("POST", E2e.CHAT, "Content-Length: 2");
            Answer refused = client.answer("POST");
            client.send("{}");
            client.request("GET", "/health", E2e.NOTHING);

            assertThat(refused.status()).isEqualTo(401);
            assertThat(client.answer("GET").status()).isEqualTo(200);
        }
    }

    /** As the JDK's client does by itself on a connection without TLS. */
    @Test
    void an_offer_to_speak_http_2_is_passed_over() throws Exception {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
        HttpRequest request = HttpRequest.newBuilder(e2e.keyway.url(E2e.CHAT))
                .header("Authorization", "Bearer " + E2e.ACCESS_KEY)
                .POST(HttpRequest.BodyPublishers.ofString(chat(MODEL, false)))
                .build();

        HttpResponse<String> answer = client.send(request, HttpResponse.BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_1_1);
    }

    @Test
    void expect_100_is_answered_before_the_body_and_only_when_it_is_wanted() throws IOException {
        byte[] body = chat(MODEL, false).getBytes(UTF_8);
        String[] headers = {E2e.BEARER, "Expect: 100-continue", "Content-Length: " + body.length};
        for (String target : List.of(E2e.CHAT, "/v1/audio/transcriptions")) {
            try (WireClient client = new WireClient(e2e.port())) {
                client.head("POST", target, headers);
                assertThat(client.headStatus()).describedAs(target).isEqualTo(100);
                client.send(body);

                Answer answer = client.answer("POST");

                assertThat(answer.interim()).isEmpty();
                assertThat(answer.status()).isIn(200, 400);
            }
        }
        assertThat(e2e.upstream.received()).allMatch(received -> received.header("Expect") == null);
    }

    /** A client that waits for leave to send must not get it when its request is refused by its head alone. */
    @ParameterizedTest
    @ValueSource(strings = {"401", "413", "415", "413 streamed"})
    void a_head_that_is_refused_gets_no_100(String refusal) throws IOException {
        String target = refusal.endsWith("streamed") ? "/v1/audio/transcriptions" : E2e.CHAT;
        String status = refusal.substring(0, 3);
        String[] headers = {
            status.equals("401") ? "X-Nothing: 1" : E2e.BEARER,
            "Expect: 100-continue",
            "Content-Length: " + (status.equals("413") ? 1_048_577 : 10),
            status.equals("415") ? "Content-Encoding: zstd" : "X-Nothing: 2"
        };
        try (WireClient client = new WireClient(e2e.port())) {
            client.head("POST", target, headers);

            Answer answer = client.answer("POST");

            assertThat(answer.status()).isEqualTo(Integer.parseInt(status));
            assertThat(answer.interim()).isEmpty();
            assertCompliant(answer);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\u00e9", "x\ty"})
    void a_request_id_that_is_not_printable_is_replaced(String id) throws IOException {
        Answer answer = e2e.get("/health", "X-Request-ID: " + id);

        assertThat(answer.headers("X-Request-ID")).hasSize(1);
        assertThat(UUID.fromString(answer.header("X-Request-ID"))).isNotNull();
        assertThat(answer.json().path("request_id").asText()).isEqualTo(answer.header("X-Request-ID"));
    }

    @Test
    void a_request_id_of_128_characters_is_kept_and_a_longer_one_is_not() throws IOException {
        String longest = "r".repeat(128);

        assertThat(e2e.get("/health", "X-Request-ID: " + longest).header("X-Request-ID"))
                .isEqualTo(longest);
        assertThat(e2e.get("/health", "X-Request-ID: " + longest + "r").header("X-Request-ID"))
                .hasSize(36);
    }

    /** What the server refuses before any of our code sees it has the same headers and shape. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /health HTTP/1.1\r\n\r\n",
                "GET /health HTTP/9.9\r\nHost: x\r\n\r\n",
                "nonsense\r\n\r\n",
                "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
                "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: three\r\n\r\n",
                "GET /%zz HTTP/1.1\r\nHost: x\r\n\r\n"
            })
    void a_malformed_request_is_refused_in_the_same_shape(String request) throws IOException {
        try (WireClient client = new WireClient(e2e.port())) {
            client.send(request);

            Answer answer = client.answer("GET");

            assertThat(answer.status()).isIn(400, 505);
            assertCompliant(answer);
            assertThat(answer.json().path("error").path("code").asInt()).isEqualTo(answer.status());
            assertThat(answer.json().path("error").path("request_id").asText())
                    .isEqualTo(answer.header("X-Request-ID"));
        }
    }
}
