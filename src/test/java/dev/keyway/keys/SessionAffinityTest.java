package dev.keyway.keys;

import static dev.keyway.keys.KeyPoolKit.key;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SessionAffinityTest {
    private static final int ACCOUNTS = 10;
    private static final int SESSIONS = 2000;

    /** Ten accounts of two keys each. */
    private final KeyPoolKit kit = new KeyPoolKit(
            "round-robin",
            IntStream.range(0, 2 * ACCOUNTS)
                    .mapToObj(i -> key("sk-or-" + i, "account" + i % ACCOUNTS))
                    .toArray(KeyPoolOptions.Entry[]::new));

    private UpstreamKey key(String session) {
        return ((Selection.Lease) kit.pool.select(new KeyAsk(false, session, Set.of(), Set.of()))).key();
    }

    private static KeyPoolOptions.Entry key(String secret, String account) {
        return KeyPoolKit.key(secret, account);
    }

    @Test
    void a_conversation_stays_on_its_key_and_conversations_spread_over_the_accounts() {
        Map<String, Integer> accounts = new HashMap<>();
        Set<String> keys = new HashSet<>();
        for (int i = 0; i < SESSIONS; i++) {
            UpstreamKey first = key("s" + i);

            assertThat(key("s" + i)).isEqualTo(first);
            accounts.merge(String.valueOf(first.account()), 1, Integer::sum);
            keys.add(first.id());
        }

        assertThat(keys).hasSize(2 * ACCOUNTS);
        assertThat(accounts.values()).hasSize(ACCOUNTS).allMatch(count -> count > 120 && count < 280);
    }

    @Test
    void when_a_key_rests_its_conversations_go_to_the_other_of_the_account() {
        UpstreamKey first = key("mine");
        kit.pool.disable(first.id());

        UpstreamKey second = key("mine");

        assertThat(second).isNotEqualTo(first);
        assertThat(second.account()).isEqualTo(first.account());
        kit.pool.reactivate(first.id());
        assertThat(key("mine")).isEqualTo(first);
    }

    @Test
    void when_an_account_is_out_only_its_conversations_move_and_they_spread() {
        Map<String, UpstreamKey> before = new HashMap<>();
        IntStream.range(0, SESSIONS).forEach(i -> before.put("s" + i, key("s" + i)));
        Selection.Lease lease = (Selection.Lease) kit.pool.select(KeyAsk.ANY);
        String out = String.valueOf(lease.key().account());
        kit.pool.report(
                lease,
                KeyPoolKit.exhausted(kit.in(Duration.ofHours(1)), KeyEffect.Scope.ACCOUNT, KeyVerdict.OUT_OF_CREDIT));

        Set<String> refuges = new HashSet<>();
        before.forEach((session, was) -> {
            UpstreamKey now = key(session);
            if (out.equals(was.account())) {
                refuges.add(String.valueOf(now.account()));
            } else {
                assertThat(now).isEqualTo(was);
            }
        });

        assertThat(refuges).hasSize(ACCOUNTS - 1).doesNotContain(out);
    }
}
