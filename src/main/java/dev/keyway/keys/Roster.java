package dev.keyway.keys;

import dev.keyway.wire.Secret;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * All keys of the pool at one moment, in order: those configured, then those added; and those that were once. Never
 * changed, only replaced.
 */
final class Roster {
    private final PooledKey[] keys;
    private final Map<String, PooledKey> byId = new HashMap<>();
    private final Account[] accounts;
    private final long[] accountHashes;
    private final RetiredKeys retired;
    private final KeyFinder finder;

    private Roster(List<PooledKey> all, RetiredKeys retired) {
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
        this.retired = retired;
        finder = new KeyFinder(Stream.concat(all.stream().map(key -> key.key().secret()), retired.secrets().stream())
                .map(Secret::reveal)
                .toList());
    }

    static Roster of(List<PooledKey> keys, RetiredKeys retired) {
        return new Roster(keys, retired);
    }

    Roster with(PooledKey key) {
        List<PooledKey> more = new ArrayList<>(List.of(keys));
        more.add(key);
        return new Roster(more, retired.without(key.id()));
    }

    Roster without(PooledKey gone) {
        List<PooledKey> fewer = new ArrayList<>(List.of(keys));
        fewer.remove(gone);
        return new Roster(fewer, retired);
    }

    /** The same keys, after one of them changed its account. */
    Roster renewed() {
        return new Roster(List.of(keys), retired);
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

    RetiredKeys retired() {
        return retired;
    }

    /** The key of this id, retired or not, while a request may still report to it. */
    @Nullable
    PooledKey everById(String id) {
        PooledKey key = byId.get(id);
        if (key != null) {
            return key;
        }
        RetiredKeys.Retired gone = retired.byId(id);
        return gone == null ? null : gone.key();
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
