package dev.keyway.keys;

import static dev.keyway.keys.KeyPoolKit.K1;
import static dev.keyway.keys.KeyPoolKit.K2;
import static dev.keyway.keys.KeyPoolKit.K3;
import static dev.keyway.keys.KeyPoolKit.key;
import static dev.keyway.keys.KeyPoolKit.keys;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.wire.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a pool makes of a configuration that changes while it runs. */
class KeyPoolReconfiguredTest {
    private static final KeyVerdict COOLING = new KeyVerdict(
            new KeyEffect.Cooling(HandClock.START.plus(Duration.ofDays(20)), KeyEffect.Scope.KEY),
            Fate.KEY_REFUSED,
            "rate_limited",
            Duration.ZERO,
            null);

    private static KeyPoolOptions options(String strategy, KeyPoolOptions.Entry... keys) {
        return new KeyPoolOptions(List.of(keys), strategy, false, Duration.ofHours(4), Duration.ZERO);
    }

    private static List<String> ids(KeyPool pool) {
        return pool.views().stream().map(KeyView::id).toList();
    }

    private static String id(String key) {
        return new Secret(key).id();
    }

    private static KeyView view(KeyPool pool, String key) {
        return pool.view(id(key)).orElseThrow();
    }

    @Test
    void the_keys_are_those_configured_now_in_their_order_and_then_those_added() {
        KeyPoolKit kit = new KeyPoolKit("round-robin", keys(K1, K2));
        kit.pool.add(new Secret("sk-or-v1-added"), null, null, KeySource.ADMIN);

        kit.pool.configure(options("round-robin", keys(K3, K2)));

        assertThat(ids(kit.pool)).containsExactly(id(K3), id(K2), id("sk-or-v1-added"));
        assertThat(kit.events.stream().map(event -> event.message() + " " + event.key() + " " + event.reason()))
                .containsExactly(
                        "New Key Added " + id("sk-or-v1-added") + " admin",
                        "Key Removed " + id(K1) + " no longer configured",
                        "New Key Added " + id(K3) + " config");
    }

    @Test
    void a_key_that_stays_keeps_its_state_and_takes_a_new_name_and_account() {
        KeyPoolKit kit = new KeyPoolKit("round-robin", keys(K1, K2));
        kit.report(K1, COOLING);

        kit.pool.configure(options("round-robin", new KeyPoolOptions.Entry(new Secret(K1), "spare", "team"), key(K2)));

        assertThat(view(kit.pool, K1)).satisfies(key -> {
            assertThat(key.state()).isEqualTo(KeyState.COOLING);
            assertThat(key.label()).isEqualTo("spare");
            assertThat(key.account()).isEqualTo("team");
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {"round-robin", "first", "random", "lru", "sticky", "most-credit"})
    void a_key_that_is_gone_serves_nobody_and_one_that_came_does(String strategy) {
        KeyPoolKit kit = new KeyPoolKit(strategy, keys(K1, K2));

        kit.pool.configure(options(strategy, keys(K2, K3)));

        for (int i = 0; i < 20; i++) {
            assertThat(kit.lease().key().id()).isIn(id(K2), id(K3));
        }
        assertThat(kit.serves(K3)).isTrue();
    }

    @Test
    void a_request_that_runs_with_a_retired_key_still_reports_to_it_and_hides_its_value() {
        KeyPoolKit kit = new KeyPoolKit("first", keys(K1));
        Selection.Lease running = kit.lease();

        kit.pool.configure(options("first", keys(K2)));
        kit.pool.report(running, COOLING);

        assertThat(kit.pool.maskedIn("got " + K1)).isEqualTo("got " + "*".repeat(K1.length()));
        kit.pool.configure(options("first", keys(K1, K2)));
        assertThat(view(kit.pool, K1).state()).isEqualTo(KeyState.COOLING);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_key_that_comes_back_has_the_state_it_had_over_a_restart_or_without(boolean restart) {
        KeyPoolKit kit = new KeyPoolKit("first", keys(K1, K2));
        kit.report(K1, COOLING);
        kit.pool.configure(options("first", keys(K2)));
        kit.advance(Duration.ofDays(10));

        if (restart) {
            kit.start("first", keys(K2));
            assertThat(ids(kit.pool)).containsExactly(id(K2));
        }
        kit.pool.configure(options("first", keys(K1, K2)));

        assertThat(view(kit.pool, K1)).satisfies(key -> {
            assertThat(key.state()).isEqualTo(KeyState.COOLING);
            assertThat(key.until()).isEqualTo(HandClock.START.plus(Duration.ofDays(20)));
            assertThat(key.failed()).isEqualTo(1);
        });
        kit.advance(Duration.ofDays(10));
        assertThat(kit.serves(K1)).isTrue();
    }

    @Test
    void one_that_was_not_configured_at_a_start_is_remembered_too() {
        KeyPoolKit kit = new KeyPoolKit("first", keys(K1, K2));
        kit.report(K1, COOLING);

        kit.start("first", keys(K2));
        kit.advance(Duration.ofDays(1));
        kit.start("first", keys(K2));
        kit.start("first", keys(K1, K2));

        assertThat(view(kit.pool, K1).state()).isEqualTo(KeyState.COOLING);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void after_30_days_it_is_forgotten(boolean restart) {
        KeyPoolKit kit = new KeyPoolKit("first", keys(K1, K2));
        kit.pool.disable(id(K1));
        kit.pool.configure(options("first", keys(K2)));

        kit.advance(RetiredKeys.REMEMBERED.minusSeconds(1));
        kit.pool.keepAll();
        assertThat(kit.store.load()).extracting(StoredKey::id).contains(id(K1));
        kit.advance(Duration.ofSeconds(1));
        kit.pool.keepAll();
        assertThat(kit.store.load()).extracting(StoredKey::id).doesNotContain(id(K1));

        if (restart) {
            kit.start("first", keys(K2));
        }
        kit.pool.configure(options("first", keys(K1, K2)));
        assertThat(view(kit.pool, K1).state()).isEqualTo(KeyState.ACTIVE);
    }

    @Test
    void the_1000_retired_last_are_remembered() {
        RetiredKeys retired = RetiredKeys.NONE;
        KeyPoolKit kit = new KeyPoolKit("first", keys(K1));
        StoredKey state =
                kit.store.load().isEmpty() ? stored() : kit.store.load().get(0);
        Instant now = Instant.EPOCH;
        for (int i = 0; i <= RetiredKeys.MOST; i++) {
            StoredKey one = new StoredKey(
                    "k_" + i, null, null, null, KeySource.CONFIG, state.state(), null, null, 0, 0, null, null, 0, 0);
            retired = retired.with(new RetiredKeys.Retired(now, null, one), now);
        }

        assertThat(retired.all()).hasSize(RetiredKeys.MOST);
        assertThat(retired.byId("k_0")).isNull();
        assertThat(retired.byId("k_" + RetiredKeys.MOST)).isNotNull();
    }

    private static StoredKey stored() {
        return new StoredKey(
                "k_0", null, null, null, KeySource.CONFIG, KeyState.ACTIVE, null, null, 0, 0, null, null, 0, 0);
    }

    @Test
    void an_added_key_that_is_configured_now_can_not_be_removed_any_more() {
        KeyPoolKit kit = new KeyPoolKit("first", keys(K1));
        kit.pool.add(new Secret(K2), null, null, KeySource.ADMIN);

        kit.pool.configure(options("first", keys(K1, K2)));

        assertThat(kit.pool.remove(id(K2)).toCompletableFuture().join()).isEqualTo(KeyPool.Removal.CONFIGURED);
        assertThat(ids(kit.pool)).containsExactly(id(K1), id(K2));
    }

    @Test
    void other_ways_to_choose_count_from_the_next_choice_on() {
        KeyPoolKit kit = new KeyPoolKit("lru", keys(K1, K2));
        List<String> before = List.of(kit.lease().key().id(), kit.lease().key().id());

        kit.pool.configure(options("first", keys(K1, K2)));
        List<String> first = List.of(kit.lease().key().id(), kit.lease().key().id());
        kit.pool.configure(options("lru", keys(K1, K2)));
        List<String> again = List.of(kit.lease().key().id(), kit.lease().key().id());

        assertThat(before).containsExactly(id(K1), id(K2));
        assertThat(first).containsExactly(id(K1), id(K1));
        assertThat(again).containsExactly(id(K1), id(K2));
    }

    @Test
    void nothing_that_changed_is_not_written() {
        KeyPoolKit kit = new KeyPoolKit("first", keys(K1, K2));
        kit.pool.configure(options("first", keys(K1, K2)));

        assertThat(kit.store.load()).isEmpty();
    }

    /** Strategies give keys places; while one follows another nobody may find none. */
    @Test
    void nobody_goes_without_a_key_while_strategies_and_keys_change() {
        KeyPoolKit kit = new KeyPoolKit("lru", keys(K1, K2, K3));
        AtomicBoolean over = new AtomicBoolean();
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<CompletableFuture<Integer>> clients = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            clients.add(CompletableFuture.supplyAsync(
                    () -> {
                        int without = 0;
                        while (!over.get()) {
                            without += kit.pool.select(KeyAsk.ANY) instanceof Selection.Lease ? 0 : 1;
                        }
                        return without;
                    },
                    threads));
        }
        String[] strategies = {"most-credit", "round-robin", "lru", "first", "sticky", "random"};
        for (int i = 0; i < 3000; i++) {
            kit.pool.configure(options(strategies[i % strategies.length], i % 2 == 0 ? keys(K1) : keys(K2, K3)));
        }
        over.set(true);
        List<Integer> without = clients.stream().map(CompletableFuture::join).toList();
        threads.shutdown();

        assertThat(without).containsOnly(0);
        kit.pool.configure(options("lru", keys(K2, K3)));
        List<String> turns = List.of(
                kit.lease().key().id(),
                kit.lease().key().id(),
                kit.lease().key().id(),
                kit.lease().key().id());
        assertThat(turns.subList(0, 2)).containsExactlyInAnyOrder(id(K2), id(K3));
        assertThat(turns.subList(2, 4)).isEqualTo(turns.subList(0, 2));
    }
}
