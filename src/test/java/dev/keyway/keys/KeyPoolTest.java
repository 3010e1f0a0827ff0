package dev.keyway.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyway.testing.Pools;
import dev.keyway.wire.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyPoolTest {
    private static final KeyVerdict SERVED = verdict(new KeyEffect.Served(), "ok");
    private static final String K1 = "sk-or-v1-one";
    private static final String K2 = "sk-or-v1-two";
    private static final String K3 = "sk-or-v1-three";

    private final HandClock clock = new HandClock();
    private final Queue<KeyEvent> events = new ConcurrentLinkedQueue<>();

    @Test
    void round_robin_takes_the_keys_in_turn() {
        KeyPool pool = pool("round-robin", false, K1, K2, K3);

        assertThat(use(pool, 4)).containsExactly(K1, K2, K3, K1);
    }

    @Test
    void round_robin_passes_over_resting_keys_and_the_cursor_with_it() {
        KeyPool pool = pool("round-robin", false, K1, K2, K3);
        Selection.Lease first = lease(pool);
        Selection.Lease second = lease(pool);
        pool.report(first, SERVED);
        pool.report(second, restFor(Duration.ofMinutes(5)));

        assertThat(use(pool, 4)).containsExactly(K3, K1, K3, K1);
    }

    @Test
    void same_reuses_the_last_key_before_any_strategy() {
        assertThat(use(pool("round-robin", true, K1, K2), 2)).containsExactly(K1, K1);
        assertThat(new HashSet<>(use(pool("random", true, K1, K2, K3), 20))).hasSize(1);
    }

    @Test
    void same_moves_on_when_the_key_rests_and_stays_with_the_new_one_after_that() {
        KeyPool pool = pool("round-robin", true, K1, K2);
        pool.report(lease(pool), restFor(Duration.ofMinutes(5)));

        List<String> resting = use(pool, 2);
        clock.advance(Duration.ofMinutes(5));

        assertThat(resting).containsExactly(K2, K2);
        assertThat(use(pool, 1)).containsExactly(K2);
    }

    @Test
    void first_takes_the_first_usable_key_as_configured() {
        KeyPool pool = pool("first", false, K1, K2, K3);
        pool.report(lease(pool), restFor(Duration.ofMinutes(5)));

        List<String> resting = use(pool, 2);
        clock.advance(Duration.ofMinutes(5));

        assertThat(resting).containsExactly(K2, K2);
        assertThat(use(pool, 1)).containsExactly(K1);
    }

    @Test
    void random_reaches_every_usable_key_and_no_resting_one() {
        KeyPool pool = pool("random", false, K1, K2, K3);
        Selection.Lease lease = lease(pool);
        pool.report(lease, restFor(Duration.ofMinutes(5)));
        Set<String> others = new HashSet<>(List.of(K1, K2, K3));
        others.remove(lease.key().secret().reveal());

        assertThat(new HashSet<>(use(pool, 50))).isEqualTo(others);
    }

    @ParameterizedTest
    @ValueSource(strings = {"least-recently-used", "lru"})
    void least_recently_used_takes_the_one_longest_unused(String name) {
        KeyPool pool = pool(name, false, K1, K2, K3);
        List<String> firstRound = use(pool, 3);
        pool.report(lease(pool), restFor(Duration.ofMinutes(5)));

        List<String> resting = use(pool, 3);
        clock.advance(Duration.ofMinutes(5));

        assertThat(firstRound).containsExactly(K1, K2, K3);
        assertThat(resting).containsExactly(K2, K3, K2);
        assertThat(use(pool, 2)).containsExactly(K1, K3);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sticky", "lru"})
    void sticky_keeps_its_key_and_after_a_rest_prefers_the_never_used_one(String name) {
        KeyPool pool = pool(name, name.equals("lru"), K1, K2, K3);
        List<String> before = use(pool, 3);
        pool.report(lease(pool), restFor(Duration.ofSeconds(1)));
        List<String> second = use(pool, 2);
        clock.advance(Duration.ofMinutes(5));
        pool.report(lease(pool), restFor(Duration.ofSeconds(1)));

        assertThat(before).containsOnly(K1);
        assertThat(second).containsOnly(K2);
        assertThat(use(pool, 2))
                .describedAs("k1 is usable again, but k3 was never used")
                .containsExactly(K3, K3);
    }

    @Test
    void an_unknown_strategy_is_refused_at_once_naming_the_known_ones() {
        assertThatThrownBy(() -> pool("fastest", false, K1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("\"fastest\"")
                .hasMessageContaining("round-robin, first, random, least-recently-used, lru, sticky");
    }

    @Test
    void every_named_strategy_makes_a_working_pool() {
        for (String name : SelectionStrategies.names()) {
            assertThat(use(pool(name, false, K1), 2)).describedAs(name).containsExactly(K1, K1);
        }
    }

    @Test
    void a_key_already_tried_by_this_request_is_not_given_again() {
        KeyPool pool = pool("first", true, K1, K2);
        Selection.Lease first = lease(pool);

        Selection second = pool.select(tried(first.key().id()));
        Selection third = pool.select(tried(id(K1), id(K2)));

        assertThat(((Selection.Lease) second).key()).isEqualTo(upstreamKey(K2));
        assertThat(third)
                .describedAs("nothing is wrong with either key: the next request may use them at once")
                .isEqualTo(new Selection.Exhausted(HandClock.START));
    }

    @Test
    void a_rested_key_comes_back_by_itself_at_its_time_and_not_before() {
        KeyPool pool = pool("first", false, K1);
        pool.report(lease(pool), restFor(Duration.ofMinutes(5)));

        clock.advance(Duration.ofMinutes(5).minusMillis(1));
        Selection before = pool.select(KeyAsk.ANY);
        clock.advance(Duration.ofMillis(1));

        assertThat(before).isEqualTo(new Selection.Exhausted(HandClock.START.plus(Duration.ofMinutes(5))));
        assertThat(use(pool, 1)).containsExactly(K1);
    }

    @Test
    void an_exhausted_pool_says_when_the_first_key_is_back() {
        KeyPool pool = pool("round-robin", false, K1, K2, K3);
        pool.report(lease(pool), restFor(Duration.ofHours(4)));
        pool.report(lease(pool), restFor(Duration.ofMinutes(7)));
        pool.report(lease(pool), restFor(Duration.ofHours(1)));

        Selection selection = pool.select(KeyAsk.ANY);

        assertThat(selection).isEqualTo(new Selection.Exhausted(HandClock.START.plus(Duration.ofMinutes(7))));
        assertThat(pool.usable()).isZero();
        assertThat(pool.isEmpty()).isFalse();
    }

    @Test
    void a_pool_without_keys_is_exhausted() {
        KeyPool pool = pool("round-robin", false);

        assertThat(pool.isEmpty()).isTrue();
        assertThat(pool.select(KeyAsk.ANY))
                .isEqualTo(new Selection.Exhausted(HandClock.START.plus(Duration.ofHours(4))));
    }

    @Test
    void retry_after_is_in_whole_seconds_rounded_up_and_at_least_one() {
        Instant now = HandClock.START;

        assertThat(new Selection.Exhausted(now.plusMillis(1)).retryAfterSeconds(now))
                .isEqualTo(1);
        assertThat(new Selection.Exhausted(now.plusMillis(1001)).retryAfterSeconds(now))
                .isEqualTo(2);
        assertThat(new Selection.Exhausted(now.plusSeconds(60)).retryAfterSeconds(now))
                .isEqualTo(60);
        assertThat(new Selection.Exhausted(now).retryAfterSeconds(now)).isEqualTo(1);
        assertThat(new Selection.Exhausted(now.minusMillis(2500)).retryAfterSeconds(now))
                .isEqualTo(1);
    }

    @Test
    void the_message_of_an_exhausted_pool_holds_both_sentences() {
        assertThat(Selection.Exhausted.MESSAGE)
                .contains("No available API keys")
                .contains("All API keys are currently disabled due to rate limits. Please try again later.");
    }

    @Test
    void a_shorter_rest_never_shortens_a_longer_one() {
        KeyPool pool = pool("first", false, K1);
        Selection.Lease one = lease(pool);
        Selection.Lease two = lease(pool);
        pool.report(one, restFor(Duration.ofHours(4)));

        pool.report(two, restFor(Duration.ofSeconds(30)));
        pool.report(two, SERVED);

        assertThat(pool.select(KeyAsk.ANY))
                .isEqualTo(new Selection.Exhausted(HandClock.START.plus(Duration.ofHours(4))));
    }

    @Test
    void a_providers_limit_and_errors_that_are_not_the_keys_change_nothing() {
        KeyPool pool = pool("first", false, K1);

        pool.report(lease(pool), verdict(new KeyEffect.None(), KeyVerdict.PROVIDER_LIMITED));
        pool.report(lease(pool), verdict(new KeyEffect.None(), KeyVerdict.ERROR));

        assertThat(pool.usable()).isEqualTo(1);
        assertThat(events).isEmpty();
    }

    @Test
    void the_keys_log_is_told_of_limit_rotation_and_return() {
        KeyPool pool = pool("round-robin", false, K1, K2, K3);
        pool.report(lease(pool), restFor(Duration.ofMinutes(5)));
        use(pool, 4);
        clock.advance(Duration.ofMinutes(5));
        use(pool, 3);

        assertThat(events)
                .containsExactly(
                        new KeyEvent(
                                "Rate Limit Hit", id(K1), "rate_limited", HandClock.START.plus(Duration.ofMinutes(5))),
                        new KeyEvent("Key Rotation", id(K2), "rate_limited", null),
                        new KeyEvent("Key Reactivated", id(K1), "rate_limited", null));
    }

    @Test
    void requests_that_hit_the_same_limit_at_once_are_one_event() {
        KeyPool pool = pool("first", false, K1);
        List<Selection.Lease> leases = List.of(lease(pool), lease(pool), lease(pool));

        for (Selection.Lease lease : leases) {
            pool.report(
                    lease,
                    new KeyVerdict(
                            new KeyEffect.Cooling(clock.instant().plusSeconds(60), KeyEffect.Scope.KEY),
                            Fate.KEY_REFUSED,
                            KeyVerdict.RATE_LIMITED,
                            Duration.ZERO,
                            "x is past"));
            clock.advance(Duration.ofMillis(10));
        }

        assertThat(events).extracting(KeyEvent::message).containsExactly("Rate Limit Hit", "Reset Ignored");
    }

    @Test
    void an_unauthorized_key_rests_under_its_own_event() {
        KeyPool pool = pool("first", false, K1);
        Instant until = HandClock.START.plus(Duration.ofMinutes(10));

        pool.report(lease(pool), verdict(new KeyEffect.Refused(), KeyVerdict.UNAUTHORIZED));

        assertThat(events).containsExactly(new KeyEvent("Key Cooling Down", id(K1), "unauthorized", until));
    }

    @Test
    void a_key_is_shown_by_id_with_its_state() {
        KeyPool pool = Pools.of(
                options("round-robin", false)
                        .withKeys(List.of(
                                new KeyPoolOptions.Entry(new Secret(K1), "mine", "acme"),
                                new KeyPoolOptions.Entry(new Secret(K2), null, null))),
                clock,
                new Random(1),
                events::add);
        pool.report(lease(pool), SERVED);
        pool.report(lease(pool), restFor(Duration.ofMinutes(5)));

        assertThat(pool.views())
                .extracting(KeyView::id, KeyView::label, KeyView::account, KeyView::state, KeyView::reason)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(id(K1), "mine", "acme", KeyState.ACTIVE, null),
                        org.assertj.core.groups.Tuple.tuple(id(K2), null, null, KeyState.COOLING, "rate_limited"));
    }

    @Test
    void a_key_configured_twice_is_one_key() {
        KeyPool pool = pool("round-robin", false, K1, K2, K1);

        assertThat(pool.views()).extracting(KeyView::id).containsExactly(id(K1), id(K2));
        assertThat(use(pool, 3)).containsExactly(K1, K2, K1);
    }

    @Test
    void keys_whose_short_ids_clash_get_twelve_digits() {
        List<String> twins = twoValuesWithTheSameShortId();
        KeyPool pool = pool("round-robin", false, twins.get(0), twins.get(1), K1);

        List<String> ids = pool.views().stream().map(KeyView::id).toList();

        assertThat(ids.get(0)).hasSize(14).isNotEqualTo(ids.get(1));
        assertThat(ids.get(1)).hasSize(14).startsWith(ids.get(0).substring(0, 10));
        assertThat(ids.get(2)).isEqualTo(id(K1)).hasSize(10);
    }

    @Test
    void a_text_that_holds_a_key_is_recognised() {
        KeyPool pool = pool("round-robin", false, K1, K2);

        assertThat(pool.appearsIn("trace; key=" + K2 + "; x")).isTrue();
        assertThat(pool.appearsIn(K1)).isTrue();
        assertThat(pool.appearsIn("sk-or-v1-")).isFalse();
        assertThat(pool.appearsIn("")).isFalse();
    }

    @Test
    void nothing_printed_of_the_pool_holds_a_key() {
        KeyPool pool = pool("round-robin", false, K1);
        Selection.Lease lease = lease(pool);
        pool.report(lease, restFor(Duration.ofMinutes(5)));

        assertThat(lease + " " + pool.views() + events + options("first", false))
                .doesNotContain(K1)
                .contains(id(K1));
    }

    /** Proof 8: under 64 threads the good key of two is never blamed for the bad one's limits. */
    @ParameterizedTest
    @ValueSource(strings = {"round-robin", "first", "random", "least-recently-used", "sticky"})
    void the_good_key_is_never_blamed_for_the_bad_one(String strategy) throws Exception {
        KeyPool pool = pool(strategy, false, K1, K2);
        int rounds = 500;
        List<Future<Integer>> answered = new ArrayList<>();
        ExecutorService threads = Executors.newFixedThreadPool(64);
        try {
            for (int t = 0; t < 64; t++) {
                answered.add(threads.submit(() -> serve(pool, rounds)));
            }

            int served = 0;
            for (Future<Integer> thread : answered) {
                served += thread.get(60, TimeUnit.SECONDS);
            }

            assertThat(served)
                    .describedAs("every request was answered by the good key")
                    .isEqualTo(64 * rounds);
        } finally {
            threads.shutdownNow();
        }
        assertThat(events)
                .filteredOn(event -> !event.message().equals(KeyEvent.ROTATION))
                .extracting(KeyEvent::key)
                .containsOnly(id(K1));
        assertThat(pool.views().get(1).state()).isEqualTo(KeyState.ACTIVE);
    }

    @Test
    void round_robin_is_even_over_many_threads() throws Exception {
        KeyPool pool = pool("round-robin", false, K1, K2, K3);
        Map<String, Integer> counts = new HashMap<>();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        try {
            List<Future<List<String>>> used = new ArrayList<>();
            for (int t = 0; t < 16; t++) {
                used.add(threads.submit(() -> use(pool, 300)));
            }
            for (Future<List<String>> thread : used) {
                thread.get(60, TimeUnit.SECONDS).forEach(key -> counts.merge(key, 1, Integer::sum));
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(counts).isEqualTo(Map.of(K1, 1600, K2, 1600, K3, 1600));
    }

    /** An upstream at which K1 is always limited; the rest is so short that K1 keeps coming back. */
    private int serve(KeyPool pool, int rounds) {
        int served = 0;
        for (int i = 0; i < rounds; i++) {
            Set<String> tried = new HashSet<>();
            for (int attempt = 0; attempt < 2; attempt++) {
                if (!(pool.select(tried(tried)) instanceof Selection.Lease lease)) {
                    break;
                }
                tried.add(lease.key().id());
                boolean good = lease.key().secret().reveal().equals(K2);
                pool.report(lease, good ? SERVED : limitedUntil(clock.instant()));
                if (good) {
                    served++;
                    break;
                }
            }
        }
        return served;
    }

    private KeyPool pool(String strategy, boolean same, String... keys) {
        KeyPoolOptions options = options(strategy, same)
                .withKeys(Arrays.stream(keys)
                        .map(key -> new KeyPoolOptions.Entry(new Secret(key), null, null))
                        .toList());
        return Pools.of(options, clock, new Random(1), events::add);
    }

    private static KeyPoolOptions options(String strategy, boolean same) {
        return new KeyPoolOptions(List.of(), strategy, same, Duration.ofHours(4), Duration.ZERO);
    }

    private static UpstreamKey upstreamKey(String key) {
        return new UpstreamKey(id(key), new Secret(key), null, null);
    }

    private static KeyAsk tried(String... ids) {
        return tried(Set.of(ids));
    }

    private static KeyAsk tried(Set<String> ids) {
        return new KeyAsk(false, null, ids, Set.of());
    }

    private static Selection.Lease lease(KeyPool pool) {
        return (Selection.Lease) pool.select(KeyAsk.ANY);
    }

    /** The keys that this many requests, one after the other and all served, were given. */
    private static List<String> use(KeyPool pool, int requests) {
        List<String> used = new ArrayList<>();
        for (int i = 0; i < requests; i++) {
            Selection.Lease lease = lease(pool);
            pool.report(lease, SERVED);
            used.add(lease.key().secret().reveal());
        }
        return used;
    }

    private KeyVerdict restFor(Duration time) {
        return limitedUntil(clock.instant().plus(time));
    }

    private static KeyVerdict limitedUntil(Instant until) {
        return verdict(new KeyEffect.Cooling(until, KeyEffect.Scope.KEY), KeyVerdict.RATE_LIMITED);
    }

    private static KeyVerdict verdict(KeyEffect effect, String reason) {
        return new KeyVerdict(effect, Fate.KEY_REFUSED, reason, Duration.ZERO, null);
    }

    private static String id(String key) {
        return new Secret(key).id();
    }

    private static List<String> twoValuesWithTheSameShortId() {
        Map<String, String> byId = new HashMap<>();
        for (int i = 0; ; i++) {
            String value = "sk-or-v1-" + i;
            String earlier = byId.put(id(value), value);
            if (earlier != null) {
                return List.of(earlier, value);
            }
        }
    }
}
