package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.app.WireClient.Answer;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Limits in a whole gateway: which routes, whose requests, and what clients are told. */
final class RateLimitsE2eTest {
    private static final String MODELS = "/v1/credits";
    private static final String FROM = "X-Forwarded-For: ";
    private static final List<String> FAMILIES = List.of("x-ratelimit-", "ratelimit-");
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");

    @TempDir
    private Path home;

    private Instant now = NOON;

    @SuppressWarnings("NullAway.Init") // each test starts its own
    private Sandbox upstream;

    @SuppressWarnings("NullAway.Init")
    private RunningKeyway keyway;

    private void start(String... settings) throws IOException {
        Map<String, String> overrides = new LinkedHashMap<>();
        overrides.put("server.log_level", "ERROR");
        overrides.put("server.watch_config", "0");
        for (String setting : settings) {
            String[] pair = setting.split("=", 2);
            overrides.put(pair[0], pair[1]);
        }
        upstream = Sandbox.start(SandboxOptions.forTests());
        keyway = RunningKeyway.before(upstream.baseUrl(), home, overrides, () -> now);
    }

    @AfterEach
    void stop() {
        keyway.close();
        upstream.close();
    }

    private Answer ask(String method, String target, String... headers) throws IOException {
        return WireClient.ask(keyway.port(), method, target, E2e.NOTHING, headers);
    }

    private Answer get(String target, String... headers) throws IOException {
        return ask("GET", target, headers);
    }

    private Answer chat(String model, String... headers) throws IOException {
        byte[] body = E2e.chat(model).getBytes(StandardCharsets.UTF_8);
        return WireClient.ask(keyway.port(), "POST", "/api/v1/chat/completions", body, headers);
    }

    private static List<String> limitLines(Answer answer) {
        return answer.lines().stream()
                .filter(line -> FAMILIES.stream().anyMatch(line.toLowerCase(java.util.Locale.ROOT)::startsWith))
                .sorted()
                .toList();
    }

    @Test
    void S2_32_both_families_of_headers_tell_limit_rest_and_reset_on_every_answer() throws IOException {
        start("rate_limit.max_requests=2");
        Answer first = get(MODELS);
        now = now.plusMillis(100_500);
        Answer second = get(MODELS);
        Answer third = get(MODELS);

        assertThat(List.of(first.status(), second.status(), third.status())).containsExactly(200, 200, 429);
        assertThat(limitLines(first))
                .containsExactly(
                        "RateLimit-Limit: 2",
                        "RateLimit-Policy: 2;w=900",
                        "RateLimit-Remaining: 1",
                        "RateLimit-Reset: 900",
                        "X-RateLimit-Limit: 2",
                        "X-RateLimit-Remaining: 1",
                        "X-RateLimit-Reset: " + NOON.plusSeconds(900).getEpochSecond());
        assertThat(limitLines(third))
                .describedAs("799.5 seconds are left")
                .containsExactly(
                        "RateLimit-Limit: 2",
                        "RateLimit-Policy: 2;w=900",
                        "RateLimit-Remaining: 0",
                        "RateLimit-Reset: 800",
                        "X-RateLimit-Limit: 2",
                        "X-RateLimit-Remaining: 0",
                        "X-RateLimit-Reset: " + NOON.plusSeconds(900).getEpochSecond());
        now = NOON.plus(Duration.ofMinutes(15));
        assertThat(get(MODELS).header("RateLimit-Remaining")).isEqualTo("1");
    }

    @Test
    void S2_31_who_asks_too_often_is_told_when_to_come_back_and_nothing_goes_upstream() throws IOException {
        start("rate_limit.max_requests=1");
        chat("openai/gpt-4o-mini");
        upstream.clear();

        Answer refused = chat("openai/gpt-4o-mini", "X-Request-ID: req-7");

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.headers("Retry-After")).containsExactly("900");
        assertThat(refused.headers("x-should-retry")).containsExactly("false");
        assertThat(refused.headers("Cache-Control")).containsExactly("no-store");
        assertThat(refused.json())
                .isEqualTo(E2e.json(
                                "{'error':{'code':429,'message':'Too many requests from this IP, please try again later',"
                                        + "'type':'rate_limit','retryAfter':900,'request_id':'req-7'},"
                                        + "'detail':'Too many requests from this IP, please try again later'}")
                        .deepCopy());
        assertThat(upstream.received()).isEmpty();
        assertThat(get("/metrics/raw").text())
                .contains("keyway_rate_limited_requests_total 1.0", "keyway_rate_limit_addresses 1.0");
        now = now.plusSeconds(860);
        assertThat(chat("m").headers("x-should-retry"))
                .describedAs("clients wait so long by themselves")
                .isEmpty();
    }

    @Test
    void on_the_messages_api_the_refusal_has_its_shape() throws IOException {
        start("rate_limit.max_requests=1");
        get(MODELS);

        Answer refused = WireClient.ask(keyway.port(), "POST", "/v1/messages", E2e.NOTHING);

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.json().at("/error/type").asText()).isEqualTo("rate_limit_error");
        assertThat(refused.headers("Retry-After")).containsExactly("900");
    }

    @Test
    void C11_by_default_only_the_routes_of_the_system_that_had_limits_are_limited() throws IOException {
        start();
        for (String free : List.of(MODELS, "/v1/models", "/v1/inference", "/api/v1/models", "/api/v1/credits")) {
            assertThat(limitLines(get(free))).describedAs(free).isEmpty();
        }
        assertThat(limitLines(chat("openai/gpt-4o-mini"))).isEmpty();

        for (String limited : List.of(
                "/api/v1/models/top",
                "/api/v1/models/search?q=a",
                "/api/v1/models/providers",
                "/api/v1/models/openai/gpt-4o",
                "/api/v1/models/openai%2Fgpt-4o/pricing")) {
            assertThat(get(limited).headers("RateLimit-Policy"))
                    .describedAs(limited)
                    .containsExactly("100;w=900");
        }
        for (String inference : List.of("/api/v1/inference", "/api/v1/inference/stream", "/api/v1/%69nference")) {
            assertThat(ask("POST", inference).headers("RateLimit-Policy"))
                    .describedAs(inference)
                    .containsExactly("50;w=900");
        }
        Answer last = ask("POST", "/api/v1/inference");
        assertThat(last.header("RateLimit-Remaining")).isEqualTo("46");
    }

    @Test
    void S2_31_inference_is_counted_by_itself_and_once() throws IOException {
        start("rate_limit.inference_max_requests=1", "rate_limit.max_requests=5");
        assertThat(ask("POST", "/api/v1/inference").status()).isNotEqualTo(429);

        Answer refused = ask("POST", "/api/v1/inference/stream");

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.message()).isEqualTo("Too many inference requests from this IP, please try again later");
        assertThat(get(MODELS).header("RateLimit-Remaining")).isEqualTo("4");
    }

    @Test
    void own_pages_and_preflights_are_never_limited() throws IOException {
        start("rate_limit.max_requests=1", "rate_limit.scope=all");
        get(MODELS);

        for (String own : List.of("/health", "/health/ready", "/metrics/raw", "/admin/keys", "/", "/openapi.yaml")) {
            Answer answer = get(own);
            assertThat(answer.status()).describedAs(own).isEqualTo(200);
            assertThat(limitLines(answer)).describedAs(own).isEmpty();
        }
        assertThat(ask("OPTIONS", MODELS).status()).isEqualTo(204);
        assertThat(get(MODELS).status()).isEqualTo(429);
    }

    @Test
    void S2_31_two_clients_behind_one_address_do_not_share_and_one_may_have_a_limit_of_its_own() throws IOException {
        String alice = "Authorization: Bearer the-key-of-alice-1";
        String bob = "Authorization: Bearer the-key-of-bob-12";
        String carol = "Authorization: Bearer the-key-of-carol";
        start(
                "server.access_keys=[{name: alice, key: the-key-of-alice-1}, {name: bob, key: the-key-of-bob-12},"
                        + " {name: carol, key: the-key-of-carol, rate_limit: 3}]",
                "rate_limit.max_requests=1");

        assertThat(get(MODELS, alice).status()).isEqualTo(200);
        assertThat(get(MODELS, bob).status()).isEqualTo(200);
        Answer refused = get(MODELS, alice);

        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.message()).isEqualTo("Too many requests from this client, please try again later");
        assertThat(get(MODELS, carol).headers("RateLimit-Policy")).containsExactly("3;w=900");
        assertThat(ask("POST", "/api/v1/inference", carol).header("RateLimit-Remaining"))
                .isEqualTo("1");
        assertThat(get("/metrics/raw").text()).contains("keyway_rate_limit_addresses 0.0");
    }

    @Test
    void a_clients_own_limit_holds_on_every_route_whatever_the_scope() throws IOException {
        start("server.access_keys=[{name: carol, key: the-key-of-carol, rate_limit: 1}]");
        String carol = "Authorization: Bearer the-key-of-carol";

        assertThat(List.of(
                        get(MODELS, carol).status(), get("/v1/credits", carol).status()))
                .containsExactly(200, 429);
    }

    @Test
    void proof_16_x_forwarded_for_of_an_untrusted_peer_changes_nothing() throws IOException {
        start("rate_limit.max_requests=2", "server.allow_open=true");

        assertThat(get(MODELS, FROM + "203.0.113.1").status()).isEqualTo(200);
        assertThat(get(MODELS, FROM + "203.0.113.2").status()).isEqualTo(200);
        for (String header : List.of(FROM + "203.0.113.3", "Forwarded: for=203.0.113.3", "X-Real-IP: 203.0.113.3")) {
            assertThat(get(MODELS, header).status()).describedAs(header).isEqualTo(429);
        }
    }

    @Test
    void S2_33_behind_a_trusted_proxy_each_of_its_clients_counts_by_itself() throws IOException {
        start("rate_limit.max_requests=1", "server.allow_open=true", "server.trusted_proxies=127.0.0.1");

        assertThat(get(MODELS, FROM + "2001:db8:1:2::1").status()).isEqualTo(200);
        assertThat(get(MODELS, FROM + "2001:db8:1:2::2").status()).isEqualTo(429);
        assertThat(get(MODELS, FROM + "2001:db8:1:3::1").status()).isEqualTo(200);
        assertThat(get(MODELS, FROM + "9.9.9.9, 2001:db8:1:3::1").status())
                .describedAs("what a client writes itself is not believed")
                .isEqualTo(429);
    }

    @Test
    void C11_where_a_limit_holds_the_upstreams_headers_of_that_name_give_way_and_else_they_pass() throws IOException {
        start("retry.max_attempts=1");
        Answer passed = chat("sandbox/429");
        assertThat(passed.headers("X-RateLimit-Limit")).hasSize(1);
        assertThat(passed.headers("RateLimit-Limit")).isEmpty();
        String theirs = passed.header("X-RateLimit-Limit");
        keyway.close();
        upstream.close();

        start("retry.max_attempts=1", "rate_limit.max_requests=77");
        Answer limited = chat("sandbox/429");

        assertThat(limited.status()).isEqualTo(429);
        assertThat(limited.json().path("error").path("message").asText())
                .isEqualTo(passed.json().path("error").path("message").asText());
        assertThat(theirs).isNotEqualTo("77");
        assertThat(limited.headers("X-RateLimit-Limit")).containsExactly("77");
        assertThat(limited.headers("X-RateLimit-Reset")).hasSize(1);
        assertThat(limited.headers("Retry-After")).isEqualTo(passed.headers("Retry-After"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rate_limit: {max_requests: 4}", "rate_limit: {max_requests: 4, window: 10m}"})
    void a_reload_changes_limits_and_what_was_used_stays_used(String yaml) throws IOException {
        Files.writeString(home.resolve("keyway.yml"), "rate_limit: {max_requests: 2}\n");
        start();
        get(MODELS);
        get(MODELS);
        assertThat(get(MODELS).status()).isEqualTo(429);

        Files.writeString(home.resolve("keyway.yml"), yaml + "\n");
        assertThat(ask("POST", "/admin/config/reload").status()).isEqualTo(200);

        assertThat(get(MODELS).header("RateLimit-Remaining")).isEqualTo("1");
        assertThat(get(MODELS).status()).isEqualTo(200);
        assertThat(get(MODELS).status()).isEqualTo(429);
        Files.writeString(home.resolve("keyway.yml"), "usage_injection: true\n");
        ask("POST", "/admin/config/reload");
        assertThat(limitLines(get(MODELS)))
                .describedAs("no limit is set any more, so the few routes of the default only")
                .isEmpty();
    }

    @Test
    void who_is_not_let_in_is_refused_for_that_and_not_counted() throws IOException {
        start("server.access_key=" + E2e.ACCESS_KEY, "rate_limit.max_requests=1");

        for (int i = 0; i < 3; i++) {
            assertThat(get(MODELS).status()).isEqualTo(401);
        }

        assertThat(get(MODELS, E2e.BEARER).status()).isEqualTo(200);
        assertThat(get(MODELS, E2e.BEARER).status()).isEqualTo(429);
    }
}
