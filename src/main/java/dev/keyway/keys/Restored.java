package dev.keyway.keys;

import dev.keyway.wire.Secret;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Makes keys of what is configured and what was kept of them. */
final class Restored {
    private final PoolClock clock;
    private final Map<String, StoredKey> kept = new HashMap<>();
    private final Map<String, Account> accounts = new HashMap<>();
    private final Function<String, @Nullable Account> known;

    /** @param known accounts that are there already, by name */
    Restored(List<StoredKey> stored, Function<String, @Nullable Account> known, PoolClock clock) {
        this.clock = clock;
        this.known = known;
        stored.forEach(key -> kept.putIfAbsent(key.id(), key));
    }

    /**
     * The keys configured in their order, then those kept; one that is both keeps its state, and its label and account
     * where the configuration gives none. Of one that is neither, the state is remembered for a while.
     */
    static Roster roster(List<KeyPoolOptions.Entry> configured, List<StoredKey> stored, PoolClock clock) {
        Map<Secret, KeyPoolOptions.Entry> unique = new LinkedHashMap<>();
        configured.forEach(entry -> unique.putIfAbsent(entry.secret(), entry));
        for (StoredKey key : stored) {
            Secret secret = key.secret();
            if (secret != null) {
                unique.putIfAbsent(secret, new KeyPoolOptions.Entry(secret, key.label(), key.account(), key.source()));
            }
        }
        Map<Secret, String> ids = KeyIds.assign(unique.keySet());
        Restored restored = new Restored(stored, name -> null, clock);
        List<PooledKey> keys = new ArrayList<>(unique.size());
        unique.forEach((secret, entry) -> {
            String id = ids.get(secret);
            if (id != null) {
                keys.add(restored.key(id, entry));
            }
        });
        return Roster.of(keys, retired(stored, Set.copyOf(ids.values()), clock));
    }

    private static RetiredKeys retired(List<StoredKey> stored, Set<String> inUse, PoolClock clock) {
        Instant now = clock.onTheWall();
        RetiredKeys all = RetiredKeys.NONE;
        for (StoredKey key : stored) {
            if (key.secret() == null && !inUse.contains(key.id())) {
                Instant since = key.retired() == null ? now : key.retired();
                all = all.with(new RetiredKeys.Retired(since, null, key.retiredAt(since)), now);
            }
        }
        return all;
    }

    /** An account by its name, the same each time. */
    Account account(String name) {
        return accounts.computeIfAbsent(name, wanted -> {
            Account there = known.apply(wanted);
            return there == null ? new Account(wanted) : there;
        });
    }

    /** A key as it is configured, in the state that was kept of it. */
    PooledKey key(String id, KeyPoolOptions.Entry entry) {
        StoredKey before = kept.get(id);
        String label = entry.label() == null && before != null ? before.label() : entry.label();
        String account = entry.account() == null && before != null ? before.account() : entry.account();
        UpstreamKey key = new UpstreamKey(id, entry.secret(), label, account);
        Account shared = account(account == null ? id : account);
        if (before == null) {
            return new PooledKey(key, entry.source(), shared, KeyCondition.active(clock.now()));
        }
        PooledKey pooled = new PooledKey(key, entry.source(), shared, condition(before));
        pooled.counted(before.served(), before.failed(), steady(before.lastUsed()));
        Instant freeUntil = steady(before.freeUntil());
        if (freeUntil != null) {
            shared.freeOut(freeUntil);
        }
        return pooled;
    }

    private KeyCondition condition(StoredKey before) {
        int mostFailures = KeyCondition.FAILURES_TO_GO_OUT - 1;
        boolean active = before.state() == KeyState.ACTIVE;
        // A rest whose end was not kept can't be left to end by itself.
        Instant until =
                before.state() == KeyState.COOLING && before.until() == null ? clock.now() : steady(before.until());
        return new KeyCondition(
                before.state(),
                active ? null : before.reason(),
                active || before.state() == KeyState.DEACTIVATED ? null : until,
                clock.now(),
                Math.max(0, Math.min(mostFailures, before.failures())),
                Math.max(0, Math.min(mostFailures, before.refusals())),
                KeyCondition.Row.NONE);
    }

    private @Nullable Instant steady(@Nullable Instant onTheWall) {
        return onTheWall == null ? null : clock.toSteady(onTheWall);
    }
}
