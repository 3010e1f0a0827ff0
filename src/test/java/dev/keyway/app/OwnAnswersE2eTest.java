package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.app.WireClient.Answer;
import dev.keyway.sandbox.Conversation;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands on answers that Keyway makes itself, and on none that it only relays. */
final class OwnAnswersE2eTest {
    private static final String PAGE = "https://app.example.com";
    private static final String GZIP = "Accept-Encoding: br, gzip";
    private static final List<String> SAFETY = List.of(
            "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
            "X-Content-Type-Options: nosniff",
            "Referrer-Policy: no-referrer");

    @SuppressWarnings("NullAway.Init")
    private static E2e e2e;

    @BeforeAll
    static void start(@TempDir Path home) throws IOException {
        e2e = E2e.start(
                home, "cors.allowed_origins=[" + PAGE + "]", "cors.credentials=true", "rate_limit.max_requests=900");
    }

    @AfterAll
    static void stop() {
        e2e.close();
    }

    private static Answer conversation(String model, String... head) throws Exception {
        CompletableFuture<Conversation> held = e2e.upstream.conversation(model);
        try (WireClient client = new WireClient(e2e.port())) {
            client.request("POST", E2e.CHAT, E2e.chat(model).getBytes(StandardCharsets.UTF_8), GZIP);
            Conversation conversation = held.get(10, TimeUnit.SECONDS);
            conversation
                    .head(200, head)
                    .send("{\"id\":\"" + "x".repeat(5_000) + "\"}")
                    .finish();
            return client.answer("POST");
        }
    }

    @Test
    void S2_33_every_own_answer_says_that_no_page_is_to_be_made_of_it() throws IOException {
        byte[] broken = "{".getBytes(StandardCharsets.UTF_8);
        for (Answer own : List.of(
                e2e.get("/"),
                e2e.get("/health"),
                e2e.get("/health/live"),
                e2e.get("/health/ready"),
                e2e.get("/metrics/raw"),
                e2e.get("/openapi.yaml"),
                e2e.get("/admin/config"),
                e2e.get("/admin/nothing"),
                e2e.get("/container-error"),
                e2e.get("/nothing"),
                e2e.ask("DELETE", "/"),
                e2e.ask("OPTIONS", E2e.CHAT),
                e2e.ask("OPTIONS", "/admin/keys"),
                e2e.get("/v1"),
                e2e.get("/v1/models/providers"),
                e2e.get("/v1/models/nobody/nothing"),
                e2e.ask("OPTIONS", "/api/v1/inference"),
                e2e.post("/api/v1/inference", broken),
                e2e.ask("POST", "/api/v1/%69nference"),
                e2e.get("/v1//double"),
                e2e.get("/v1/credits", "Host: a.example"),
                e2e.post(E2e.CHAT, broken),
                e2e.post(E2e.CHAT, "x", "Content-Encoding: br"),
                e2e.post("/v1/messages", broken),
                e2e.post(E2e.CHAT, E2e.chat("sandbox/html-200")),
                e2e.get("/health", "no-colon"),
                e2e.get("/health", "X-Long: " + "x".repeat(40_000)))) {
            assertThat(own.lines()).describedAs(own.text()).containsAll(SAFETY);
            if (own.status() >= 400) {
                assertThat(own.headers("Cache-Control"))
                        .describedAs("status %d", own.status())
                        .containsExactly("no-store");
            }
        }
    }

    @Test
    void S2_33_what_the_upstream_answers_keeps_its_own_headers_and_gets_none_of_ours() throws Exception {
        Answer plain = conversation("own-1", "Content-Type: application/json");
        Answer with = conversation(
                "own-2",
                "Content-Type: application/json",
                "Content-Security-Policy: sandbox",
                "Cache-Control: max-age=7",
                "Referrer-Policy: origin");
        Answer error = e2e.post(E2e.CHAT, E2e.chat("sandbox/429"), GZIP);

        for (Answer relayed : List.of(plain, error)) {
            assertThat(relayed.lines()).noneMatch(SAFETY::contains).noneMatch(line -> line.startsWith("Cache-Control"));
        }
        assertThat(with.lines())
                .contains("Content-Security-Policy: sandbox", "Cache-Control: max-age=7", "Referrer-Policy: origin")
                .doesNotContainAnyElementsOf(SAFETY);
        assertThat(plain.headers("Content-Encoding"))
                .describedAs("relayed as it came, though the client reads gzip")
                .isEmpty();
        assertThat(plain.body()).hasSize(5_009);
    }

    @Test
    void own_json_that_is_long_is_compressed_for_whoever_reads_it() throws IOException {
        Answer plain = e2e.get("/admin/config");
        Answer coded = e2e.get("/admin/config", GZIP);
        Answer small = e2e.get("/admin/keys/k_00000000", GZIP);
        Answer head = e2e.ask("HEAD", "/admin/config", GZIP);

        assertThat(plain.headers("Content-Encoding")).isEmpty();
        assertThat(coded.headers("Content-Encoding")).containsExactly("gzip");
        assertThat(coded.headers("Content-Type")).containsExactly("application/json");
        assertThat(coded.body().length).isLessThan(plain.body().length / 2);
        assertThat(List.of(plain, coded))
                .allSatisfy(answer -> assertThat(answer.headers("Vary")).contains("Accept-Encoding"));
        assertThat(new String(unzipped(coded.body()), StandardCharsets.UTF_8)).startsWith("{\"hash\":");
        assertThat(small.headers("Content-Encoding")).isEmpty();
        assertThat(head.headers("Content-Encoding")).containsExactly("gzip");
        for (String refused : List.of("gzip;q=0", "gzip; q=0.000, *", "identity", "deflate", "*;q=0")) {
            assertThat(e2e.get("/admin/config", "Accept-Encoding: " + refused).headers("Content-Encoding"))
                    .describedAs(refused)
                    .isEmpty();
        }
        assertThat(e2e.get("/admin/config", "Accept-Encoding: *").headers("Content-Encoding"))
                .containsExactly("gzip");
    }

    private static byte[] unzipped(byte[] coded) throws IOException {
        try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(coded))) {
            return in.readAllBytes();
        }
    }

    @Test
    void the_description_of_the_surface_is_served_and_told_again_only_when_it_changed() throws IOException {
        byte[] file = Files.readAllBytes(Path.of("etc/openapi.yaml"));
        Answer plain = e2e.get("/openapi.yaml", "X-Forwarded-For: 203.0.113.7");
        Answer coded = e2e.get("/openapi.yaml", GZIP);

        assertThat(plain.status()).isEqualTo(200);
        assertThat(plain.body()).isEqualTo(file);
        assertThat(plain.headers("Content-Type")).containsExactly("application/yaml");
        assertThat(plain.headers("Cache-Control")).containsExactly("no-cache");
        assertThat(unzipped(coded.body())).isEqualTo(file);
        assertThat(coded.header("ETag")).isNotEqualTo(plain.header("ETag")).isNotEmpty();
        for (String known : List.of(plain.header("ETag"), "\"other\", W/" + coded.header("ETag"), "*")) {
            Answer again = e2e.get("/openapi.yaml", "If-None-Match: " + known);
            assertThat(again.status()).describedAs(known).isEqualTo(304);
            assertThat(again.headers("ETag")).containsExactly(plain.header("ETag"));
            assertThat(again.body()).isEmpty();
        }
        assertThat(e2e.get("/openapi.yaml", "If-None-Match: \"other\"").status())
                .isEqualTo(200);
        assertThat(e2e.ask("HEAD", "/openapi.yaml").headers("Content-Length"))
                .containsExactly(Integer.toString(file.length));
        assertThat(e2e.ask("POST", "/openapi.yaml").headers("Allow")).containsExactly("GET, HEAD");
    }

    @Test
    void S2_33_a_page_that_is_named_may_read_limits_and_send_credentials() throws IOException {
        Answer preflight = e2e.ask(
                "OPTIONS",
                E2e.CHAT,
                "Origin: " + PAGE,
                "Access-Control-Request-Method: POST",
                "Access-Control-Request-Headers: authorization,content-type");
        Answer answer = e2e.get("/v1/credits", "Origin: " + PAGE);
        Answer stranger = e2e.ask("OPTIONS", E2e.CHAT, "Origin: https://evil.example.com");

        assertThat(preflight.status()).isEqualTo(204);
        assertThat(preflight.headers("Access-Control-Allow-Credentials")).containsExactly("true");
        assertThat(preflight.headers("RateLimit-Limit")).isEmpty();
        assertThat(answer.headers("Access-Control-Allow-Credentials")).containsExactly("true");
        assertThat(answer.header("Access-Control-Expose-Headers"))
                .contains("X-RateLimit-Remaining", "RateLimit-Remaining", "RateLimit-Policy", "Retry-After");
        assertThat(stranger.lines()).noneMatch(line -> line.startsWith("Access-Control-"));
    }
}
