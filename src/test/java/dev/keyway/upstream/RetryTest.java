package dev.keyway.upstream;

import static dev.keyway.upstream.Heart.K1;
import static dev.keyway.upstream.Heart.K2;
import static dev.keyway.upstream.Heart.K3;
import static dev.keyway.upstream.Heart.K4;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.sandbox.Conversation;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Reply;
import dev.keyway.upstream.RawClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What is sent again, with which key, and what the client and the stand-in's bill see of it. */
class RetryTest {
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final String LIMIT = """
            {"error":{"message":"Rate limit exceeded","code":429,"metadata":{"limit_source":"openrouter_key"}}}""";

    @TempDir
    Path home;

    private final HandClock clock = new HandClock();

    private Heart withKeys(String... keys) throws IOException {
        return Heart.start(home, clock, "openrouter.keys=" + String.join(",", keys));
    }

    /** Where the limit of the first key is said. */
    enum Said {
        STATUS {
            @Override
            Reply reply(Instant reset) {
                return Reply.json(429, LIMIT).withHeader("X-RateLimit-Reset", "" + reset.toEpochMilli());
            }
        },
        BODY {
            @Override
            Reply reply(Instant reset) {
                return Reply.json(200, body(reset));
            }
        },
        FIRST_EVENT {
            @Override
            Reply reply(Instant reset) {
                return Reply.sse(": OPENROUTER PROCESSING\n\ndata: " + body(reset) + "\n\n");
            }
        };

        abstract Reply reply(Instant reset);

        private static String body(Instant reset) {
            return "{\"error\":{\"message\":\"Rate limit exceeded\",\"code\":429,\"metadata\":{\"headers\":"
                    + "{\"X-RateLimit-Reset\":\"" + reset.toEpochMilli() + "\"}}}}";
        }
    }

    @ParameterizedTest
    @EnumSource(Said.class)
    void second_key_answers_whole_when_the_first_is_limited(Said said) throws Exception {
        try (Heart heart = withKeys(K1, K2);
                RawClient client = heart.client()) {
            heart.sandbox.script(K1, said.reply(clock.instant().plusSeconds(60)));

            Answer answer = client.chat(MODEL, true).answer();

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.whole()).isTrue();
            Received second = heart.sandbox.received().get(1);
            assertThat(answer.text()).isEqualTo(new String(second.responseBody(), StandardCharsets.UTF_8));
            assertThat(answer.text()).endsWith("data: [DONE]\n\n");
            assertThat(answer.header("X-Keyway-Attempts")).isEqualTo("2");
            assertThat(heart.keysSeen()).containsExactly(K1, K2);
        }
    }

    @ParameterizedTest
    @EnumSource(Said.class)
    void limited_key_gets_no_request_until_its_reset(Said said) throws Exception {
        try (Heart heart = withKeys(K1, K2);
                RawClient client = heart.client()) {
            heart.sandbox.script(K1, said.reply(clock.instant().plusSeconds(60)));
            client.chat(MODEL, true).answer();
            clock.advance(Duration.ofSeconds(59));
            client.chat(MODEL, false).answer();
            client.chat(MODEL, false).answer();

            assertThat(heart.keysSeen()).containsExactly(K1, K2, K2, K2);

            clock.advance(Duration.ofSeconds(1));
            client.chat(MODEL, false).answer();
            client.chat(MODEL, false).answer();

            assertThat(heart.keysSeen().subList(4, 6)).contains(K1);
        }
    }

    static Stream<String> resetsInTwoMinutes() {
        Instant reset = Instant.parse("2026-11-20T12:02:00Z");
        return Stream.of(
                "X-RateLimit-Reset: " + reset.toEpochMilli(),
                "X-RateLimit-Reset: " + reset.getEpochSecond(),
                "X-RateLimit-Reset: 120",
                "Retry-After: 120",
                "Retry-After: " + DateTimeFormatter.RFC_1123_DATE_TIME.format(reset.atOffset(ZoneOffset.UTC)));
    }

    @ParameterizedTest
    @MethodSource("resetsInTwoMinutes")
    void every_spelling_of_a_reset_rests_the_key_as_long(String header) throws Exception {
        String[] field = header.split(": ", 2);
        try (Heart heart = withKeys(K1, K2);
                RawClient client = heart.client()) {
            heart.sandbox.script(K1, Reply.json(429, LIMIT).withHeader(field[0], field[1]));
            client.chat(MODEL, false).answer();
            clock.advance(Duration.ofSeconds(119));
            client.chat(MODEL, false).answer();
            clock.advance(Duration.ofSeconds(2));
            client.chat(MODEL, false).answer();
            client.chat(MODEL, false).answer();

            assertThat(heart.keysSeen().subList(0, 3)).containsExactly(K1, K2, K2);
            assertThat(heart.keysSeen().subList(3, 5)).contains(K1);
        }
    }

    /** Symptom: the body of the first attempt's 429 stood before the answer of the second. */
    @Test
    void answer_to_a_get_holds_nothing_of_the_attempt_before() throws Exception {
        try (Heart heart = withKeys(K1, K2);
                RawClient client = heart.client()) {
            heart.sandbox.script(K1, Reply.json(429, LIMIT));

            Answer answer = client.get("/v1/credits").answer();

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo(heart.sandbox.received().get(1).responseBody());
        }
    }

    /** Symptom: a GET that has a content type, as some clients send it, counted as one with a body and was not repeated. */
    @Test
    void get_with_a_content_type_and_no_body_is_sent_again() throws Exception {
        try (Heart heart = withKeys(K1, K2);
                RawClient client = heart.client()) {
            heart.sandbox.script(K1, Reply.json(429, LIMIT));

            Answer answer =
                    client.get("/v1/credits", "Content-Type: application/json").answer();

            assertThat(answer.status()).isEqualTo(200);
            assertThat(heart.keysSeen()).containsExactly(K1, K2);
            assertThat(heart.sandbox.received().get(1).headers("Transfer-Encoding"))
                    .isEmpty();
        }
    }

    @Test
    void limit_whose_body_broke_off_still_counts() throws Exception {
        try (Heart heart = withKeys(K1, K2);
                RawClient client = heart.client()) {
            CompletableFuture<Conversation> first = heart.sandbox.conversation(MODEL);
            client.chat(MODEL, false);

            Heart.taken(first)
                    .head(429, 500, "Content-Type: application/json", "Retry-After: 60")
                    .send("{\"error\"")
                    .cut();

            assertThat(client.answer().status()).isEqualTo(200);
            client.chat(MODEL, false).answer();
            assertThat(heart.keysSeen()).containsExactly(K1, K2, K2);
        }
    }

    /** Symptom: the answer of the second attempt was ended after its first chunk. */
    @Test
    void large_answer_of_the_second_attempt_is_not_cut() throws Exception {
        try (Heart heart = withKeys(K1, K2);
                RawClient client = heart.client()) {
            heart.sandbox.script(K1, Reply.json(429, LIMIT));

            Answer answer = client.chat("sandbox/big-json:2", false).answer();

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.whole()).isTrue();
            assertThat(answer.body()).hasSizeGreaterThan(2 << 20);
        }
    }

    @Test
    void no_request_is_sent_more_than_three_times() throws Exception {
        try (Heart heart = withKeys(K1, K2, K3, K4);
                RawClient client = heart.client()) {
            for (String key : List.of(K1, K2, K3)) {
                heart.sandbox.script(key, Reply.json(429, LIMIT).withHeader("X-Which", key.substring(9, 10)));
            }

            Answer answer = client.chat(MODEL, false).answer();

            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.text()).isEqualTo(LIMIT);
            assertThat(answer.header("X-Which")).isEqualTo("3");
            assertThat(answer.header("X-Keyway-Attempts")).isEqualTo("3");
            assertThat(heart.keysSeen()).containsExactly(K1, K2, K3);
            JsonNode line = heart.outcome();
            assertThat(line.path("attempts")).hasSize(3);
            assertThat(line.path("attempts").findValuesAsText("reason")).containsOnly("rate_limited");
        }
    }

    @Test
    void retried_request_starts_and_bills_one_generation() throws Exception {
        try (Heart heart = withKeys(K1, K2, K3);
                RawClient client = heart.client()) {
            heart.sandbox.script(K1, Reply.fault("429"));
            heart.sandbox.script(K2, Reply.fault("401"));

            Answer answer = client.chat(MODEL, true).answer();

            assertThat(answer.status()).isEqualTo(200);
            assertThat(heart.sandbox.awaitIdle(Heart.SOON)).isTrue();
            List<Received> received = heart.sandbox.received();
            assertThat(received).hasSize(3);
            assertThat(received.stream().filter(Received::generationStarted)).hasSize(1);
            assertThat(heart.sandbox.billed())
                    .isEqualByComparingTo(received.get(2).billed());
            assertThat(heart.sandbox.billed().signum()).isPositive();
            assertThat(received.get(1).body()).isEqualTo(received.get(0).body());
            assertThat(received.get(2).body()).isEqualTo(received.get(0).body());
        }
    }

    @Test
    void errors_that_are_not_about_the_key_are_sent_once_and_told_as_they_came() throws Exception {
        try (Heart heart = withKeys(K1, K2);
                RawClient client = heart.client()) {
            int requests = 0;
            for (String fault : List.of("400", "403", "408", "500", "502", "503", "524", "529", "html-502")) {
                Answer answer = client.chat("sandbox/" + fault, false).answer();

                Received received = heart.sandbox.received().get(requests++);
                assertThat(heart.sandbox.received()).describedAs(fault).hasSize(requests);
                assertThat(answer.status()).isEqualTo(received.status());
                assertThat(answer.body()).isEqualTo(received.responseBody());
                assertThat(answer.header("X-Keyway-Attempts")).isEqualTo("1");
            }
            assertThat(heart.sandbox.billed().signum()).isZero();
        }
    }

    @Test
    void provider_limit_leaves_the_key_alone_and_is_told_after_the_delay() throws Exception {
        try (Heart heart = Heart.start(
                        home, clock, "openrouter.keys=" + K1 + "," + K2, "openrouter.google_rate_delay=300ms");
                RawClient client = heart.client()) {
            heart.sandbox.script(K1, Reply.json(429, """
                    {"error":{"code":429,"message":"Provider returned error","metadata":{"raw":"{\\"error\\":\
                    {\\"status\\":\\"RESOURCE_EXHAUSTED\\"}}"}}}"""));
            long begun = System.nanoTime();

            Answer answer = client.chat(MODEL, false).answer();

            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThanOrEqualTo(Duration.ofMillis(300));
            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.body()).isEqualTo(heart.received().responseBody());
            client.chat(MODEL, false).answer();
            client.chat(MODEL, false).answer();
            assertThat(heart.keysSeen()).containsExactly(K1, K2, K1);
        }
    }

    @Test
    void pool_that_is_out_answers_503_without_asking_the_upstream() throws Exception {
        try (Heart heart = withKeys(K1, K2);
                RawClient client = heart.client()) {
            heart.sandbox.script(K1, Said.STATUS.reply(clock.instant().plusMillis(90_500)));
            heart.sandbox.script(K2, Said.STATUS.reply(clock.instant().plusSeconds(200)));
            assertThat(client.chat(MODEL, false).answer().status()).isEqualTo(429);
            int connections = heart.sandbox.connections();

            Answer answer = client.chat(MODEL, false).answer();

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.json().at("/error/message").asText())
                    .isEqualTo("No available API keys. All API keys are currently disabled due to rate limits."
                            + " Please try again later.");
            assertThat(answer.json().at("/error/type").asText()).isEqualTo("unavailable");
            assertThat(answer.header("Retry-After")).isEqualTo("91");
            assertThat(answer.header("X-Keyway-Attempts")).isEqualTo("0");
            assertThat(heart.sandbox.received()).hasSize(2);
            assertThat(heart.sandbox.connections()).isEqualTo(connections);
            // They are written by their own ends, which may cross.
            assertThat(heart.outcomes(2))
                    .anyMatch(line -> line.path("status").asInt() == 503
                            && line.path("ended").asText().equals("error"));
        }
    }

    @Test
    void refused_pool_key_is_never_told_as_401() throws Exception {
        try (Heart heart = withKeys(K1);
                RawClient client = heart.client()) {
            heart.sandbox.script(K1, Reply.fault("401"), Reply.fault("401"));

            Answer whole = client.chat(MODEL, false).answer();
            clock.advance(Duration.ofMinutes(10));
            Answer stream = client.chat(MODEL, true).answer();

            assertThat(whole.status()).isEqualTo(503);
            assertThat(whole.header("Retry-After")).isEqualTo("600");
            assertThat(whole.text()).contains("No available API keys").doesNotContain("User not found");
            assertThat(stream.status()).isEqualTo(503);
            assertThat(heart.sandbox.received()).hasSize(2);
        }
    }

    @Test
    void body_that_is_streamed_through_gets_one_attempt() throws Exception {
        try (Heart heart = withKeys(K1, K2);
                RawClient client = heart.client()) {
            heart.sandbox.script(K1, Reply.json(429, LIMIT));

            Answer answer = client.request("POST", "/v1/audio/transcriptions", "{\"any\":1}")
                    .answer();

            assertThat(answer.status()).isEqualTo(429);
            assertThat(answer.text()).isEqualTo(LIMIT);
            assertThat(heart.keysSeen()).containsExactly(K1);
        }
    }

    @Test
    void passed_through_key_gets_one_attempt_and_the_pool_does_not_know() throws Exception {
        String own = "sk-or-v1-" + "f".repeat(64);
        try (Heart heart = Heart.start(home, clock, "openrouter.keys=" + K1 + "," + K2, "auth.passthrough=true");
                RawClient client = heart.client()) {
            heart.sandbox.script(own, Reply.json(429, LIMIT), Reply.fault("401"));
            String body = RawClient.chatBody(MODEL, false);

            Answer limited = client.post("/v1/chat/completions", body, "Authorization: Bearer " + own)
                    .answer();
            Answer unknown = client.post("/v1/chat/completions", body, "Authorization: Bearer " + own)
                    .answer();
            client.chat(MODEL, false).answer();
            client.chat(MODEL, false).answer();

            assertThat(limited.status()).isEqualTo(429);
            assertThat(limited.text()).isEqualTo(LIMIT);
            assertThat(unknown.status()).isEqualTo(401);
            assertThat(unknown.body()).isEqualTo(heart.sandbox.received().get(1).responseBody());
            assertThat(heart.keysSeen()).containsExactly(own, own, K1, K2);
        }
    }

    @Test
    void good_key_is_never_blamed_for_the_bad_one_by_64_threads() throws Exception {
        int threads = 64;
        int each = 5;
        try (Heart heart = withKeys(K1, K2)) {
            Reply[] bad = new Reply[threads * each];
            Arrays.fill(bad, Reply.json(429, LIMIT).withHeader("Retry-After", "1"));
            heart.sandbox.script(K1, bad);
            ExecutorService pool = Executors.newFixedThreadPool(threads);
            List<Future<List<Integer>>> answers = new ArrayList<>();
            Callable<List<Integer>> caller = () -> {
                List<Integer> statuses = new ArrayList<>();
                try (RawClient client = heart.client()) {
                    for (int i = 0; i < each; i++) {
                        statuses.add(client.chat(MODEL, i % 2 == 0).answer().status());
                        clock.advance(Duration.ofMillis(200));
                    }
                }
                return statuses;
            };

            for (int i = 0; i < threads; i++) {
                answers.add(pool.submit(caller));
            }

            for (Future<List<Integer>> answer : answers) {
                assertThat(answer.get(60, TimeUnit.SECONDS)).containsOnly(200);
            }
            pool.shutdown();
            String limited = keyId(K1);
            assertThat(heart.keyway.log("keys").stream().filter(line -> line.contains("Rate Limit Hit")))
                    .isNotEmpty()
                    .allMatch(line -> line.contains(limited));
        }
    }

    /** The id that stands in the log for a key. */
    private static String keyId(String key) throws Exception {
        byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.US_ASCII));
        return "k_" + HexFormat.of().formatHex(hash).substring(0, 8);
    }
}
