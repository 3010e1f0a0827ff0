package dev.keyway.keys;

import dev.keyway.wire.Secret;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The pool after its configuration changed: the keys configured in their order, then those stored. A key that stays keeps
 * its state, one that comes back within the time has the one it had, one that is configured no more is retired.
 *
 * @param came keys that were not of the pool before
 * @param gone keys that are not any more
 * @param isChange whether anything differs, names and order included
 */
record Reconfigured(Roster roster, List<PooledKey> came, List<PooledKey> gone, boolean isChange) {

    static Reconfigured of(Roster before, List<KeyPoolOptions.Entry> configured, PoolClock clock) {
        Map<Secret, KeyPoolOptions.Entry> entries = new LinkedHashMap<>();
        configured.forEach(entry -> entries.putIfAbsent(entry.secret(), entry));
        Making making = new Making(before, clock);
        entries.forEach(making::configured);
        for (PooledKey key : before.keys()) {
            if (!making.keys.contains(key)) {
                making.notConfigured(key);
            }
        }
        Roster roster = Roster.of(making.keys, making.retired);
        boolean same = !making.renamed && List.of(before.keys()).equals(making.keys);
        return new Reconfigured(roster, making.came, making.gone, !same);
    }

    private static final class Making {
        private final Roster before;
        private final PoolClock clock;
        private final Instant now;
        private final Restored restored;
        private final Set<String> ids = new HashSet<>();
        private final List<PooledKey> keys = new ArrayList<>();
        private final List<PooledKey> came = new ArrayList<>();
        private final List<PooledKey> gone = new ArrayList<>();
        private RetiredKeys retired;
        private boolean renamed;

        Making(Roster before, PoolClock clock) {
            this.before = before;
            this.clock = clock;
            this.now = clock.onTheWall();
            this.retired = before.retired();
            this.restored = new Restored(
                    retired.remembered(now).stream()
                            .map(RetiredKeys.Retired::kept)
                            .toList(),
                    before::account,
                    clock);
            for (PooledKey key : before.keys()) {
                ids.add(key.id());
            }
        }

        void configured(Secret secret, KeyPoolOptions.Entry entry) {
            PooledKey key = before.bySecret(secret);
            if (key == null) {
                key = back(secret);
                came.add(key);
            }
            name(key, entry);
            keys.add(key);
        }

        /** A key that is not of the pool now, with what is remembered of it. */
        private PooledKey back(Secret secret) {
            for (RetiredKeys.Retired once : retired.remembered(now)) {
                PooledKey key = once.key();
                if (key != null && key.key().secret().equals(secret)) {
                    retired = retired.without(once.id());
                    ids.add(key.id());
                    return key;
                }
            }
            String id = KeyIds.next(secret, ids);
            ids.add(id);
            retired = retired.without(id);
            return restored.key(id, new KeyPoolOptions.Entry(secret, null, null));
        }

        private void name(PooledKey key, KeyPoolOptions.Entry entry) {
            UpstreamKey is = key.key();
            String label = entry.label() == null ? is.label() : entry.label();
            String account = entry.account() == null ? is.account() : entry.account();
            renamed |= key.source() != entry.source()
                    || !Objects.equals(label, is.label())
                    || !Objects.equals(account, is.account());
            key.source(entry.source());
            key.rename(
                    new UpstreamKey(is.id(), is.secret(), label, account),
                    restored.account(account == null ? is.id() : account));
        }

        void notConfigured(PooledKey key) {
            if (key.source().isStored()) {
                keys.add(key);
                return;
            }
            gone.add(key);
            retired = retired.with(
                    new RetiredKeys.Retired(now, key, key.stored(clock).retiredAt(now)), now);
        }
    }
}
