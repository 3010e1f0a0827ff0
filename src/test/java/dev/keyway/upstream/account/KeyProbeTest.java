package dev.keyway.upstream.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyway.keys.KeyAsk;
import dev.keyway.keys.KeyCredit;
import dev.keyway.keys.KeyPool;
import dev.keyway.keys.KeyPoolOptions;
import dev.keyway.keys.KeyState;
import dev.keyway.keys.KeyView;
import dev.keyway.keys.Selection;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Reply;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.HandTimer;
import dev.keyway.testing.Pools;
import dev.keyway.upstream.UpstreamClient;
import dev.keyway.upstream.UpstreamOptions;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The probe against the stand-in over real HTTP; only time is moved by hand. */
class KeyProbeTest {
    private static final Duration STEP = Duration.ofMillis(250);
    private static final Duration FIVE_MINUTES = Duration.ofMinutes(5);
    private static final String PATH = "/api/v1/key";

    private final HandTimer timer = new HandTimer();
    /** When each probe began: the probe asks the clock once, as it sends. */
    private final List<Instant> begun = new CopyOnWriteArrayList<>();

    private volatile Instant now = Instant.parse("2026-11-27T12:00:00Z");
    private final InstantSource clock = () -> now;
    private final InstantSource recording = () -> {
        begun.add(now);
        return now;
    };

    private Sandbox upstream;
    private UpstreamClient client;

    @BeforeEach
    void start() throws IOException {
        upstream = Sandbox.start(SandboxOptions.forTests().withClock(clock));
        client = UpstreamClient.start(UpstreamOptions.DEFAULTS, null);
    }

    @AfterEach
    void stop() {
        client.close();
        upstream.close();
    }

    private static String key(int number) {
        return "sk-or-v1-%064d".formatted(number);
    }

    private static String id(int number) {
        return new Secret(key(number)).id();
    }

    private KeyPool pool(int keys) {
        List<KeyPoolOptions.Entry> entries = IntStream.range(0, keys)
                .mapToObj(number -> new KeyPoolOptions.Entry(new Secret(key(number)), null, null))
                .toList();
        return Pools.of(KeyPoolOptions.DEFAULTS.withKeys(entries), clock, new Random(1), event -> {});
    }

    private KeyProbe probe(KeyPool pool, Duration interval) {
        return probe(pool, interval, upstream.baseUrl());
    }

    private KeyProbe probe(KeyPool pool, Duration interval, URI baseUrl) {
        UpstreamOptions defaults = UpstreamOptions.DEFAULTS;
        UpstreamOptions options = new UpstreamOptions(
                baseUrl,
                defaults.connectTimeout(),
                defaults.firstByteTimeout(),
                defaults.idleTimeout(),
                defaults.totalTimeout(),
                defaults.streamTimeout(),
                defaults.hold(),
                defaults.keepAliveInterval(),
                defaults.maxConnections(),
                defaults.maxQueued(),
                defaults.receiveBuffer(),
                null,
                null,
                defaults.retry(),
                defaults.circuit(),
                defaults.maxBody());
        return new KeyProbe(client, options, new ProbeOptions(interval), pool, recording, new Random(2), timer);
    }

    /** Moves time by small steps; what was sent is answered before it moves on. */
    private void pass(KeyProbe probe, Duration time) {
        for (Duration left = time; !left.isZero() && !left.isNegative(); left = left.minus(STEP)) {
            now = now.plus(STEP);
            timer.advance(STEP);
            await().atMost(10, TimeUnit.SECONDS)
                    .pollInterval(1, TimeUnit.MILLISECONDS)
                    .until(() -> ended(probe) == begun.size());
        }
    }

    private static long ended(KeyProbe probe) {
        KeyProbe.Counts counts = probe.counts();
        return counts.accepted() + counts.refused() + counts.unreachable();
    }

    private ProbeResult test(KeyProbe probe, int number) {
        ProbeResult result = answer(probe.test(id(number)));
        pass(probe, Duration.ofSeconds(1));
        return result;
    }

    private static ProbeResult answer(CompletionStage<ProbeResult> stage) {
        CompletableFuture<ProbeResult> future = stage.toCompletableFuture();
        return future.orTimeout(10, TimeUnit.SECONDS).join();
    }

    private static KeyView view(KeyPool pool, int number) {
        return pool.view(id(number)).orElseThrow();
    }

    private Map<String, Long> askedPerKey() {
        return upstream.received().stream()
                .filter(request -> request.target().equals(PATH))
                .map(Received::key)
                .map(secret -> secret == null ? "none" : secret.id())
                .collect(Collectors.groupingBy(Function.identity(), Collectors.counting()));
    }

    private void assertNeverTwoWithinASecond() {
        List<Instant> moments = new ArrayList<>(begun);
        for (int i = 1; i < moments.size(); i++) {
            assertThat(Duration.between(moments.get(i - 1), moments.get(i)))
                    .describedAs("between probes %d and %d", i - 1, i)
                    .isGreaterThanOrEqualTo(Duration.ofSeconds(1));
        }
    }

    @Test
    void each_key_that_is_not_deactivated_is_asked_about_once_in_an_interval() {
        KeyPool pool = pool(6);
        pool.disable(id(5));
        KeyProbe probe = probe(pool, FIVE_MINUTES);
        probe.start();

        pass(probe, Duration.ofSeconds(40));
        assertThat(askedPerKey())
                .describedAs("soon after the start each is known")
                .hasSize(5)
                .doesNotContainKey(id(5))
                .allSatisfy((key, times) -> assertThat(times).isEqualTo(1));

        pass(probe, Duration.ofMinutes(30));

        assertThat(askedPerKey())
                .hasSize(5)
                .allSatisfy((key, times) -> assertThat(times).isBetween(6L, 8L));
        assertThat(new HashSet<>(gaps())).describedAs("gaps vary").hasSizeGreaterThan(10);
        assertNeverTwoWithinASecond();
        assertThat(probe.counts()).isEqualTo(new KeyProbe.Counts(begun.size(), 0, 0));
    }

    private List<Duration> gaps() {
        return IntStream.range(1, begun.size())
                .mapToObj(i -> Duration.between(begun.get(i - 1), begun.get(i)))
                .toList();
    }

    @Test
    void more_keys_than_an_interval_has_seconds_are_asked_one_a_second() {
        KeyPool pool = pool(60);
        KeyProbe probe = probe(pool, Duration.ofSeconds(10));
        probe.start();

        pass(probe, Duration.ofSeconds(130));

        assertNeverTwoWithinASecond();
        assertThat(askedPerKey()).hasSize(60);
        assertThat(begun).hasSizeBetween(80, 121);
    }

    @Test
    void switched_off_nothing_is_asked_but_on_demand() {
        KeyPool pool = pool(2);
        KeyProbe probe = probe(pool, Duration.ZERO);
        probe.start();

        pass(probe, Duration.ofMinutes(20));
        assertThat(timer.pending()).isZero();
        assertThat(upstream.received()).isEmpty();

        assertThat(test(probe, 1)).isInstanceOf(ProbeResult.Accepted.class);
        assertThat(askedPerKey()).isEqualTo(Map.of(id(1), 1L));
    }

    /** Proof that out means out: after the probe no request is given that key, and the stand-in sees it no more. */
    @Test
    void a_key_whose_credit_is_spent_is_not_tried_until_a_probe_finds_some() {
        upstream.key(key(0), "a").limit("0");
        upstream.key(key(1), "b");
        KeyPool pool = pool(2);
        KeyProbe probe = probe(pool, FIVE_MINUTES);
        probe.start();

        pass(probe, Duration.ofSeconds(20));
        assertThat(leased(pool)).containsExactly(id(1));
        assertThat(view(pool, 0).state()).isEqualTo(KeyState.EXHAUSTED);

        upstream.key(key(0), "a").limit("5");
        pass(probe, Duration.ofMinutes(10));

        assertThat(leased(pool)).containsExactlyInAnyOrder(id(0), id(1));
        KeyCredit credit = view(pool, 0).credit();
        assertThat(credit == null ? null : credit.remaining()).isEqualByComparingTo(new BigDecimal(5));
    }

    private static Set<String> leased(KeyPool pool) {
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 50; i++) {
            if (pool.select(KeyAsk.ANY) instanceof Selection.Lease lease) {
                ids.add(lease.key().id());
            }
        }
        return ids;
    }

    @Test
    void free_requests_that_are_used_up_rest_the_free_tier_only() {
        upstream.key(key(0), "a").account().freePerDay(0);
        KeyPool pool = pool(1);

        test(probe(pool, Duration.ZERO), 0);

        assertThat(view(pool, 0).state()).isEqualTo(KeyState.ACTIVE);
        assertThat(view(pool, 0).freeUntil()).isEqualTo(Instant.parse("2026-11-28T00:00:00Z"));
    }

    @Test
    void a_key_that_the_upstream_does_not_know_rests_as_after_a_request() {
        upstream.key(key(1), "other");
        KeyPool pool = pool(1);

        assertThat(test(probe(pool, Duration.ZERO), 0)).isEqualTo(new ProbeResult.Refused(401));
        assertThat(view(pool, 0).state()).isEqualTo(KeyState.COOLING);
        assertThat(view(pool, 0).reason()).isEqualTo("unauthorized");
    }

    @Test
    void an_expired_key_is_out() {
        upstream.script(
                key(0), Reply.json(200, "{\"data\":{\"limit_remaining\":5,\"expires_at\":\"2026-11-27T11:59:59Z\"}}"));
        KeyPool pool = pool(1);

        test(probe(pool, Duration.ZERO), 0);

        assertThat(view(pool, 0).state()).isNotEqualTo(KeyState.ACTIVE);
        assertThat(leased(pool)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 429, 302, 200})
    void trouble_on_the_way_is_nothing_against_a_key(int status) {
        upstream.script(key(0), Reply.of(status, "text/html", "<html>sorry</html>".getBytes(StandardCharsets.UTF_8)));
        KeyPool pool = pool(1);
        KeyView before = view(pool, 0);

        assertThat(test(probe(pool, Duration.ZERO), 0)).isInstanceOf(ProbeResult.Unreachable.class);
        assertThat(view(pool, 0)).isEqualTo(before);
    }

    @Test
    void an_answer_of_more_than_64_kib_is_not_read() {
        String padding = " ".repeat(70_000);
        upstream.script(key(0), Reply.json(200, "{\"data\":{\"limit_remaining\":0}" + padding + "}"));
        KeyPool pool = pool(1);

        assertThat(test(probe(pool, Duration.ZERO), 0)).isInstanceOf(ProbeResult.Unreachable.class);
        assertThat(view(pool, 0).state()).isEqualTo(KeyState.ACTIVE);
    }

    @Test
    void an_upstream_that_is_not_there_is_told_by_its_reason() {
        upstream.close();
        KeyPool pool = pool(1);
        KeyProbe probe = probe(pool, Duration.ZERO);

        assertThat(test(probe, 0)).isEqualTo(new ProbeResult.Unreachable("connect_failed"));
        assertThat(probe.counts()).isEqualTo(new KeyProbe.Counts(0, 0, 1));
        assertThat(view(pool, 0).state()).isEqualTo(KeyState.ACTIVE);
    }

    @Test
    void who_asks_while_a_key_is_being_probed_shares_the_answer() {
        KeyPool pool = pool(2);
        KeyProbe probe = probe(pool, Duration.ZERO);
        var unused = probe.test(id(1));
        // The second key waits for its turn, so all who ask meanwhile find it under way.
        List<CompletionStage<ProbeResult>> askers = List.of(probe.test(id(0)), probe.test(id(0)), probe.test(id(0)));

        pass(probe, Duration.ofSeconds(3));

        assertThat(askers).extracting(KeyProbeTest::answer).allMatch(ProbeResult.Accepted.class::isInstance);
        assertThat(askedPerKey()).isEqualTo(Map.of(id(0), 1L, id(1), 1L));
    }

    @Test
    void keys_asked_about_at_once_wait_for_their_turn_and_too_many_are_told_so() {
        KeyPool pool = pool(40);
        KeyProbe probe = probe(pool, Duration.ZERO);
        List<CompletionStage<ProbeResult>> askers = IntStream.range(0, 40)
                .mapToObj(number -> probe.test(id(number)))
                .toList();

        pass(probe, Duration.ofSeconds(40));

        assertThat(askers.subList(0, 31))
                .extracting(KeyProbeTest::answer)
                .allMatch(ProbeResult.Accepted.class::isInstance);
        assertThat(askers.subList(31, 40))
                .extracting(KeyProbeTest::answer)
                .containsOnly(new ProbeResult.Unreachable("busy"));
        assertThat(begun).hasSize(31);
        assertNeverTwoWithinASecond();
    }

    @Test
    void a_key_that_is_not_there_is_not_asked_about() {
        KeyProbe probe = probe(pool(1), Duration.ZERO);

        assertThat(answer(probe.test("k_00000000"))).isEqualTo(new ProbeResult.NoSuchKey());
        assertThat(begun).isEmpty();
    }

    @Test
    void closed_it_asks_nothing_any_more_and_leaves_nobody_waiting() {
        KeyPool pool = pool(3);
        KeyProbe probe = probe(pool, FIVE_MINUTES);
        probe.start();
        answer(probe.test(id(0)));
        CompletionStage<ProbeResult> waiting = probe.test(id(1));

        probe.close();

        assertThat(answer(waiting)).isEqualTo(new ProbeResult.Unreachable("closing"));
        assertThat(answer(probe.test(id(2)))).isEqualTo(new ProbeResult.Unreachable("closing"));
        pass(probe, Duration.ofMinutes(10));
        assertThat(begun).hasSize(1);
        assertThat(timer.pending()).isZero();
    }

    @Test
    void one_bearer_goes_out_and_no_result_holds_the_key() {
        KeyProbe probe = probe(pool(1), Duration.ZERO);

        ProbeResult result = test(probe, 0);

        Received request = upstream.received().get(0);
        assertThat(request.header("Authorization")).isEqualTo("Bearer " + key(0));
        assertThat(request.method() + " " + request.target()).isEqualTo("GET " + PATH);
        assertThat(result.toString()).doesNotContain(key(0));
    }
}
