package dev.keyway.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyVerdictTest {
    private static final Instant NOW = Instant.parse("2026-11-20T12:00:00Z");
    private static final Instant MOMENT_OF_THE_FILES = Instant.parse("2026-11-19T15:00:00Z");
    private static final Duration COOLDOWN = Duration.ofHours(4);
    private static final Duration DELAY = Duration.ofSeconds(7);
    private static final KeyPoolOptions OPTIONS = new KeyPoolOptions(List.of(), "round-robin", false, COOLDOWN, DELAY);

    /** Every answer the upstream, or something before it, is known to give, as its own file. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            useHeadersInDisplayName = true,
            value = {
                "file                            | status | Retry-After | effect            | until                | fate             | reason           | pause",
                "empty.txt                       | 200    |             | Served            |                      | ANSWERED         | ok               | 0",
                "error-200-body.json             | 500    |             | Trouble           |                      | REFUSED          | server_error     | 0",
                "error-400-model.json            | 400    |             | None              |                      | PERMANENT        | error            | 0",
                "error-400-provider.json         | 400    |             | None              |                      | PERMANENT        | error            | 0",
                "error-400-validation.json       | 400    |             | None              |                      | PERMANENT        | error            | 0",
                "messages-error-400.json         | 400    |             | None              |                      | PERMANENT        | error            | 0",
                "error-401-badkey.json           | 401    |             | Refused           |                      | KEY_REFUSED      | unauthorized     | 0",
                "error-401-missing.json          | 401    |             | Refused           |                      | KEY_REFUSED      | unauthorized     | 0",
                "messages-error-401.json         | 401    |             | Refused           |                      | KEY_REFUSED      | unauthorized     | 0",
                "page.html                       | 401    |             | Refused           |                      | KEY_REFUSED      | unauthorized     | 0",
                "error-402-credits.json          | 402    |             | None              |                      | KEY_REFUSED      | unaffordable     | 0",
                "error-402-affords-nothing.json  | 402    |             | Exhausted ACCOUNT |                      | KEY_REFUSED      | out_of_credit    | 0",
                "error-402-empty.json            | 402    |             | Exhausted ACCOUNT |                      | KEY_REFUSED      | out_of_credit    | 0",
                "messages-error-402.json         | 402    |             | Exhausted ACCOUNT |                      | KEY_REFUSED      | out_of_credit    | 0",
                "error-402-in-flight.json        | 402    | 3           | Cooling ACCOUNT   | 2026-11-19T15:00:03Z | ACCOUNT_BUSY     | in_flight        | 3",
                "error-402-in-flight.json        | 402    |             | Cooling ACCOUNT   | 2026-11-19T15:00:10Z | ACCOUNT_BUSY     | in_flight        | 10",
                "error-402-weight.json           | 402    |             | None              |                      | PERMANENT        | too_heavy        | 0",
                "error-402-key-limit.json        | 402    |             | Exhausted KEY     | 2026-12-01T00:00:00Z | KEY_REFUSED      | key_limit        | 0",
                "error-402-provider.json         | 402    |             | None              |                      | PERMANENT        | error            | 0",
                "page.html                       | 402    |             | None              |                      | PERMANENT        | error            | 0",
                "empty.txt                       | 402    | 3           | None              |                      | PERMANENT        | error            | 0",
                "error-403-budget.json           | 403    |             | Cooling KEY       | 2026-12-01T00:00:00Z | KEY_REFUSED      | budget           | 0",
                "error-403-guardrail-budget.json | 403    |             | Cooling KEY       | 2026-11-20T00:00:00Z | KEY_REFUSED      | budget           | 0",
                "error-403-guardrail.json        | 403    |             | None              |                      | PERMANENT        | error            | 0",
                "error-403-flagged-key.json      | 403    |             | None              |                      | PERMANENT        | error            | 0",
                "error-403-moderation.json       | 403    |             | None              |                      | PERMANENT        | error            | 0",
                "error-403-region.json           | 403    |             | None              |                      | PERMANENT        | error            | 0",
                "messages-error-403.json         | 403    |             | None              |                      | PERMANENT        | error            | 0",
                "page.html                       | 403    |             | None              |                      | PERMANENT        | error            | 0",
                "error-403-key-limit-total.json  | 403    |             | Exhausted KEY     |                      | KEY_REFUSED      | key_limit        | 0",
                "error-403-key-limit-daily.json  | 403    |             | Exhausted KEY     | 2026-11-20T00:00:00Z | KEY_REFUSED      | key_limit        | 0",
                "error-403-key-limit-weekly.json | 403    |             | Exhausted KEY     | 2026-11-23T00:00:00Z | KEY_REFUSED      | key_limit        | 0",
                "error-403-key-limit-resets.json | 403    |             | Exhausted KEY     | 2026-12-01T00:00:00Z | KEY_REFUSED      | key_limit        | 0",
                "error-403-key-scope.json        | 403    |             | Exhausted KEY     | 2026-11-20T00:00:00Z | KEY_REFUSED      | key_limit        | 0",
                "error-403-management-key.json   | 403    |             | Refused           |                      | KEY_REFUSED      | key_refused      | 0",
                "error-404-no-endpoints.json     | 404    |             | None              |                      | PERMANENT        | error            | 0",
                "error-404-policy.json           | 404    |             | None              |                      | PERMANENT        | error            | 0",
                "error-404-tools.json            | 404    |             | None              |                      | PERMANENT        | error            | 0",
                "error-408.json                  | 408    |             | None              |                      | AMBIGUOUS        | no_answer        | 0",
                "error-413.json                  | 413    |             | None              |                      | PERMANENT        | error            | 0",
                "error-422.json                  | 422    |             | None              |                      | PERMANENT        | error            | 0",
                "error-429-free-daily.json       | 429    |             | FreeTierOut       | 2026-11-20T00:00:00Z | KEY_REFUSED      | free_tier        | 0",
                "error-429-free-daily-high.json  | 429    |             | FreeTierOut       | 2026-11-20T00:00:00Z | KEY_REFUSED      | free_tier        | 0",
                "error-429-free-minute.json      | 429    |             | FreeTierOut       | 2026-11-19T15:01:00Z | KEY_REFUSED      | free_tier        | 0",
                "error-429-free-minute-bare.json | 429    |             | FreeTierOut       | 2026-11-19T15:01:00Z | KEY_REFUSED      | free_tier        | 0",
                "messages-error-429.json         | 429    |             | FreeTierOut       | 2026-11-20T00:00:00Z | KEY_REFUSED      | free_tier        | 0",
                "error-padded.json               | 429    |             | FreeTierOut       | 2026-11-20T00:00:00Z | KEY_REFUSED      | free_tier        | 0",
                "error-429-platform.json         | 429    | 30          | Cooling KEY       | 2026-11-19T15:00:30Z | KEY_REFUSED      | rate_limited     | 0",
                "error-429-platform.json         | 429    |             | Cooling KEY       | 2026-11-19T19:00:00Z | KEY_REFUSED      | rate_limited     | 0",
                "error-string-code.json          | 400    | 30          | Cooling KEY       | 2026-11-19T15:00:30Z | KEY_REFUSED      | rate_limited     | 0",
                "error-string-number.json        | 500    | 30          | Cooling KEY       | 2026-11-19T15:00:30Z | KEY_REFUSED      | rate_limited     | 0",
                "error-failed-response.json      | 429    | 30          | Cooling KEY       | 2026-11-19T15:00:30Z | KEY_REFUSED      | rate_limited     | 0",
                "error-plain-event.json          | 502    |             | Cooling KEY       | 2026-11-19T19:00:00Z | KEY_REFUSED      | rate_limited     | 0",
                "empty.txt                       | 429    | 30          | Cooling KEY       | 2026-11-19T15:00:30Z | KEY_REFUSED      | rate_limited     | 0",
                "empty.txt                       | 429    |             | Cooling KEY       | 2026-11-19T19:00:00Z | KEY_REFUSED      | rate_limited     | 0",
                "page.html                       | 429    | 30          | None              |                      | REFUSED          | rate_limited     | 30",
                "page.html                       | 429    |             | None              |                      | REFUSED          | rate_limited     | 0",
                "error-429-upstream.json         | 429    | 29          | None              |                      | PROVIDER_LIMITED | provider_limited | 7",
                "error-429-capacity.json         | 429    |             | None              |                      | PROVIDER_LIMITED | provider_limited | 7",
                "stream-error-only.json          | 429    |             | None              |                      | PROVIDER_LIMITED | provider_limited | 7",
                "error-in-choice.json            | 429    |             | None              |                      | PROVIDER_LIMITED | provider_limited | 7",
                "error-500.json                  | 500    |             | Trouble           |                      | REFUSED          | server_error     | 0",
                "error-failed-event.json         | 500    |             | Trouble           |                      | REFUSED          | server_error     | 0",
                "error-502.json                  | 502    |             | Trouble           |                      | REFUSED          | server_error     | 0",
                "error-529.json                  | 529    |             | Trouble           |                      | REFUSED          | server_error     | 0",
                "messages-error-529.json         | 529    |             | Trouble           |                      | REFUSED          | server_error     | 0",
                "error-503.json                  | 503    |             | Trouble           |                      | REFUSED          | unavailable      | 10",
                "error-503.json                  | 503    | 2           | Trouble           |                      | REFUSED          | unavailable      | 2",
                "empty.txt                       | 503    | 2           | Trouble           |                      | REFUSED          | unavailable      | 2",
                "empty.txt                       | 503    |             | Trouble           |                      | AMBIGUOUS        | no_answer        | 0",
                "page.html                       | 500    |             | Trouble           |                      | AMBIGUOUS        | no_answer        | 0",
                "words.txt                       | 502    |             | Trouble           |                      | AMBIGUOUS        | no_answer        | 0",
                "empty.txt                       | 529    |             | Trouble           |                      | AMBIGUOUS        | no_answer        | 0",
                "error-500.json                  | 504    |             | Trouble           |                      | AMBIGUOUS        | no_answer        | 0",
                "page.html                       | 520    |             | Trouble           |                      | AMBIGUOUS        | no_answer        | 0",
                "error-524.json                  | 524    |             | Trouble           |                      | AMBIGUOUS        | no_answer        | 0",
                "page.html                       | 527    |             | Trouble           |                      | AMBIGUOUS        | no_answer        | 0",
                "error-500.json                  | 505    |             | None              |                      | AMBIGUOUS        | error            | 0",
                "empty.txt                       | 301    |             | None              |                      | PERMANENT        | error            | 0",
                "empty.txt                       | 0      |             | None              |                      | PERMANENT        | error            | 0",
            })
    void each_known_answer_is_judged(
            String file,
            int status,
            @Nullable String retryAfter,
            String effect,
            @Nullable Instant until,
            Fate fate,
            String reason,
            long pause)
            throws IOException {
        KeyVerdict judged = KeyVerdict.of(
                status,
                retryAfter == null ? name -> null : headers("Retry-After", retryAfter),
                resource(file),
                MOMENT_OF_THE_FILES,
                OPTIONS);

        assertThat(judged)
                .isEqualTo(new KeyVerdict(effect(effect, until), fate, reason, Duration.ofSeconds(pause), null));
    }

    private static KeyEffect effect(String words, @Nullable Instant until) {
        String[] parts = words.split(" ", 2);
        KeyEffect.Scope scope = parts.length > 1 ? KeyEffect.Scope.valueOf(parts[1]) : KeyEffect.Scope.KEY;
        return switch (parts[0]) {
            case "Served" -> new KeyEffect.Served();
            case "Refused" -> new KeyEffect.Refused();
            case "Trouble" -> new KeyEffect.Trouble();
            case "Exhausted" -> new KeyEffect.Exhausted(until, scope);
            case "Cooling" -> new KeyEffect.Cooling(Objects.requireNonNull(until), scope);
            case "FreeTierOut" -> new KeyEffect.FreeTierOut(Objects.requireNonNull(until));
            default -> new KeyEffect.None();
        };
    }

    @Test
    void every_file_stands_in_the_table() throws Exception {
        CsvSource table = Objects.requireNonNull(Arrays.stream(KeyVerdictTest.class.getDeclaredMethods())
                .filter(method -> method.getName().equals("each_known_answer_is_judged"))
                .findFirst()
                .orElseThrow()
                .getAnnotation(CsvSource.class));
        List<String> judged = Arrays.stream(table.value())
                .map(row -> row.split("\\|", 2)[0].strip())
                .toList();

        assertThat(files()).extracting(file -> file.getFileName().toString()).isSubsetOf(judged);
    }

    private static List<Path> files() throws Exception {
        URL folder = Objects.requireNonNull(KeyVerdictTest.class.getResource("/keys"));
        try (Stream<Path> files = Files.list(Path.of(folder.toURI()))) {
            return files.sorted().toList();
        }
    }

    private static final KeyVerdict PROVIDER_LIMITED =
            new KeyVerdict(new KeyEffect.None(), Fate.PROVIDER_LIMITED, KeyVerdict.PROVIDER_LIMITED, DELAY, null);

    @Test
    void a_providers_limit_leaves_the_key_alone_and_waits() throws IOException {
        KeyVerdict verdict =
                KeyVerdict.of(429, headers("Retry-After", "29"), resource("error-429-upstream.json"), NOW, OPTIONS);

        assertThat(verdict).isEqualTo(PROVIDER_LIMITED);
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

        KeyVerdict verdict = KeyVerdict.of(429, headers("Retry-After", "5"), body, NOW, OPTIONS);

        assertThat(verdict).isEqualTo(PROVIDER_LIMITED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'provider_name':null}",
                "{'limit_source':'openrouter_requests','provider_name':'Venice'}",
                "{'raw':'rate limited'}",
                "null",
                "[]",
                "'upstream'",
            })
    void a_limit_without_such_a_sign_is_the_keys(String metadata) {
        byte[] body = json("{'error':{'code':429,'message':'Rate limit exceeded','metadata':" + metadata + "}}");

        KeyVerdict verdict = KeyVerdict.of(429, name -> null, body, NOW, OPTIONS);

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

        assertThat(KeyVerdict.of(429, headers("X-RateLimit-Reset", stated), new byte[0], NOW, OPTIONS))
                .isEqualTo(limited(until));
        assertThat(KeyVerdict.of(429, headers("Retry-After", stated), new byte[0], NOW, OPTIONS))
                .isEqualTo(limited(until));
        assertThat(KeyVerdict.of(429, name -> null, body, NOW, OPTIONS)).isEqualTo(limited(until));
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
        KeyVerdict verdict = KeyVerdict.of(429, headers("Retry-After", stated), new byte[0], NOW, OPTIONS);

        assertThat(verdict).isEqualTo(limited(NOW.plus(COOLDOWN), why));
    }

    @Test
    void the_body_comes_before_the_reset_header_and_that_before_retry_after() {
        byte[] body = json("{'error':{'code':429,'metadata':{'headers':{'X-RateLimit-Reset':'10'}}}}");
        byte[] number = json("{'error':{'code':429,'metadata':{'headers':{'X-RateLimit-Reset':10}}}}");
        Map<String, String> both = Map.of("X-RateLimit-Reset", "20", "Retry-After", "30");

        assertThat(KeyVerdict.of(429, both::get, body, NOW, OPTIONS)).isEqualTo(limited(NOW.plusSeconds(10)));
        assertThat(KeyVerdict.of(429, both::get, number, NOW, OPTIONS)).isEqualTo(limited(NOW.plusSeconds(10)));
        assertThat(KeyVerdict.of(429, both::get, new byte[0], NOW, OPTIONS)).isEqualTo(limited(NOW.plusSeconds(20)));
        assertThat(KeyVerdict.of(429, headers("Retry-After", "30"), new byte[0], NOW, OPTIONS))
                .isEqualTo(limited(NOW.plusSeconds(30)));
    }

    @Test
    void after_an_ignored_reset_the_next_one_stated_is_used() {
        byte[] body = json("{'error':{'code':429,'metadata':{'headers':{'X-RateLimit-Reset':'never'}}}}");

        KeyVerdict verdict = KeyVerdict.of(429, headers("Retry-After", "30"), body, NOW, OPTIONS);

        assertThat(verdict)
                .isEqualTo(limited(
                        NOW.plusSeconds(30), "error.metadata.headers X-RateLimit-Reset is not a number or a date"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "500 | {'error':{'code':'429','message':'x'}} | Cooling",
                "500 | {'error':{'code':429,'message':'x'}} | Cooling",
                "500 | {'error':{'code':'rate_limit_exceeded','message':'x'}} | Cooling",
                "400 | {'error':{'code':'rate_limit_exceeded','message':'x'}} | Cooling",
                "502 | {'error':{'message':'Rate limit exceeded: free-models-per-day'}} | FreeTierOut",
                "500 | {'error':{'type':'rate_limit_error','message':'x'}} | Cooling",
                "500 | {'error':{'code':500,'message':'rate limit service is down'}} | Trouble",
                "400 | {'error':{'message':'unknown field \"rate limit\"'}} | None",
                "400 | {'error':{'code':400,'message':'rate limit is no parameter'}} | None",
                "500 | {'error':'rate limit'} | Trouble",
                "500 | 'rate limit' | Trouble",
                "200 | {'error':{'code':429}} | Served",
                "204 | '' | Served",
                "301 | '' | None",
                "0 | '' | None",
            })
    void a_limit_is_known_by_its_code_in_any_spelling(int status, String body, String verdict) {
        KeyVerdict judged = KeyVerdict.of(status, name -> null, json(body), NOW, OPTIONS);

        assertThat(judged.effect().getClass().getSimpleName()).isEqualTo(verdict);
    }

    @Test
    void a_cut_off_body_with_429_rests_the_key_for_the_cooldown() {
        byte[] cut = json("{'error':{'code':429,'metadata':{'provider_name':'Ven");

        assertThat(KeyVerdict.of(429, name -> null, cut, NOW, OPTIONS)).isEqualTo(limited(NOW.plus(COOLDOWN)));
    }

    /** Answers of every file, cut off and changed at random places, under statuses of all kinds. */
    @Test
    void no_bytes_make_it_throw() throws Exception {
        Random random = new Random(42);
        List<byte[]> seeds = new ArrayList<>();
        for (Path file : files()) {
            seeds.add(Files.readAllBytes(file));
        }
        seeds.add(json("{'error':{'code':429,'metadata':{'raw':'x','headers':{'X-RateLimit-Reset':'1'}}}}"));
        int[] statuses = {402, 403, 408, 418, 429, 500, 503, 529, -7, 1000};
        for (int i = 0; i < 40_000; i++) {
            byte[] seed = seeds.get(random.nextInt(seeds.size()));
            byte[] bytes = Arrays.copyOf(seed, random.nextInt(4) > 0 ? seed.length : random.nextInt(seed.length + 1));
            for (int n = random.nextInt(4); n > 0 && bytes.length > 0; n--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            byte[] value = new byte[random.nextInt(12)];
            random.nextBytes(value);
            String stated = random.nextBoolean()
                    ? new String(value, StandardCharsets.ISO_8859_1)
                    : Long.toString(random.nextLong() >> random.nextInt(64));
            int status = statuses[random.nextInt(statuses.length)];

            KeyVerdict verdict = KeyVerdict.of(status, name -> stated, bytes, NOW, OPTIONS);

            assertThat(verdict.pause().isNegative()).isFalse();
        }
    }

    /** JSON of random shape under the names that are read: a member may be of any type. */
    @Test
    void no_type_of_any_member_makes_it_throw() {
        Random random = new Random(7);
        String[] names = {"error", "message", "code", "metadata", "limit_source", "reason", "headers", "provider_name"};
        String[] more = {"X-RateLimit-Reset", "resets_at", "scope", "choices", "response", "availability", "raw", "type"
        };
        String[] all = Stream.concat(Arrays.stream(names), Arrays.stream(more)).toArray(String[]::new);
        int[] statuses = {402, 403, 429, 503};
        for (int i = 0; i < 20_000; i++) {
            byte[] body = ("{\"error\":" + value(random, all, 4) + "}").getBytes(StandardCharsets.UTF_8);

            assertThat(KeyVerdict.of(statuses[i % 4], name -> null, body, NOW, OPTIONS))
                    .isNotNull();
        }
    }

    private static String value(Random random, String[] names, int depth) {
        return switch (random.nextInt(depth > 0 ? 9 : 5)) {
            case 0 -> "null";
            case 1 -> Long.toString(random.nextLong() >> random.nextInt(64));
            case 2 -> Boolean.toString(random.nextBoolean());
            case 3 -> "1e" + random.nextInt(400);
            case 4 -> "\"" + names[random.nextInt(names.length)] + "\"";
            case 5 -> "[" + value(random, names, depth - 1) + "]";
            default ->
                "{\"" + names[random.nextInt(names.length)] + "\":" + value(random, names, depth - 1) + ",\""
                        + names[random.nextInt(names.length)] + "\":" + value(random, names, depth - 1) + "}";
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"error\":", "{\"error\":{\"metadata\":{\"raw\":["})
    void depth_is_no_trouble(String opening) {
        byte[] deep = opening.repeat(64 * 1024 / opening.length()).getBytes(StandardCharsets.UTF_8);

        KeyVerdict verdict = KeyVerdict.of(429, name -> null, deep, NOW, OPTIONS);

        assertThat(verdict).isEqualTo(limited(NOW.plus(COOLDOWN)));
    }

    @Test
    void a_number_of_many_digits_is_no_trouble() {
        byte[] body = json("{'error':{'code':" + "9".repeat(60_000) + "}}");
        byte[] exponent = json("{'error':{'code':429,'metadata':{'headers':{'X-RateLimit-Reset':1e999999999}}}}");

        assertThat(KeyVerdict.of(500, name -> null, body, NOW, OPTIONS))
                .extracting(KeyVerdict::reason)
                .isEqualTo(KeyVerdict.NO_ANSWER);
        assertThat(KeyVerdict.of(429, name -> null, exponent, NOW, OPTIONS))
                .extracting(KeyVerdict::reason)
                .isEqualTo(KeyVerdict.RATE_LIMITED);
    }

    /** A hostile upstream could echo the key in a reset; the warning names the source only. */
    @Test
    void the_warning_never_repeats_what_the_upstream_stated() {
        String echoed = "sk-or-v1-0123456789abcdef";

        KeyVerdict verdict = KeyVerdict.of(429, headers("Retry-After", echoed), new byte[0], NOW, OPTIONS);

        assertThat(verdict.toString()).doesNotContain(echoed);
    }

    private static KeyVerdict limited(Instant until) {
        return limited(until, null);
    }

    private static KeyVerdict limited(Instant until, @Nullable String ignored) {
        KeyEffect rest = new KeyEffect.Cooling(until, KeyEffect.Scope.KEY);
        return new KeyVerdict(rest, Fate.KEY_REFUSED, KeyVerdict.RATE_LIMITED, Duration.ZERO, ignored);
    }

    private static Function<String, @Nullable String> headers(String name, String value) {
        Map<String, String> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        map.put(name, value);
        return map::get;
    }

    private static byte[] json(String singleQuoted) {
        return singleQuoted.replace("\\'", "\\\"").replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] resource(String name) throws IOException {
        try (InputStream in = KeyVerdictTest.class.getResourceAsStream("/keys/" + name)) {
            return Objects.requireNonNull(in, name).readAllBytes();
        }
    }
}
