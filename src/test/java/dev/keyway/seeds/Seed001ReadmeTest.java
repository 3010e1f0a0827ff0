package dev.keyway.seeds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.sandbox.Reply;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Keyway in the place of the Python proxy: its {@code config.yml}, an access key, keys that take turns. */
final class Seed001ReadmeTest {
    private static final String CONFIG = """
            # Server settings
            server:
              host: "0.0.0.0" # Interface to bind to
              port: 5555 # Port to listen on
              access_key: "your_local_access_key_here" # Authentication key
              log_level: "INFO" # Logging level (DEBUG, INFO, WARNING, ERROR, CRITICAL)
              http_log_level: "INFO" # HTTP access logs level (DEBUG, INFO, WARNING, ERROR, CRITICAL)

            # OpenRouter API settings
            openrouter:
              keys:
                - "sk-or-v1-your-first-api-key"
                - "sk-or-v1-your-second-api-key"
                - "sk-or-v1-your-third-api-key"

              # Cache settings for free models endpoint
              enable_cache: true # Enable response caching
              cache_ttl: 300 # Cache lifetime in seconds (5 minutes)

              base_url: "https://openrouter.ai/api/v1" # OpenRouter API endpoint
              public_endpoints: ["/api/v1/models"] # No auth required

              # Key selection strategy: "round-robin" (default), "first" or "random".
              key_selection_strategy: "round-robin"
              # Options: ["same"] to prefer last used key
              key_selection_opts: []

              # When keys get rate limited
              rate_limit_cooldown: 14400 # 4 hours
              free_only: false # Only show free models
              google_rate_delay: 0 # Delay for Google API issues

            # Outgoing proxy configuration
            requestProxy:
              enabled: false # Enable to use proxy
              url: "socks5://user:pass@proxy.com:1080" # Proxy URL with credentials
            """;

    private static final String AUTHENTICATION = "Authorization: Bearer your_local_access_key_here";
    private static final String FIRST = "sk-or-v1-your-first-api-key";
    private static final String SECOND = "sk-or-v1-your-second-api-key";
    private static final String THIRD = "sk-or-v1-your-third-api-key";
    private static final int FOUR_HOURS = 14400;

    @TempDir
    private Path home;

    private Successor.Setup setup() throws IOException {
        return Successor.of(home, 5555).file("config.yml", CONFIG);
    }

    private static HttpCall chat() {
        return CurlLines.one("""
                curl http://localhost:5555/api/v1/chat/completions -H "Content-Type: application/json" \
                -d '{"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}'
                """);
    }

    @Test
    void all_requests_are_proxied_and_the_keys_take_turns() throws IOException {
        try (Successor keyway = setup().start()) {
            for (int i = 1; i <= 3; i++) {
                keyway.relayed(chat().with(AUTHENTICATION));
                assertThat(keyway.last().target()).isEqualTo("/api/v1/chat/completions");
            }
            keyway.relayed(CurlLines.one("curl \"http://localhost:5555/api/v1/key?some=query\"")
                    .with(AUTHENTICATION));
            assertThat(keyway.last().target()).isEqualTo("/api/v1/key?some=query");

            assertThat(keyway.keysSeen())
                    .containsExactly("Bearer " + FIRST, "Bearer " + SECOND, "Bearer " + THIRD, "Bearer " + FIRST);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', Authorization header missing",
        "Authorization: Basic dXNlcjpwYXNz, Invalid authentication scheme",
        "Authorization: Bearer some_other_access_key, Invalid access key"
    })
    void who_does_not_show_the_access_key_is_refused(String header, String detail) throws IOException {
        try (Successor keyway = setup().start()) {
            Answer refused = keyway.ask(header.isEmpty() ? chat() : chat().with(header));

            assertThat(refused.status()).isEqualTo(401);
            assertThat(Successor.json(refused).get("detail").textValue()).isEqualTo(detail);
            assertThat(Successor.json(refused).at("/error/message").textValue()).isEqualTo(detail);
            assertThat(keyway.upstream.received()).isEmpty();
        }
    }

    @Test
    void public_endpoints_need_no_key_and_get_none() throws IOException {
        try (Successor keyway = setup().start()) {
            keyway.assertListsTheUpstreamsModels(keyway.get("/api/v1/models"));

            assertThat(keyway.upstream.received())
                    .allSatisfy(received ->
                            assertThat(received.headers("Authorization")).isEmpty());
        }
    }

    @Test
    void health_is_ok() throws IOException {
        try (Successor keyway = setup().start()) {
            Answer health = keyway.get("/health");

            assertThat(health.status()).isEqualTo(200);
            assertThat(Successor.json(health).get("status").textValue()).isEqualTo("ok");
            assertThat(Successor.json(health).get("kms_status").textValue()).isEqualTo("up");
        }
    }

    /** The two faults that the page gives as its reason to be. */
    @Test
    void headers_neither_contradict_each_other_nor_come_twice() throws IOException {
        try (Successor keyway = setup().start()) {
            Reply theirs = Successor.chat("openai/gpt-4o-mini", "Hello!")
                    .withHeader("Date", "Fri, 13 Jun 2025 01:42:55 GMT")
                    .withHeader("Server", "cloudflare");
            Reply stream = Successor.stream("openai/gpt-4o-mini", "Once")
                    .withHeader("Date", "Fri, 13 Jun 2025 01:42:55 GMT")
                    .withHeader("Server", "cloudflare");
            keyway.upstreamAnswers(FIRST, theirs);
            keyway.upstreamAnswers(SECOND, stream);

            for (Answer answer : List.of(
                    keyway.relayed(chat().with(AUTHENTICATION)),
                    keyway.relayed(chat().with(AUTHENTICATION)),
                    keyway.get("/health"),
                    keyway.ask(chat()))) {
                assertThat(answer.all("Date")).hasSize(1).doesNotContain("Fri, 13 Jun 2025 01:42:55 GMT");
                assertThat(answer.all("Server")).containsExactly("Keyway");
                assertThat(answer.all("Transfer-Encoding").size()
                                + answer.all("Content-Length").size())
                        .isEqualTo(1);
                assertThat(answer.all("X-Process-Time"))
                        .singleElement()
                        .asString()
                        .matches("\\d+\\.\\d+");
            }
        }
    }

    @Test
    void requests_are_traced_by_their_id() throws IOException {
        try (Successor keyway = setup().start()) {
            Answer named = keyway.relayed(chat().with(AUTHENTICATION).with("X-Request-ID: traced-end-to-end"));
            Answer unnamed = keyway.relayed(chat().with(AUTHENTICATION));
            keyway.stop();

            assertThat(named.all("X-Request-ID")).containsExactly("traced-end-to-end");
            assertThat(unnamed.all("X-Request-ID")).singleElement().asString().hasSize(36);
            assertThat(keyway.written()).contains("traced-end-to-end", unnamed.header("X-Request-ID"));
        }
    }

    @Test
    void raw_metrics_have_the_six_names() throws IOException {
        try (Successor keyway = setup().start()) {
            Answer raw = keyway.get("/metrics/raw");

            assertThat(raw.status()).isEqualTo(200);
            assertThat(raw.header("Content-Type")).startsWith("text/plain");
            assertThat(raw.text().lines())
                    .contains("kms_active_keys 3.0", "kms_cooldown_keys 0.0")
                    .anyMatch(line -> line.startsWith("openrouter_tokens_sent_total "))
                    .anyMatch(line -> line.startsWith("openrouter_tokens_received_total "))
                    .anyMatch(line -> line.startsWith("system_cpu_usage_percent "))
                    .anyMatch(line -> line.startsWith("system_memory_usage_percent "));
        }
    }

    /** Ruled: the next key serves the request that found the limit, where the page's program only served the next. */
    @Test
    void a_rate_limited_key_rests_for_rate_limit_cooldown_and_others_serve() throws IOException {
        try (Successor keyway =
                setup().variable("OPENROUTER_KEYS", SECOND + "," + THIRD).start()) {
            Reply limited = Reply.json(429, "{\"error\":{\"message\":\"Rate limit exceeded\",\"code\":429}}");
            keyway.upstreamAnswers(SECOND, limited);
            keyway.upstreamAnswers(THIRD, Reply.normal(), limited);

            Answer served = keyway.relayed(chat().with(AUTHENTICATION));
            assertThat(served.header("X-Keyway-Attempts")).isEqualTo("2");
            assertThat(keyway.ask(chat().with(AUTHENTICATION)).status()).isEqualTo(429);
            Answer out = keyway.ask(chat().with(AUTHENTICATION));

            // Of OPENROUTER_KEYS alone, which stand in place of those in the file.
            assertThat(keyway.keysSeen()).containsExactly("Bearer " + SECOND, "Bearer " + THIRD, "Bearer " + THIRD);
            assertThat(out.status()).isEqualTo(503);
            assertThat(Integer.parseInt(out.header("Retry-After"))).isBetween(FOUR_HOURS - 60, FOUR_HOURS);
            assertThat(Successor.json(out).get("detail").textValue())
                    .contains("All API keys are currently disabled due to rate limits. Please try again later.");
            JsonNode health = Successor.json(keyway.get("/health"));
            assertThat(health.get("kms_status").textValue()).isEqualTo("down");
        }
    }

    @Test
    void keys_of_another_form_are_refused_at_the_start() throws IOException {
        List<String> told = Successor.of(home, 5555)
                .file("config.yml", CONFIG.replace(SECOND, "your-second-api-key"))
                .refused();

        assertThat(told)
                .filteredOn(line -> line.contains("openrouter.keys"))
                .singleElement()
                .asString()
                .contains("config.yml:", "key 2 ", "does not start with sk-or-")
                .doesNotContain("your-second-api-key");
    }
}
