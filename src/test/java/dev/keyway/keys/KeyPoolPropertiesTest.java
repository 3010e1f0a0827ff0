package dev.keyway.keys;

import static dev.keyway.keys.KeyPoolKit.key;
import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds after any sequence of requests, answers, probes, admin calls, time and clock steps. */
class KeyPoolPropertiesTest {
    private static final int STEPS = 4000;
    private static final int KEYS = 9;
    private static final int ACCOUNTS = 4;

    private final KeyPoolKit kit = new KeyPoolKit("round-robin", entries());
    private final Deque<Selection.Lease> open = new ArrayDeque<>();

    private static KeyPoolOptions.Entry[] entries() {
        KeyPoolOptions.Entry[] entries = new KeyPoolOptions.Entry[KEYS];
        for (int i = 0; i < KEYS; i++) {
            entries[i] = i == KEYS - 1 ? key("sk-or-lonely") : key("sk-or-" + i, "account" + i % ACCOUNTS);
        }
        return entries;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void no_answer_shortens_a_rest_wakes_a_key_or_touches_another_account(long seed) {
        Random random = new Random(seed);
        for (int step = 0; step < STEPS; step++) {
            someTimePasses(random);
            take(random);
            if (open.isEmpty() || random.nextInt(3) == 0) {
                continue;
            }
            Selection.Lease lease = open.remove();
            Map<String, KeyView> before = byId();

            kit.pool.report(lease, anAnswer(random));

            String account = account(lease.key());
            byId().forEach((id, after) -> {
                KeyView was = Objects.requireNonNull(before.get(id));
                assertNotShortened(was, after);
                if (!account(after).equals(account)) {
                    assertThat(after).describedAs("another account").isEqualTo(was);
                }
            });
            if (random.nextInt(400) == 0) {
                kit.pool.reactivate(lease.key().id());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13})
    void a_key_that_rests_gets_no_request_and_one_that_does_not_is_not_forgotten(long seed) {
        Random random = new Random(seed);
        for (int step = 0; step < STEPS; step++) {
            someTimePasses(random);
            boolean free = random.nextBoolean();
            Map<String, KeyView> before = byId();

            Selection selection = kit.pool.select(ask(random, free));

            if (selection instanceof Selection.Lease lease) {
                KeyView leased = Objects.requireNonNull(before.get(lease.key().id()));
                assertThat(leased.state()).isEqualTo(KeyState.ACTIVE);
                assertThat(free && leased.freeUntil() != null).isFalse();
                kit.pool.report(lease, anAnswer(random));
            } else {
                assertThat(before.values())
                        .allMatch(key -> key.state() != KeyState.ACTIVE || (free && key.freeUntil() != null));
            }
            if (random.nextInt(60) == 0) {
                someoneDoesSomething(random);
            }
        }
    }

    @Test
    void round_robin_is_fair_within_a_tenth_whatever_rests() {
        Random random = new Random(3);
        for (int round = 0; round < 20; round++) {
            kit.pool.views().forEach(key -> kit.pool.reactivate(key.id()));
            Set<String> resting = new HashSet<>();
            for (KeyView key : kit.pool.views()) {
                if (random.nextInt(3) == 0 && resting.size() < KEYS - 1) {
                    resting.add(key.id());
                    kit.pool.disable(key.id());
                }
            }
            Map<String, Integer> counts = new HashMap<>();
            int each = 50;
            for (int i = 0; i < each * (KEYS - resting.size()); i++) {
                counts.merge(kit.lease().key().id(), 1, Integer::sum);
            }

            assertThat(counts).hasSize(KEYS - resting.size());
            assertThat(counts.values()).allMatch(count -> Math.abs(count - each) <= each / 10);
        }
    }

    private void someTimePasses(Random random) {
        kit.advance(Duration.ofSeconds(random.nextInt(40)));
        if (random.nextInt(500) == 0) {
            kit.wall.advance(Duration.ofHours(random.nextInt(3) - 1));
        }
    }

    private void take(Random random) {
        if (kit.pool.select(ask(random, random.nextBoolean())) instanceof Selection.Lease lease) {
            open.add(lease);
        }
    }

    private static KeyAsk ask(Random random, boolean free) {
        String session = random.nextInt(3) == 0 ? "conversation " + random.nextInt(20) : null;
        return new KeyAsk(free, session, Set.of(), Set.of());
    }

    private KeyVerdict anAnswer(Random random) {
        Instant until = kit.in(Duration.ofSeconds(1 + random.nextInt(4000)));
        KeyEffect.Scope scope = random.nextBoolean() ? KeyEffect.Scope.KEY : KeyEffect.Scope.ACCOUNT;
        KeyEffect effect = switch (random.nextInt(12)) {
            case 0 -> new KeyEffect.Cooling(until, scope);
            case 1 -> new KeyEffect.Exhausted(random.nextInt(8) > 0 ? until : null, scope);
            case 2 -> new KeyEffect.FreeTierOut(until);
            case 3 -> new KeyEffect.Refused();
            case 4 -> new KeyEffect.Trouble();
            case 5 -> new KeyEffect.None();
            default -> new KeyEffect.Served();
        };
        return KeyPoolKit.verdict(effect, KeyVerdict.RATE_LIMITED);
    }

    private void someoneDoesSomething(Random random) {
        List<KeyView> all = kit.pool.views();
        String id = all.get(random.nextInt(all.size())).id();
        switch (random.nextInt(3)) {
            case 0 -> kit.pool.disable(id);
            case 1 -> kit.pool.reactivate(id);
            default ->
                kit.pool.probed(
                        id,
                        new KeyCredit(
                                BigDecimal.valueOf(random.nextInt(3)), null, null, 1, null, kit.in(Duration.ZERO)));
        }
    }

    private static void assertNotShortened(KeyView was, KeyView after) {
        if (was.state() == KeyState.ACTIVE) {
            return;
        }
        assertThat(after.state()).isNotEqualTo(KeyState.ACTIVE);
        Instant from = was.until();
        Instant to = after.until();
        assertThat(to == null || (from != null && !to.isBefore(from)))
                .describedAs("%s became %s", was, after)
                .isTrue();
        if (was.freeUntil() != null) {
            assertThat(after.freeUntil()).isNotNull().isAfterOrEqualTo(was.freeUntil());
        }
    }

    private Map<String, KeyView> byId() {
        Map<String, KeyView> byId = new HashMap<>();
        kit.pool.views().forEach(key -> byId.put(key.id(), key));
        return byId;
    }

    private static String account(UpstreamKey key) {
        return account(key.account(), key.id());
    }

    private static String account(KeyView key) {
        return account(key.account(), key.id());
    }

    private static String account(@Nullable String account, String id) {
        return account == null ? id : account;
    }
}
