package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.RunningKeyway;
import dev.keyway.upstream.BillingUpstream.Act;
import dev.keyway.upstream.BillingUpstream.Ending;
import dev.keyway.upstream.RawClient.Answer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an upstream that is out, in part or as a whole, costs it, its keys and the clients. */
class OutageTest {
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final Act SILENT_DEATH = Act.refuses("-").ending(Ending.CLOSED);

    @TempDir
    Path home;

    private RunningKeyway keyway(BillingUpstream upstream, String... settings) throws Exception {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("openrouter.keys", String.join(",", Heart.K1, Heart.K2));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        return RunningKeyway.before(upstream.url(), home, all);
    }

    private static Act says(int status, String... headerLines) {
        return Act.status(
                status,
                "{\"error\":{\"code\":" + status + ",\"message\":\"no\",\"metadata\":{\"provider_name\":null}}}",
                headerLines);
    }

    private static Act[] times(int number, Act act) {
        return Stream.generate(() -> act).limit(number).toArray(Act[]::new);
    }

    @Test
    void upstream_that_is_out_is_not_asked_until_one_request_finds_it_back() throws Exception {
        try (BillingUpstream upstream = new BillingUpstream(times(5, SILENT_DEATH));
                RunningKeyway keyway = keyway(upstream, "upstream.circuit_pause", "700ms");
                RawClient client = new RawClient(keyway.port())) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.chat(MODEL, false).answer().status()).isEqualTo(502);
            }

            Answer out = client.chat(MODEL, false).answer();

            assertThat(out.status()).isEqualTo(503);
            assertThat(out.header("Retry-After")).isEqualTo("1");
            assertThat(out.header("X-Keyway-Attempts")).isEqualTo("0");
            assertThat(upstream.sends()).isEqualTo(5);
            Heart.await(Heart.SOON, () -> status(client) == 200);
            assertThat(client.chat(MODEL, true).answer().status()).isEqualTo(200);
            assertThat(upstream.sends()).isEqualTo(7);
        }
    }

    private static int status(RawClient client) {
        try {
            return client.chat(MODEL, false).answer().status();
        } catch (java.io.IOException e) {
            return 0;
        }
    }

    @Test
    void errors_in_the_upstreams_own_words_never_open_the_circuit() throws Exception {
        try (BillingUpstream upstream = new BillingUpstream(times(12, says(502)));
                RunningKeyway keyway = keyway(upstream, "retry.budget", "0");
                RawClient client = new RawClient(keyway.port())) {
            for (int i = 0; i < 12; i++) {
                assertThat(client.chat(MODEL, false).answer().status()).isEqualTo(502);
            }

            assertThat(client.chat("other/model", false).answer().status()).isEqualTo(200);
            assertThat(upstream.sends()).isEqualTo(13);
        }
    }

    @Test
    void pages_of_a_server_in_front_open_it() throws Exception {
        try (BillingUpstream upstream = new BillingUpstream(times(5, Act.page(502)));
                RunningKeyway keyway = keyway(upstream);
                RawClient client = new RawClient(keyway.port())) {
            for (int i = 0; i < 5; i++) {
                assertThat(client.chat(MODEL, false).answer().status()).isEqualTo(502);
            }

            assertThat(client.chat(MODEL, false).answer().status()).isEqualTo(503);
            assertThat(upstream.sends()).isEqualTo(5);
        }
    }

    @Test
    void outage_leaves_the_keys_alone() throws Exception {
        try (BillingUpstream upstream = new BillingUpstream(times(30, Act.page(502)));
                RunningKeyway keyway = keyway(upstream, "upstream.circuit_failures", "0");
                RawClient client = new RawClient(keyway.port())) {
            for (int i = 0; i < 30; i++) {
                client.chat(MODEL, false).answer();
            }

            assertThat(client.chat(MODEL, false).answer().status()).isEqualTo(200);
            assertThat(client.chat(MODEL, false).answer().status()).isEqualTo(200);
            assertThat(upstream.keysSeen().subList(30, 32)).containsExactlyInAnyOrder(Heart.K1, Heart.K2);
        }
    }

    @Test
    void storm_costs_the_upstream_a_tenth_more_and_ten() throws Exception {
        int threads = 8;
        int each = 40;
        try (BillingUpstream upstream = new BillingUpstream(times(1000, says(503)));
                RunningKeyway keyway = keyway(upstream)) {
            ExecutorService clients = Executors.newFixedThreadPool(threads);
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                boolean stream = t % 2 == 0;
                done.add(clients.submit(() -> {
                    try (RawClient client = new RawClient(keyway.port())) {
                        for (int i = 0; i < each; i++) {
                            assertThat(client.chat(MODEL, stream).answer().status())
                                    .isEqualTo(503);
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> one : done) {
                one.get(60, TimeUnit.SECONDS);
            }
            clients.shutdown();

            int requests = threads * each;
            assertThat(upstream.sends()).isBetween(requests + 10, requests * 11 / 10 + 10);
        }
    }

    @Test
    void client_that_leaves_while_it_waits_for_another_attempt_ends_the_wait() throws Exception {
        try (BillingUpstream upstream = new BillingUpstream(says(503, "Retry-After: 9"));
                RunningKeyway keyway = keyway(upstream)) {
            try (RawClient client = new RawClient(keyway.port())) {
                client.chat(MODEL, false);
                Heart.await(Heart.SOON, () -> upstream.sends() == 1);
                client.reset();
            }
            long left = System.nanoTime();

            Heart.await(Heart.SOON, () -> ended(keyway));

            assertThat(Duration.ofNanos(System.nanoTime() - left)).isLessThan(Duration.ofSeconds(6));
            assertThat(keyway.log("requests")).anyMatch(line -> line.contains("\"client_gone\""));
            assertThat(upstream.sends()).isEqualTo(1);
        }
    }

    private static boolean ended(RunningKeyway keyway) {
        try {
            return keyway.log("requests").stream().anyMatch(line -> line.contains("Outgoing Response"));
        } catch (java.io.IOException e) {
            return false;
        }
    }

    /** Symptom: a limit that was told in the middle of a stream did not rest its key, which was tried again and again. */
    @Test
    void late_error_of_a_stream_rests_the_key_without_another_attempt() throws Exception {
        String limit = "data: {\"id\":\"gen-1\",\"error\":{\"code\":429,\"message\":\"Rate limit exceeded\","
                + "\"metadata\":{\"limit_source\":\"openrouter_key\",\"headers\":{\"X-RateLimit-Reset\":\"600\"}}},"
                + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}]}\n\n";
        Act late = Act.answers(
                BillingUpstream.answer(200, "text/event-stream", BillingUpstream.event("one", "null") + limit));
        try (BillingUpstream upstream = new BillingUpstream(late);
                RunningKeyway keyway = keyway(upstream);
                RawClient client = new RawClient(keyway.port())) {
            Answer answer = client.chat(MODEL, true).answer();
            client.chat(MODEL, false).answer();
            client.chat(MODEL, false).answer();

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.text()).endsWith(limit);
            assertThat(upstream.keysSeen()).containsExactly(Heart.K1, Heart.K2, Heart.K2);
        }
    }

    @Test
    void free_tier_that_is_out_is_answered_from_memory_with_the_true_reset() throws Exception {
        long reset = System.currentTimeMillis() + 3_600_000;
        String body = "{\"error\":{\"message\":\"Rate limit exceeded: free-models-per-day. \",\"code\":429,"
                + "\"metadata\":{\"headers\":{\"X-RateLimit-Limit\":\"50\",\"X-RateLimit-Remaining\":\"0\","
                + "\"X-RateLimit-Reset\":\"" + reset + "\"},\"provider_name\":null,"
                + "\"limit_source\":\"openrouter_free_tier_daily\"}}}";
        Act out = Act.status(429, body, "X-RateLimit-Reset: " + reset);
        try (BillingUpstream upstream = new BillingUpstream(out, out);
                RunningKeyway keyway = keyway(upstream);
                RawClient client = new RawClient(keyway.port())) {
            client.chat("some/model:free", false).answer();

            Answer again = client.chat("some/model:free", true).answer();

            assertThat(upstream.sends()).isEqualTo(2);
            assertThat(again.status()).isEqualTo(429);
            assertThat(again.text()).isEqualTo(body);
            assertThat(again.header("X-RateLimit-Reset")).isEqualTo("" + reset);
            assertThat(Integer.parseInt(again.header("Retry-After"))).isBetween(3590, 3600);
            assertThat(again.header("x-should-retry")).isEqualTo("false");
            assertThat(again.header("X-Keyway-Attempts")).isEqualTo("0");
            assertThat(client.chat("some/model", false).answer().status()).isEqualTo(200);
        }
    }
}
