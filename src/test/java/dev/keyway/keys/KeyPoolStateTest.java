package dev.keyway.keys;

import static dev.keyway.keys.KeyPoolKit.FREE;
import static dev.keyway.keys.KeyPoolKit.K1;
import static dev.keyway.keys.KeyPoolKit.K2;
import static dev.keyway.keys.KeyPoolKit.K3;
import static dev.keyway.keys.KeyPoolKit.REFUSED;
import static dev.keyway.keys.KeyPoolKit.SERVED;
import static dev.keyway.keys.KeyPoolKit.TROUBLE;
import static dev.keyway.keys.KeyPoolKit.exhausted;
import static dev.keyway.keys.KeyPoolKit.freeTierOut;
import static dev.keyway.keys.KeyPoolKit.id;
import static dev.keyway.keys.KeyPoolKit.key;
import static dev.keyway.keys.KeyPoolKit.keys;
import static dev.keyway.keys.KeyPoolKit.limited;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.wire.Secret;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What answers, probes and admins do to the state of keys, and what of it outlives the process. */
class KeyPoolStateTest {
    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
    private static final Duration DAY = Duration.ofDays(1);

    private final KeyPoolKit kit = new KeyPoolKit("round-robin", keys(K1, K2));

    // ---- failures in a row

    /** Acceptance vector 13. */
    @Test
    void the_fifth_failure_in_a_row_puts_a_key_out_and_still_so_after_a_restart_until_it_is_added_again() {
        failInTurn(4);
        kit.report(K1, SERVED);
        failInTurn(4);
        assertThat(kit.view(K1).state()).isEqualTo(KeyState.ACTIVE);

        failInTurn(1);
        kit.start("round-robin", keys(K1, K2));

        assertThat(kit.view(K1).state()).isEqualTo(KeyState.DEACTIVATED);
        assertThat(kit.view(K1).reason()).isEqualTo(KeyVerdict.SERVER_ERROR);
        assertThat(kit.serves(K1)).isFalse();
        assertThat(kit.events).contains(new KeyEvent("Key Deactivated", id(K1), "Too many failures", null));
        KeyPool.Added added = done(kit.pool.add(new Secret(K1), null, null, KeySource.ADMIN));
        assertThat(added).isEqualTo(new KeyPool.Added(id(K1), false));
        assertThat(kit.serves(K1)).isTrue();
        assertThat(kit.view(K1).failures()).isZero();
    }

    /** K1 fails, K2 serves, so often. */
    private void failInTurn(int times) {
        for (int i = 0; i < times; i++) {
            kit.report(K1, TROUBLE);
            kit.report(K2, SERVED);
        }
    }

    @Test
    void an_outage_puts_no_key_out() {
        for (int i = 0; i < 50; i++) {
            kit.report(K1, TROUBLE);
            kit.report(K2, TROUBLE);
        }
        kit.report(K2, SERVED);
        kit.report(K1, TROUBLE);

        assertThat(kit.pool.views()).extracting(KeyView::state).containsOnly(KeyState.ACTIVE);
        assertThat(kit.view(K1).failures())
                .describedAs("the first of the row, and the one after another key had served")
                .isEqualTo(2);
    }

    @Test
    void requests_under_way_together_that_fail_together_are_one_failure() {
        List<Selection.Lease> together = List.of(
                kit.lease(K1),
                kit.lease(K1),
                kit.lease(K1),
                kit.lease(K1),
                kit.lease(K1),
                kit.lease(K1),
                kit.lease(K1));
        for (Selection.Lease lease : together) {
            kit.pool.report(lease, TROUBLE);
            kit.report(K2, SERVED);
        }

        assertThat(kit.view(K1).failures()).isEqualTo(1);
        assertThat(kit.view(K1).failed()).isEqualTo(7);
    }

    @Test
    void the_last_usable_key_is_not_put_out_by_trouble() {
        failInTurn(4);
        kit.report(K2, limited(kit.in(DAY)));

        kit.report(K1, TROUBLE);

        assertThat(kit.serves(K1)).isTrue();
    }

    @Test
    void a_refused_key_rests_twice_as_long_each_time_and_goes_out_at_the_fifth() {
        for (int minutes : new int[] {10, 20, 40, 80}) {
            kit.report(K1, REFUSED);

            assertThat(kit.view(K1).until()).isEqualTo(kit.in(Duration.ofMinutes(minutes)));
            kit.advance(Duration.ofMinutes(minutes));
        }
        kit.report(K1, REFUSED);

        assertThat(kit.view(K1).state()).isEqualTo(KeyState.DEACTIVATED);
        assertThat(kit.view(K1).until()).isNull();
        kit.advance(Duration.ofDays(400));
        assertThat(kit.serves(K1)).isFalse();
    }

    @Test
    void requests_under_way_together_that_are_refused_together_are_one_refusal() {
        List<Selection.Lease> together =
                List.of(kit.lease(K1), kit.lease(K1), kit.lease(K1), kit.lease(K1), kit.lease(K1));

        together.forEach(lease -> kit.pool.report(lease, REFUSED));

        assertThat(kit.view(K1).state()).isEqualTo(KeyState.COOLING);
        assertThat(kit.view(K1).until()).isEqualTo(kit.in(TEN_MINUTES));
        assertThat(kit.told()).containsExactly("Key Cooling Down " + id(K1));
    }

    @Test
    void success_forgets_failures_but_ends_no_rest() {
        Selection.Lease slow = kit.lease(K1);
        kit.report(K1, REFUSED);

        kit.pool.report(slow, SERVED);

        assertThat(kit.view(K1).failures()).isZero();
        assertThat(kit.serves(K1)).isFalse();
        kit.advance(TEN_MINUTES);
        kit.report(K1, REFUSED);
        assertThat(kit.view(K1).until()).isEqualTo(kit.in(TEN_MINUTES));
    }

    // ---- accounts

    @Test
    void an_account_without_credit_is_out_with_all_its_keys_and_no_other() {
        kit.start("round-robin", key(K1, "a"), key(K2, "a"), key(K3, "b"));

        kit.report(K1, exhausted(null, KeyEffect.Scope.ACCOUNT, KeyVerdict.OUT_OF_CREDIT));

        assertThat(List.of(kit.serves(K1), kit.serves(K2), kit.serves(K3))).containsExactly(false, false, true);
        assertThat(kit.told()).startsWith("Key Exhausted " + id(K1), "Key Exhausted " + id(K2));
        kit.advance(Duration.ofDays(300));
        assertThat(kit.serves(K2))
                .describedAs("nobody said that there is credit")
                .isFalse();
    }

    @Test
    void a_keys_limit_is_the_keys_alone_and_ends_when_the_upstream_said() {
        kit.start("round-robin", key(K1, "a"), key(K2, "a"));

        kit.report(K1, exhausted(kit.in(DAY), KeyEffect.Scope.KEY, KeyVerdict.KEY_LIMIT));

        assertThat(kit.view(K1).state()).isEqualTo(KeyState.EXHAUSTED);
        assertThat(kit.serves(K2)).isTrue();
        kit.advance(DAY);
        assertThat(kit.serves(K1)).isTrue();
        assertThat(kit.told()).contains("Key Reactivated " + id(K1));
    }

    @Test
    void a_shunned_account_is_passed_over() {
        kit.start("first", key(K1, "a"), key(K2, "a"), key(K3));

        Selection one = kit.pool.select(new KeyAsk(false, null, Set.of(), Set.of("a")));
        Selection none = kit.pool.select(new KeyAsk(false, null, Set.of(), Set.of("a", id(K3))));

        assertThat(((Selection.Lease) one).key().id()).isEqualTo(id(K3));
        assertThat(none).isInstanceOf(Selection.Exhausted.class);
    }

    // ---- the free tier

    @Test
    void a_free_tier_that_is_out_stops_the_free_models_of_its_account_only() {
        kit.start("round-robin", key(K1, "a"), key(K2, "a"), key(K3, "b"));

        kit.report(K1, freeTierOut(kit.in(DAY)));

        assertThat(List.of(kit.servesFree(K1), kit.servesFree(K2), kit.servesFree(K3)))
                .containsExactly(false, false, true);
        assertThat(kit.serves(K1)).isTrue();
        assertThat(kit.view(K2).freeUntil()).isEqualTo(kit.in(DAY));
        assertThat(kit.view(K2).state()).isEqualTo(KeyState.ACTIVE);
        kit.advance(DAY);
        assertThat(kit.servesFree(K2)).isTrue();
    }

    @Test
    void when_every_free_tier_is_out_the_first_refusal_to_end_is_told_from_memory() {
        Instant noon = kit.in(Duration.ofHours(2));
        FreeTierRefusal said =
                new FreeTierRefusal("{\"theirs\":1}".getBytes(StandardCharsets.UTF_8), "application/json", "1");
        Selection.Lease one = kit.lease(K1);
        kit.pool.report(one, freeTierOut(noon));
        kit.pool.freeTierRefused(one, said);
        kit.report(K2, freeTierOut(kit.in(DAY)));

        assertThat(kit.pool.select(FREE)).isEqualTo(new Selection.FreeTierOut(noon, said));
        assertThat(kit.pool.select(KeyAsk.ANY)).isInstanceOf(Selection.Lease.class);
    }

    @ParameterizedTest
    @CsvSource({"8192, true", "8193, false"})
    void a_refusal_is_kept_up_to_8_kib(int length, boolean kept) {
        kit.start("round-robin", keys(K1));
        Selection.Lease lease = kit.lease(K1);
        kit.pool.report(lease, freeTierOut(kit.in(Duration.ofHours(2))));
        byte[] said = new byte[length];

        kit.pool.freeTierRefused(lease, new FreeTierRefusal(said, null, null));

        byte[] told = ((Selection.FreeTierOut) kit.pool.select(FREE)).refusal().body();
        assertThat(Arrays.equals(told, said)).isEqualTo(kept);
    }

    /** A client was told to wait for midnight where another account's rest ended a second later. */
    @Test
    void where_another_account_serves_sooner_its_rest_is_what_to_wait_for() {
        kit.report(K1, freeTierOut(kit.in(DAY)));
        kit.report(K2, limited(kit.in(Duration.ofSeconds(1))));

        assertThat(kit.pool.select(FREE)).isEqualTo(new Selection.Exhausted(kit.in(Duration.ofSeconds(1))));
        kit.advance(Duration.ofSeconds(1));
        assertThat(kit.servesFree(K2)).isTrue();
    }

    @Test
    void a_free_tier_that_was_out_before_a_restart_is_told_in_our_words() {
        Instant midnight = Instant.parse("2026-11-21T00:00:00Z");
        kit.report(K1, freeTierOut(midnight));
        kit.report(K2, freeTierOut(midnight));
        kit.start("round-robin", keys(K1, K2));

        Selection.FreeTierOut out = (Selection.FreeTierOut) kit.pool.select(FREE);

        assertThat(out.retryAt()).isEqualTo(midnight);
        assertThat(out.refusal().reset()).isEqualTo("1795219200000");
        assertThat(new String(out.refusal().body(), StandardCharsets.UTF_8))
                .contains("\"code\":429")
                .contains("\"X-RateLimit-Reset\":\"1795219200000\"");
    }

    @Test
    void a_free_request_with_no_key_usable_at_all_is_told_so() {
        kit.report(K1, freeTierOut(kit.in(DAY)));
        kit.report(K1, limited(kit.in(Duration.ofHours(1))));
        kit.report(K2, limited(kit.in(Duration.ofHours(3))));

        assertThat(kit.pool.select(FREE))
                .describedAs("k1 is back in an hour, but without its free tier")
                .isEqualTo(new Selection.Exhausted(kit.in(Duration.ofHours(3))));
    }

    // ---- rests

    @Test
    void a_longer_rest_takes_the_place_of_a_shorter_and_an_unknown_end_of_any() {
        Selection.Lease one = kit.lease(K1);
        Selection.Lease two = kit.lease(K1);
        Selection.Lease three = kit.lease(K1);
        kit.pool.report(one, limited(kit.in(DAY)));

        kit.pool.report(two, exhausted(null, KeyEffect.Scope.KEY, KeyVerdict.KEY_LIMIT));
        kit.pool.report(three, limited(kit.in(DAY.multipliedBy(2))));

        assertThat(kit.view(K1).state()).isEqualTo(KeyState.EXHAUSTED);
        assertThat(kit.view(K1).until()).isNull();
    }

    @Test
    void nothing_but_an_admin_wakes_a_key_that_is_out() {
        Selection.Lease lease = kit.lease(K1);
        done(kit.pool.disable(id(K1)));

        kit.pool.report(lease, limited(kit.in(TEN_MINUTES)));
        kit.pool.report(lease, SERVED);
        kit.pool.probed(id(K1), credit("5", null));
        kit.advance(DAY);

        assertThat(kit.view(K1).state()).isEqualTo(KeyState.DEACTIVATED);
        assertThat(done(kit.pool.reactivate(id(K1)))).isTrue();
        assertThat(kit.serves(K1)).isTrue();
        assertThat(kit.told()).containsExactly("Key Disabled " + id(K1), "Key Reactivated " + id(K1));
    }

    /** Acceptance vector 15, as far as it is the pool's. */
    @Test
    void a_pool_that_is_all_out_has_no_usable_key_and_says_when_the_first_is_back() {
        kit.report(K1, limited(kit.in(Duration.ofSeconds(90))));
        done(kit.pool.disable(id(K2)));

        Selection.Exhausted out = (Selection.Exhausted) kit.pool.select(KeyAsk.ANY);

        assertThat(kit.pool.usable()).isZero();
        assertThat(out.retryAfterSeconds(kit.wall.instant())).isEqualTo(90);
    }

    // ---- the clock

    @Test
    void a_step_of_the_wall_clock_neither_prolongs_nor_shortens_a_rest() {
        kit.report(K1, limited(kit.in(Duration.ofMinutes(30))));
        kit.wall.advance(Duration.ofHours(1));
        assertThat(kit.serves(K1)).isFalse();
        assertThat(kit.view(K1).until())
                .describedAs("shown in the time of the clock as it is now")
                .isEqualTo(kit.in(Duration.ofMinutes(30)));

        kit.wall.advance(Duration.ofHours(-2));
        kit.advance(Duration.ofMinutes(30));

        assertThat(kit.serves(K1)).isTrue();
    }

    @Test
    void a_rest_goes_on_over_a_restart_by_the_wall_clock() {
        Instant until = kit.in(Duration.ofMinutes(30));
        kit.report(K1, limited(until));
        kit.steady.advance(Duration.ofDays(-9));
        kit.wall.advance(Duration.ofMinutes(29));

        kit.start("round-robin", keys(K1, K2));

        assertThat(kit.view(K1).until()).isEqualTo(until);
        assertThat(kit.serves(K1)).isFalse();
        kit.advance(Duration.ofMinutes(1));
        assertThat(kit.serves(K1)).isTrue();
    }

    @Test
    void a_steady_clock_goes_by_elapsed_time() {
        long[] nanos = {5};
        SteadyClock clock = new SteadyClock(HandClock.START, () -> nanos[0]);

        nanos[0] += Duration.ofHours(1).toNanos();

        assertThat(clock.instant()).isEqualTo(HandClock.START.plus(Duration.ofHours(1)));
    }

    // ---- probes

    @Test
    void a_probe_that_finds_no_credit_puts_the_key_out_and_one_that_finds_some_uses_it_again() {
        kit.pool.probed(id(K1), credit("0", kit.in(DAY)));
        assertThat(kit.view(K1).state()).isEqualTo(KeyState.EXHAUSTED);
        assertThat(kit.view(K1).until()).isEqualTo(kit.in(DAY));
        assertThat(kit.serves(K1)).isFalse();

        kit.advance(Duration.ofMinutes(5));
        kit.pool.probed(id(K1), credit("2.5", null));

        assertThat(kit.serves(K1)).isTrue();
        assertThat(kit.view(K1).credit()).isEqualTo(credit("2.5", null));
    }

    @Test
    void a_probe_from_before_the_limit_was_hit_says_nothing_about_it() {
        KeyCredit early = credit("2.5", null);
        kit.advance(Duration.ofSeconds(1));
        kit.report(K1, exhausted(null, KeyEffect.Scope.KEY, KeyVerdict.KEY_LIMIT));

        kit.pool.probed(id(K1), early);

        assertThat(kit.serves(K1)).isFalse();
    }

    @Test
    void an_account_without_credit_is_tried_again_a_quarter_of_an_hour_later_if_the_probe_goes_well() {
        kit.report(K1, exhausted(null, KeyEffect.Scope.ACCOUNT, KeyVerdict.OUT_OF_CREDIT));

        kit.advance(Duration.ofMinutes(14));
        kit.pool.probed(id(K1), credit(null, null));
        boolean early = kit.serves(K1);
        kit.advance(Duration.ofMinutes(1));
        kit.pool.probed(id(K1), credit(null, null));

        assertThat(early).isFalse();
        assertThat(kit.serves(K1)).isTrue();
    }

    @Test
    void a_probe_does_not_shorten_a_rest() {
        kit.report(K1, limited(kit.in(DAY)));
        kit.advance(TEN_MINUTES);

        kit.pool.probed(id(K1), credit("9", null));

        assertThat(kit.serves(K1)).isFalse();
    }

    @Test
    void a_probe_that_finds_the_free_requests_of_the_day_used_stops_free_models_until_midnight() {
        Instant now = kit.wall.instant();
        kit.pool.probed(id(K1), new KeyCredit(null, null, null, 0, null, now));

        assertThat(kit.servesFree(K1)).isFalse();
        assertThat(kit.serves(K1)).isTrue();
        assertThat(kit.view(K1).freeUntil()).isEqualTo(Instant.parse("2026-11-21T00:00:00Z"));
    }

    @Test
    void an_expired_key_is_out_and_a_refused_probe_counts_like_a_request() {
        Instant now = kit.wall.instant();
        kit.pool.probed(id(K1), new KeyCredit(null, null, null, null, now.minusSeconds(1), now));
        kit.pool.probeRefused(id(K2));

        assertThat(kit.view(K1).state()).isEqualTo(KeyState.DEACTIVATED);
        assertThat(kit.view(K1).reason()).isEqualTo("expired");
        assertThat(kit.view(K2).state()).isEqualTo(KeyState.COOLING);
        assertThat(kit.view(K2).until()).isEqualTo(kit.in(TEN_MINUTES));
    }

    private KeyCredit credit(@Nullable String remaining, @Nullable Instant resets) {
        BigDecimal left = remaining == null ? null : new BigDecimal(remaining);
        return new KeyCredit(left, left == null ? null : BigDecimal.TEN, resets, null, null, kit.wall.instant());
    }

    // ---- admins

    @Test
    void an_added_key_serves_at_once_and_after_a_restart_behind_the_configured_ones() {
        KeyPool.Added added = done(kit.pool.add(new Secret(K3), "spare", "acme", KeySource.ADMIN));
        kit.start("first", keys(K1, K2));

        assertThat(added).isEqualTo(new KeyPool.Added(id(K3), true));
        assertThat(kit.pool.views()).extracting(KeyView::id).containsExactly(id(K1), id(K2), id(K3));
        assertThat(kit.view(K3))
                .extracting(KeyView::label, KeyView::account, KeyView::source)
                .containsExactly("spare", "acme", KeySource.ADMIN);
        assertThat(kit.serves(K3)).isTrue();
        assertThat(kit.told()).containsExactly("New Key Added " + id(K3));
    }

    @Test
    void only_added_keys_can_be_removed() {
        Selection.Lease lease = kit.lease(K1);
        done(kit.pool.add(new Secret(K3), null, null, KeySource.FILE));

        assertThat(done(kit.pool.remove(id(K1)))).isEqualTo(KeyPool.Removal.CONFIGURED);
        assertThat(done(kit.pool.remove("k_00000000"))).isEqualTo(KeyPool.Removal.UNKNOWN);
        assertThat(done(kit.pool.remove(id(K3)))).isEqualTo(KeyPool.Removal.REMOVED);

        assertThat(kit.pool.views()).extracting(KeyView::id).containsExactly(id(K1), id(K2));
        assertThat(kit.store.kept()).extracting(StoredKey::id).containsExactly(id(K1), id(K2));
        assertThat(kit.pool.appearsIn(K3)).isFalse();
        assertThat(kit.told()).contains("Key Removed " + id(K3));
        kit.pool.report(lease, SERVED);
    }

    @Test
    void what_comes_back_for_a_removed_key_changes_nothing() {
        done(kit.pool.add(new Secret(K3), null, null, KeySource.ADMIN));
        Selection.Lease lease = kit.lease(K3);
        done(kit.pool.remove(id(K3)));
        int saves = kit.store.saves();

        assertThat(kit.pool.report(lease, REFUSED).toCompletableFuture()).isDone();

        assertThat(kit.store.saves()).isEqualTo(saves);
    }

    @Test
    void a_key_moved_to_another_account_shares_that_accounts_limits() {
        kit.start("round-robin", key(K1, "a"), key(K2, "b"));
        assertThat(done(kit.pool.edit(id(K2), "two", "a"))).isTrue();

        kit.report(K1, exhausted(null, KeyEffect.Scope.ACCOUNT, KeyVerdict.OUT_OF_CREDIT));

        assertThat(kit.serves(K2)).isFalse();
        assertThat(kit.view(K2).label()).isEqualTo("two");
        assertThat(done(kit.pool.edit("k_00000000", null, null))).isFalse();
    }

    // ---- keeping

    @Test
    void a_report_is_done_when_the_changed_state_is_kept() {
        CompletableFuture<Void> disk = kit.store.hold();

        CompletionStage<Void> rest = kit.pool.report(kit.lease(K1), limited(kit.in(DAY)));
        CompletionStage<Void> served = kit.pool.report(kit.lease(K2), SERVED);

        assertThat(rest.toCompletableFuture()).isNotDone();
        assertThat(served.toCompletableFuture()).isDone();
        assertThat(kit.serves(K1)).describedAs("the pool itself does not wait").isFalse();
        disk.complete(null);
        assertThat(rest.toCompletableFuture()).isDone();
        assertThat(kit.store.kept()).extracting(StoredKey::state).containsExactly(KeyState.COOLING, KeyState.ACTIVE);
    }

    @Test
    void of_configured_keys_only_the_state_is_kept_and_of_added_ones_the_key() {
        done(kit.pool.add(new Secret(K3), null, null, KeySource.ADMIN));

        assertThat(kit.store.kept()).extracting(StoredKey::secret).containsExactly(null, null, new Secret(K3));
    }

    @Test
    void counters_and_last_use_come_back_when_they_were_kept() {
        kit.report(K1, SERVED);
        kit.report(K1, TROUBLE);
        kit.pool.keep();
        Instant used = kit.wall.instant();
        kit.advance(DAY);

        kit.start("round-robin", keys(K1, K2));

        assertThat(kit.view(K1))
                .extracting(KeyView::served, KeyView::failed, KeyView::failures, KeyView::lastUsed)
                .containsExactly(1L, 1L, 1, used);
    }

    @Test
    void a_key_that_is_both_configured_and_kept_is_one_and_keeps_its_state() {
        done(kit.pool.add(new Secret(K3), "stored", "stored", KeySource.ADMIN));
        kit.report(K3, limited(kit.in(DAY)));

        kit.start("round-robin", key(K3, "acme"), key(K1));

        assertThat(kit.pool.views()).extracting(KeyView::id).containsExactly(id(K3), id(K1));
        assertThat(kit.view(K3))
                .extracting(KeyView::label, KeyView::account, KeyView::source, KeyView::state)
                .containsExactly("stored", "acme", KeySource.CONFIG, KeyState.COOLING);
    }

    private static <T> T done(CompletionStage<T> stage) {
        return stage.toCompletableFuture().join();
    }
}
