package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedactorTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "key SECRET rejected",
                "Authorization: Bearer SECRET",
                "authorization: Basic SECRET",
                "Bearer  SECRET",
                "bearer%20SECRET",
                "{\"authorization\":\"Bearer SECRET\"}",
                "{\\\"x-api-key\\\":\\\"SECRET\\\"}",
                "x-api-key: SECRET",
                "X-Admin-Secret=SECRET",
                "Cookie: a=b; session=SECRET",
                "GET /v1/models?key=SECRET&a=b HTTP/1.1",
                "http://user:SECRET@proxy.example.com/",
                "password=SECRET",
                "'access_key': 'SECRET'",
            })
    void credential_is_masked_wherever_it_stands(String text) {
        String secret = "sk-or-v1-0123456789abcdef0123456789abcdef";

        assertThat(Redactor.redact(text.replace("SECRET", secret))).doesNotContain("456789ab");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Authorization: Bearer SECRET",
                "Authorization: SECRET",
                "Bearer SECRET",
                "x-api-key: SECRET",
                "/v1/models?x=SECRET",
                "api_key=SECRET",
                "{\"secret\": \"SECRET\"}",
            })
    void credential_of_any_shape_is_masked_behind_its_name(String text) {
        assertThat(Redactor.redact(text.replace("SECRET", "my,own;access'key)1")))
                .doesNotContain("access'key");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sk%2Dor%2Dv1%2D0123456789abcdef",
                "sk\\u002dor\\u002dv1\\u002d0123456789abcdef",
                "SK-OR-V1-0123456789ABCDEF",
                "x20sk-or-v1-0123456789abcdef",
                "sk-proj-0123456789abcdef",
                "sk-ant-api03-0123456789abcdef",
            })
    void key_is_masked_in_every_spelling(String key) {
        assertThat(Redactor.redact("<" + key + ">"))
                .isEqualTo("<" + Redactor.redact(key) + ">")
                .doesNotContainIgnoringCase("0123456789");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "key cooled down: key=k_0123abcd status=429 until=2026-11-20T12:00:00Z",
                "request completed: path=/v1/chat/completions prompt_tokens=12 completion_tokens=3",
                "Unauthorized: the pool is open; set server.access_key or server.allow_open",
                "listening: address=http://127.0.0.1:3000",
                "unknown tag '$fasst' at position 14; known: $fast, $online, $json",
                "task-oriented, desk-bound, risk-free",
                "is it down? yes",
            })
    void everyday_text_stays_as_it_is(String text) {
        assertThat(Redactor.redact(text)).isEqualTo(text);
    }

    /** The patterns are left out for text that none of them can match; that must never show. */
    @Test
    void text_is_masked_as_if_every_pattern_had_looked_at_it() {
        List<String> parts = List.of(
                "sk-or-v1-",
                "SK",
                "s",
                "k-",
                "Bearer ",
                "bEaReR.",
                "b",
                "token",
                "secret",
                "authorization",
                ":",
                "=",
                "?",
                "&",
                "@",
                "://",
                " ",
                "\"",
                "\\",
                "%2d",
                "abc123",
                "/v1/",
                "], valueString=[",
                ",r=12]={",
                "ſk-or-x");
        Random random = new Random(11);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int length = random.nextInt(7); length >= 0; length--) {
                text.append(parts.get(random.nextInt(parts.size())));
            }
            assertThat(Redactor.redact(text.toString())).isEqualTo(Redactor.search(text.toString()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sk-or-a", "Bearer ", "?", "?a", "://a", "authorization: ", "token=", "sk-", "x-api-key"})
    void time_is_linear_in_the_length(String piece) {
        String text = piece.repeat(400_000 / piece.length());

        long before = System.nanoTime();
        Redactor.redact(text);

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void cut_text_says_so() {
        assertThat(Redactor.cut("abcdef", 3)).isEqualTo("abc[cut]");
    }
}
