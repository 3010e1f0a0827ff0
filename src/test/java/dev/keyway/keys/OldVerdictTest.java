package dev.keyway.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OldVerdictTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final Duration COOLDOWN = Duration.ofHours(4);
    private static final Duration DELAY = Duration.ofSeconds(7);
    private static final KeyPoolOptions OPTIONS =
            new KeyPoolOptions(java.util.List.of(), "round-robin", false, COOLDOWN, DELAY);

    /** Every error the upstream is known to send, as its own file. */
    @ParameterizedTest
    @CsvSource({
        "error-200-body, 500, NotTheKey",
        "error-400-model, 400, NotTheKey",
        "error-400-provider, 400, NotTheKey",
        "error-400-validation, 400, NotTheKey",
        "error-401-badkey, 401, Rest",
        "error-401-missing, 401, Rest",
        "error-402-credits, 402, NotTheKey",
        "error-402-empty, 402, NotTheKey",
        "error-403-budget, 403, NotTheKey",
        "error-403-guardrail, 403, NotTheKey",
        "error-403-moderation, 403, NotTheKey",
        "error-404-no-endpoints, 404, NotTheKey",
        "error-404-policy, 404, NotTheKey",
        "error-404-tools, 404, NotTheKey",
        "error-408, 408, NotTheKey",
        "error-413, 413, NotTheKey",
        "error-422, 422, NotTheKey",
        "error-429-free-daily, 429, Rest",
        "error-429-free-minute, 429, Rest",
        "error-429-upstream, 429, ProviderLimited",
        "error-500, 500, NotTheKey",
        "error-502, 502, NotTheKey",
        "error-503, 503, NotTheKey",
        "error-524, 524, NotTheKey",
        "error-529, 529, NotTheKey",
        "messages-error-400, 400, NotTheKey",
        "messages-error-401, 401, Rest",
        "messages-error-402, 402, NotTheKey",
        "messages-error-403, 403, NotTheKey",
        "messages-error-429, 429, Rest",
        "messages-error-529, 529, NotTheKey",
        "stream-error-only, 429, ProviderLimited",
    })
    void each_known_error_is_judged(String file, int status, String verdict) throws IOException {
        OldVerdict judged = OldVerdict.of(status, name -> null, resource(file), NOW, OPTIONS);

        assertThat(judged.getClass().getSimpleName()).isEqualTo(verdict);
    }

    @Test
    void a_free_tier_limit_rests_the_key_until_the_reset_in_the_body() throws IOException {
        Instant evening = Instant.parse("2026-11-19T21:00:00Z");

        OldVerdict daily = OldVerdict.of(429, name -> null, resource("error-429-free-daily"), evening, OPTIONS);

        assertThat(daily).isEqualTo(limited(Instant.parse("2026-11-20T00:00:00Z")));
    }

    @Test
    void a_providers_limit_leaves_the_key_alone_and_waits() throws IOException {
        OldVerdict verdict =
                OldVerdict.of(429, headers("Retry-After", "29"), resource("error-429-upstream"), NOW, OPTIONS);

        assertThat(verdict).isEqualTo(new OldVerdict.ProviderLimited(DELAY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'provider_name':'Venice'}",
                "{'limit_source':'upstream_provider_shared_pool'}",
                "{'raw':'{\\'error\\':{\\'code\\':429,\\'status\\':\\'RESOURCE_EXHAUSTED\\'}}'}",
                "{'raw':{'error':{'status':'RESOURCE_EXHAUSTED'}}}",
                "{'raw':'m is temporarily rate-limited upstream. Please retry'}",
                "{'raw':'m is temporarily Rate-Limited Upstream','headers':{'X-RateLimit-Reset':'1795132800000'}}",
            })
    void each_sign_of_a_providers_limit_counts_alone(String metadata) {
        byte[] body = json("{'error':{'code':429,'message':'Provider returned error','metadata':" + metadata + "}}");

        OldVerdict verdict = OldVerdict.of(429, headers("Retry-After", "5"), body, NOW, OPTIONS);

        assertThat(verdict).isEqualTo(new OldVerdict.ProviderLimited(DELAY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'provider_name':null}",
                "{'limit_source':'openrouter_free_tier_daily','provider_name':null}",
                "{'limit_source':'openrouter_free_tier_daily','provider_name':'Venice'}",
                "{'raw':'rate limited'}",
                "null",
                "[]",
                "'upstream'",
            })
    void a_limit_without_such_a_sign_is_the_keys(String metadata) {
        byte[] body = json("{'error':{'code':429,'message':'Rate limit exceeded','metadata':" + metadata + "}}");

        OldVerdict verdict = OldVerdict.of(429, name -> null, body, NOW, OPTIONS);

        assertThat(verdict).isEqualTo(limited(NOW.plus(COOLDOWN)));
    }

    /** Acceptance vector 11: each way to state a reset, in the header and in the body. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "1795219200000 | 2026-11-21T00:00:00Z",
                "1795219200 | 2026-11-21T00:00:00Z",
                "1795219200.000 | 2026-11-21T00:00:00Z",
                "30 | 2026-11-20T12:00:30Z",
                "28.2 | 2026-11-20T12:00:29Z",
                "' 30 ' | 2026-11-20T12:00:30Z",
                "Sat, 21 Nov 2026 00:00:00 GMT | 2026-11-21T00:00:00Z",
                "2026-11-21T00:00:00Z | 2026-11-21T00:00:00Z",
                "2764800 | 2026-12-22T12:00:00Z",
                "Fri, 20 Nov 2026 11:59:30 GMT | 2026-11-20T12:00:01Z",
            })
    void a_reset_is_understood_in_every_unit(String stated, Instant until) {
        byte[] body = json("{'error':{'code':429,'metadata':{'headers':{'x-ratelimit-RESET':'" + stated + "'}}}}");

        assertThat(OldVerdict.of(429, headers("X-RateLimit-Reset", stated), new byte[0], NOW, OPTIONS))
                .isEqualTo(limited(until));
        assertThat(OldVerdict.of(429, headers("Retry-After", stated), new byte[0], NOW, OPTIONS))
                .isEqualTo(limited(until));
        assertThat(OldVerdict.of(429, name -> null, body, NOW, OPTIONS)).isEqualTo(limited(until));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "soon | Retry-After is not a number or a date",
                "'' | Retry-After is not a number or a date",
                "0 | Retry-After is not positive",
                "-5 | Retry-After is not positive",
                "NaN | Retry-After is not a number or a date",
                "1e | Retry-After is not a number or a date",
                "1e400 | Retry-After is over 32 days ahead",
                "2764801 | Retry-After is over 32 days ahead",
                "9795132800000 | Retry-After is over 32 days ahead",
                "99999999999999999999999999 | Retry-After is over 32 days ahead",
                "1795000000000 | Retry-After is past",
                "Fri, 20 Nov 2026 11:58:59 GMT | Retry-After is past",
                "Fri, 31 Feb 2026 11:58:59 GMT | Retry-After is not a number or a date",
                "2026-11-20 | Retry-After is not a number or a date",
                "00000000000000000000000000000000000000000000030 | Retry-After is not a number or a date",
            })
    void a_reset_that_is_not_to_be_believed_is_ignored_and_said(String stated, String why) {
        OldVerdict verdict = OldVerdict.of(429, headers("Retry-After", stated), new byte[0], NOW, OPTIONS);

        assertThat(verdict).isEqualTo(new OldVerdict.Rest(NOW.plus(COOLDOWN), OldVerdict.Rest.RATE_LIMITED, why));
    }

    @Test
    void the_body_comes_before_the_reset_header_and_that_before_retry_after() {
        byte[] body = json("{'error':{'code':429,'metadata':{'headers':{'X-RateLimit-Reset':'10'}}}}");
        byte[] number = json("{'error':{'code':429,'metadata':{'headers':{'X-RateLimit-Reset':10}}}}");
        Map<String, String> both = Map.of("X-RateLimit-Reset", "20", "Retry-After", "30");

        assertThat(OldVerdict.of(429, both::get, body, NOW, OPTIONS)).isEqualTo(limited(NOW.plusSeconds(10)));
        assertThat(OldVerdict.of(429, both::get, number, NOW, OPTIONS)).isEqualTo(limited(NOW.plusSeconds(10)));
        assertThat(OldVerdict.of(429, both::get, new byte[0], NOW, OPTIONS)).isEqualTo(limited(NOW.plusSeconds(20)));
        assertThat(OldVerdict.of(429, headers("Retry-After", "30"), new byte[0], NOW, OPTIONS))
                .isEqualTo(limited(NOW.plusSeconds(30)));
    }

    @Test
    void after_an_ignored_reset_the_next_one_stated_is_used() {
        byte[] body = json("{'error':{'code':429,'metadata':{'headers':{'X-RateLimit-Reset':'never'}}}}");

        OldVerdict verdict = OldVerdict.of(429, headers("Retry-After", "30"), body, NOW, OPTIONS);

        assertThat(verdict)
                .isEqualTo(new OldVerdict.Rest(
                        NOW.plusSeconds(30),
                        OldVerdict.Rest.RATE_LIMITED,
                        "error.metadata.headers X-RateLimit-Reset is not a number or a date"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "500 | {'error':{'code':'429','message':'x'}} | Rest",
                "500 | {'error':{'code':429,'message':'x'}} | Rest",
                "500 | {'error':{'code':'rate_limit_exceeded','message':'x'}} | Rest",
                "400 | {'error':{'code':'rate_limit_exceeded','message':'x'}} | Rest",
                "502 | {'error':{'message':'Rate limit exceeded: free-models-per-day'}} | Rest",
                "500 | {'error':{'type':'rate_limit_error','message':'x'}} | Rest",
                "500 | {'error':{'code':500,'message':'rate limit service is down'}} | NotTheKey",
                "400 | {'error':{'message':'unknown field \"rate limit\"'}} | NotTheKey",
                "400 | {'error':{'code':400,'message':'rate limit is no parameter'}} | NotTheKey",
                "500 | {'error':'rate limit'} | NotTheKey",
                "500 | 'rate limit' | NotTheKey",
                "200 | {'error':{'code':429}} | Served",
                "204 | '' | Served",
                "301 | '' | NotTheKey",
                "0 | '' | NotTheKey",
            })
    void a_limit_is_known_by_its_code_in_any_spelling(int status, String body, String verdict) {
        OldVerdict judged = OldVerdict.of(status, name -> null, json(body), NOW, OPTIONS);

        assertThat(judged.getClass().getSimpleName()).isEqualTo(verdict);
    }

    @Test
    void an_unauthorized_key_rests_ten_minutes() throws IOException {
        OldVerdict verdict = OldVerdict.of(401, name -> null, resource("error-401-badkey"), NOW, OPTIONS);

        assertThat(verdict).isEqualTo(new OldVerdict.Rest(NOW.plus(Duration.ofMinutes(10)), "unauthorized"));
    }

    @Test
    void an_html_page_or_a_cut_off_body_with_429_rests_the_key_for_the_cooldown() {
        byte[] html = "<html><title>429</title>".getBytes(StandardCharsets.UTF_8);
        byte[] cut = json("{'error':{'code':429,'metadata':{'provider_name':'Ven");

        assertThat(OldVerdict.of(429, name -> null, html, NOW, OPTIONS)).isEqualTo(limited(NOW.plus(COOLDOWN)));
        assertThat(OldVerdict.of(429, name -> null, cut, NOW, OPTIONS)).isEqualTo(limited(NOW.plus(COOLDOWN)));
    }

    @Test
    void no_bytes_make_it_throw() {
        Random random = new Random(42);
        byte[] seed = json("{'error':{'code':429,'metadata':{'raw':'x','headers':{'X-RateLimit-Reset':'1'}}}}");
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = Arrays.copyOf(seed, random.nextInt(seed.length + 1));
            for (int n = random.nextInt(4); n > 0 && bytes.length > 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            byte[] value = new byte[random.nextInt(12)];
            random.nextBytes(value);

            OldVerdict verdict =
                    OldVerdict.of(429, name -> new String(value, StandardCharsets.ISO_8859_1), bytes, NOW, OPTIONS);

            assertThat(verdict).isNotNull();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"error\":", "{\"error\":{\"metadata\":{\"raw\":["})
    void depth_is_no_trouble(String opening) {
        byte[] deep = opening.repeat(64 * 1024 / opening.length()).getBytes(StandardCharsets.UTF_8);

        OldVerdict verdict = OldVerdict.of(429, name -> null, deep, NOW, OPTIONS);

        assertThat(verdict).isEqualTo(limited(NOW.plus(COOLDOWN)));
    }

    @Test
    void a_number_of_many_digits_is_no_trouble() {
        byte[] body = json("{'error':{'code':" + "9".repeat(60_000) + "}}");
        byte[] exponent = json("{'error':{'code':429,'metadata':{'headers':{'X-RateLimit-Reset':1e999999999}}}}");

        assertThat(OldVerdict.of(500, name -> null, body, NOW, OPTIONS)).isEqualTo(new OldVerdict.NotTheKey());
        assertThat(OldVerdict.of(429, name -> null, exponent, NOW, OPTIONS)).isInstanceOf(OldVerdict.Rest.class);
    }

    /** A hostile upstream could echo the key in a reset; the warning names the source only. */
    @Test
    void the_warning_never_repeats_what_the_upstream_stated() {
        String echoed = "sk-or-v1-0123456789abcdef";

        OldVerdict verdict = OldVerdict.of(429, headers("Retry-After", echoed), new byte[0], NOW, OPTIONS);

        assertThat(verdict.toString()).doesNotContain(echoed);
    }

    private static OldVerdict limited(Instant until) {
        return new OldVerdict.Rest(until, OldVerdict.Rest.RATE_LIMITED);
    }

    private static java.util.function.Function<String, @org.jspecify.annotations.Nullable String> headers(
            String name, String value) {
        Map<String, String> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        map.put(name, value);
        return map::get;
    }

    private static byte[] json(String singleQuoted) {
        return singleQuoted.replace("\\'", "\\\"").replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = OldVerdictTest.class.getResourceAsStream("/keys/" + name + ".json")) {
            return Objects.requireNonNull(in, name).readAllBytes();
        }
    }
}
