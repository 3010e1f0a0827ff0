package dev.keyway.keys;

import dev.keyway.wire.Secret;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** All keys of the pool at one moment, in order: those configured, then those added. Never changed, only replaced. */
final class Roster {
    private final PooledKey[] keys;
    private final Map<String, PooledKey> byId = new HashMap<>();
    private final Account[] accounts;
    private final long[] accountHashes;
    private final KeyFinder finder;

    private Roster(List<PooledKey> all) {
        keys = all.toArray(PooledKey[]::new);
        Map<Account, List<PooledKey>> byAccount = new LinkedHashMap<>();
        for (PooledKey key : all) {
            byId.put(key.id(), key);
            byAccount
                    .computeIfAbsent(key.account(), account -> new ArrayList<>())
                    .add(key);
        }
        accounts = byAccount.keySet().toArray(Account[]::new);
        accountHashes = Arrays.stream(accounts).mapToLong(Account::hash).toArray();
        byAccount.forEach((account, theirs) -> account.keys(List.copyOf(theirs)));
        finder = new KeyFinder(
                all.stream().map(key -> key.key().secret().reveal()).toList());
    }

    static Roster of(List<PooledKey> keys) {
        return new Roster(keys);
    }

    Roster with(PooledKey key) {
        List<PooledKey> more = new ArrayList<>(List.of(keys));
        more.add(key);
        return new Roster(more);
    }

    Roster without(PooledKey gone) {
        List<PooledKey> fewer = new ArrayList<>(List.of(keys));
        fewer.remove(gone);
        return new Roster(fewer);
    }

    /** The same keys, after one of them changed its account. */
    Roster renewed() {
        return new Roster(List.of(keys));
    }

    /** In order; not to be changed. */
    PooledKey[] keys() {
        return keys;
    }

    /** In the order of their first keys; not to be changed. */
    Account[] accounts() {
        return accounts;
    }

    /** Of the accounts, in their order and side by side, because all of them are read for a choice; not to be changed. */
    long[] accountHashes() {
        return accountHashes;
    }

    @Nullable
    PooledKey byId(String id) {
        return byId.get(id);
    }

    @Nullable
    PooledKey bySecret(Secret secret) {
        for (PooledKey key : keys) {
            if (key.key().secret().equals(secret)) {
                return key;
            }
        }
        return null;
    }

    /** The account of this name, if a key has it. */
    @Nullable
    Account account(String name) {
        for (Account account : accounts) {
            if (account.name().equals(name)) {
                return account;
            }
        }
        return null;
    }

    boolean othersUsable(PooledKey than, Instant now) {
        for (PooledKey key : keys) {
            if (key != than && key.isUsable(now)) {
                return true;
            }
        }
        return false;
    }

    KeyFinder finder() {
        return finder;
    }
}
