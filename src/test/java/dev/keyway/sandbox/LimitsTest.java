package dev.keyway.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LimitsTest {
    private static final String FREE =
            "{\"model\":\"deepseek/deepseek-r1:free\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private static final String PAID = FREE.replace("deepseek/deepseek-r1:free", "openai/gpt-4o-mini");
    private static final String ONE = "sk-or-v1-one";
    private static final String TWO = "sk-or-v1-two";
    private static final String CHAT = "/chat/completions";
    private final HandClock clock = new HandClock(Instant.parse("2026-11-20T15:00:07Z"));
    private Sandbox sandbox;

    @BeforeEach
    void start() throws IOException {
        sandbox = Sandbox.start(SandboxOptions.forTests().withClock(clock));
    }

    @AfterEach
    void stop() {
        sandbox.close();
    }

    private RawClient.Answer ask(String key, String json) throws IOException {
        try (RawClient client = new RawClient(sandbox)) {
            return client.postAs(key, CHAT, json).answer();
        }
    }

    private void spendMinute(String key) throws IOException {
        try (RawClient client = new RawClient(sandbox)) {
            for (int i = 0; i < 20; i++) {
                assertThat(client.postAs(key, CHAT, FREE).answer().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void twenty_first_free_request_of_a_minute_is_refused_until_the_next_minute() throws Exception {
        spendMinute(ONE);

        RawClient.Answer refused = ask(ONE, FREE);
        clock.move(Duration.ofSeconds(53));
        RawClient.Answer later = ask(ONE, FREE);

        long reset = Instant.parse("2026-11-20T15:01:00Z").toEpochMilli();
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.header("X-RateLimit-Reset")).isEqualTo(Long.toString(reset));
        assertThat(refused.header("Retry-After")).isEmpty();
        assertThat(refused.json()
                        .at("/error/metadata/headers/X-RateLimit-Reset")
                        .asText())
                .isEqualTo(Long.toString(reset));
        assertThat(Shapes.of(refused.json())).isEqualTo(Shapes.of(Shapes.json("error-429-free-minute.json")));
        assertThat(later.status()).isEqualTo(200);
    }

    @Test
    void all_keys_of_an_account_share_its_free_day_which_ends_at_midnight_utc() throws Exception {
        sandbox.account("poor").credit("1");
        sandbox.key(ONE, "poor");
        sandbox.key(TWO, "poor");
        spendMinute(ONE);
        clock.move(Duration.ofMinutes(1));
        spendMinute(TWO);
        clock.move(Duration.ofMinutes(1));
        for (int i = 0; i < 10; i++) {
            assertThat(ask(ONE, FREE).status()).isEqualTo(200);
        }

        RawClient.Answer refused = ask(TWO, FREE);
        clock.move(Duration.ofHours(9));
        RawClient.Answer nextDay = ask(TWO, FREE);

        JsonNode real = Shapes.json("error-429-free-daily.json");
        assertThat(refused.header("X-RateLimit-Limit")).isEqualTo("50");
        assertThat(refused.header("X-RateLimit-Reset"))
                .isEqualTo(Long.toString(Instant.parse("2026-11-21T00:00:00Z").toEpochMilli()));
        assertThat(refused.json().at("/error/message")).isEqualTo(real.at("/error/message"));
        assertThat(refused.json().at("/error/metadata/limit_source"))
                .isEqualTo(real.at("/error/metadata/limit_source"));
        assertThat(nextDay.status()).isEqualTo(200);
    }

    @Test
    void another_account_is_not_touched_by_a_full_counter() throws Exception {
        sandbox.key(ONE, "a");
        sandbox.key(TWO, "b");
        spendMinute(ONE);

        assertThat(ask(ONE, FREE).status()).isEqualTo(429);
        assertThat(ask(TWO, FREE).status()).isEqualTo(200);
    }

    @Test
    void any_key_of_openrouters_form_is_good_until_keys_are_registered() throws Exception {
        int before = ask(TWO, PAID).status();
        int foreign = ask("something-else", PAID).status();
        sandbox.key(ONE, "a");

        RawClient.Answer after = ask(TWO, PAID);

        assertThat(before).isEqualTo(200);
        assertThat(foreign).isEqualTo(401);
        assertThat(after.status()).isEqualTo(401);
        assertThat(after.json()).isEqualTo(Shapes.json("error-401-badkey.json"));
    }

    @Test
    void disabled_key_and_missing_header_are_told_as_openrouter_tells_them() throws Exception {
        sandbox.key(ONE, "a").disabled(true);
        RawClient.Answer none;
        try (RawClient client = new RawClient(sandbox)) {
            none = client.send("POST /api/v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}")
                    .answer();
        }

        assertThat(ask(ONE, PAID).json()).isEqualTo(Shapes.json("error-401-badkey.json"));
        assertThat(none.json()).isEqualTo(Shapes.json("error-401-missing.json"));
    }

    @Test
    void checks_come_in_openrouters_order_key_json_model_credit() throws Exception {
        sandbox.account("empty").credit("0");
        sandbox.key(ONE, "empty");

        assertThat(ask(TWO, "{").status()).isEqualTo(401);
        assertThat(ask(ONE, "{").status()).isEqualTo(400);
        assertThat(ask(ONE, PAID.replace("openai/gpt-4o-mini", "acme/none")).status())
                .isEqualTo(400);
        assertThat(ask(ONE, PAID).json().get("error"))
                .isEqualTo(Shapes.json("error-402-empty.json").get("error"));
    }

    @Test
    void credit_must_cover_the_models_whole_output_limit_unless_max_tokens_says_less() throws Exception {
        sandbox.account("small").credit("0.0024");
        sandbox.key(ONE, "small");

        RawClient.Answer refused = ask(ONE, PAID);
        RawClient.Answer served = ask(ONE, PAID.replace("\"messages\"", "\"max_tokens\":100,\"messages\""));

        assertThat(refused.json().get("error"))
                .isEqualTo(Shapes.json("error-402-credits.json").get("error"));
        assertThat(served.status()).isEqualTo(200);
    }

    @Test
    void key_that_spent_its_limit_is_refused_while_its_account_goes_on() throws Exception {
        sandbox.key(ONE, "a").limit("0.00001");
        sandbox.key(TWO, "a");
        assertThat(ask(ONE, PAID).status()).isEqualTo(200);
        assertThat(sandbox.awaitIdle(Duration.ofSeconds(5))).isTrue();

        RawClient.Answer refused = ask(ONE, PAID);

        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().at("/error/message").asText()).startsWith("Key limit exceeded (total limit)");
        assertThat(ask(TWO, PAID).status()).isEqualTo(200);
    }

    @Test
    void spending_is_taken_from_the_account_exactly() throws Exception {
        sandbox.account("a").credit("100");
        SandboxKey key = sandbox.key(ONE, "a");

        ask(ONE, PAID);
        ask(ONE, PAID);

        assertThat(sandbox.awaitIdle(Duration.ofSeconds(5))).isTrue();
        assertThat(key.used()).isEqualByComparingTo(sandbox.billed()).isPositive();
        assertThat(sandbox.account("a").balance()).isEqualByComparingTo(new BigDecimal(100).subtract(key.used()));
    }

    @Test
    void management_key_may_not_run_a_model() throws Exception {
        sandbox.key(ONE, "a").management(true);

        assertThat(ask(ONE, PAID).status()).isEqualTo(403);
    }

    @Test
    void scripted_answers_come_first_one_for_each_request_and_bill_nothing() throws Exception {
        String body = Shapes.text("error-429-upstream.json");
        sandbox.script(ONE, Reply.json(429, body).withHeader("Retry-After", "29"), Reply.fault("503:4"));

        RawClient.Answer first = ask(ONE, PAID);
        RawClient.Answer second = ask(ONE, PAID);
        assertThat(sandbox.awaitIdle(Duration.ofSeconds(5))).isTrue();
        BigDecimal billed = sandbox.billed();
        RawClient.Answer third = ask(ONE, PAID);

        assertThat(first.status()).isEqualTo(429);
        assertThat(first.body()).isEqualTo(body);
        assertThat(first.header("Retry-After")).isEqualTo("29");
        assertThat(second.status()).isEqualTo(503);
        assertThat(second.header("Retry-After")).isEqualTo("4");
        assertThat(billed).isZero();
        assertThat(third.status()).isEqualTo(200);
    }

    /** A clock that a test moves. */
    private RawClient.Answer cached(String key, String json, String... more) throws IOException {
        String[] headers = Arrays.copyOf(more, more.length + 1);
        headers[more.length] = "X-OpenRouter-Cache: true";
        try (RawClient client = new RawClient(sandbox)) {
            return client.postAs(key, CHAT, json, headers).answer();
        }
    }

    @Test
    void the_same_request_is_answered_from_the_response_cache_for_nothing() throws Exception {
        RawClient.Answer first = cached(ONE, PAID);
        clock.move(Duration.ofSeconds(40));
        RawClient.Answer second = cached(ONE, PAID);

        assertThat(first.header("X-OpenRouter-Cache-Status")).isEqualTo("MISS");
        assertThat(second.header("X-OpenRouter-Cache-Status")).isEqualTo("HIT");
        assertThat(second.header("X-OpenRouter-Cache-TTL")).isEqualTo("300");
        assertThat(second.header("X-OpenRouter-Cache-Age")).isEqualTo("40");
        assertThat(second.header("X-OpenRouter-Cache-Source-Id"))
                .isEqualTo(first.json().path("id").asText());
        assertThat(second.json().path("id").asText())
                .isEqualTo(second.header("X-Generation-Id"))
                .isNotEqualTo(first.json().path("id").asText());
        assertThat(second.json().at("/choices/0/message/content"))
                .isEqualTo(first.json().at("/choices/0/message/content"));
        assertThat(second.json().at("/usage/total_tokens").asLong()).isZero();
        assertThat(second.json().at("/usage/cost").decimalValue()).isEqualByComparingTo(BigDecimal.ZERO);
        assertThat(sandbox.awaitIdle(Duration.ofSeconds(5))).isTrue();
        assertThat(sandbox.billed())
                .isEqualByComparingTo(first.json().at("/usage/cost").decimalValue());
    }

    @Test
    void the_response_cache_ends_with_its_time_and_knows_keys_and_bodies_apart() throws Exception {
        cached(ONE, PAID, "X-OpenRouter-Cache-TTL: 60");

        assertThat(cached(TWO, PAID).header("X-OpenRouter-Cache-Status")).isEqualTo("MISS");
        assertThat(cached(ONE, PAID + " ").header("X-OpenRouter-Cache-Status")).isEqualTo("MISS");
        assertThat(cached(ONE, PAID).header("X-OpenRouter-Cache-Status")).isEqualTo("HIT");
        assertThat(cached(ONE, PAID, "X-OpenRouter-Cache-Clear: true").header("X-OpenRouter-Cache-Status"))
                .isEqualTo("MISS");
        clock.move(Duration.ofSeconds(301));
        assertThat(cached(ONE, PAID).header("X-OpenRouter-Cache-Status")).isEqualTo("MISS");
        assertThat(ask(ONE, PAID).header("X-OpenRouter-Cache-Status")).isEmpty();
    }

    private static final class HandClock implements InstantSource {
        private volatile Instant now;

        HandClock(Instant now) {
            this.now = now;
        }

        void move(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
