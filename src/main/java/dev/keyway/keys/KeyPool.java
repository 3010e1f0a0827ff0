package dev.keyway.keys;

import dev.keyway.wire.Secret;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The upstream keys and which of them may be used now. Safe for many threads; no call waits, and none that a request
 * makes takes a lock.
 *
 * <p>Each attempt holds a lease of its own, and what its answer meant is booked on that lease's key: there is no shared
 * "current key" to blame. A rest, once begun, is never shortened but by an admin or, when it is credit that is out, by a
 * probe that finds some.
 */
public final class KeyPool {
    private static final CompletionStage<Void> DONE = CompletableFuture.completedFuture(null);
    private static final CompletionStage<Boolean> UNKNOWN = CompletableFuture.completedFuture(false);
    private static final String ADMIN = "admin";
    private static final String DISABLED = "disabled";
    private static final String UNCONFIGURED = "no longer configured";

    private final Object roll = new Object();
    private volatile Roster roster;
    private final PoolClock clock;
    private final KeyJournal journal;
    private final KeySelector selector;
    private final KeyBooks books;
    private long usesKept;

    /**
     * A pool of the configured keys and those that were kept.
     *
     * @param clock the wall clock: resets are stated, and state is shown and kept, in its time
     * @param steady measures rests; a step of the wall clock must not move it
     * @param random must be safe for many threads
     * @param stored what the store had kept
     * @param store is told of what changes; the pool does not close it
     * @throws IllegalArgumentException when the strategy is unknown
     */
    public KeyPool(
            KeyPoolOptions options,
            InstantSource clock,
            InstantSource steady,
            RandomGenerator random,
            KeyListener listener,
            List<StoredKey> stored,
            KeyStateStore store) {
        this.clock = new PoolClock(clock, steady);
        this.roster = Restored.roster(options.keys(), stored, this.clock);
        this.journal = new KeyJournal(this.clock, listener, store, () -> roster);
        this.selector = new KeySelector(options, random, roster, this.clock, journal);
        this.books = new KeyBooks(this.clock, journal, selector::lastTicket);
    }

    /** Whether there are no keys at all, usable or not. */
    public boolean isEmpty() {
        return roster.keys().length == 0;
    }

    /** How many keys may be used now. */
    public int usable() {
        Instant now = clock.now();
        return (int)
                Arrays.stream(roster.keys()).filter(key -> key.isUsable(now)).count();
    }

    /** All keys, those configured first and in that order, for people. */
    public List<KeyView> views() {
        return Arrays.stream(roster.keys()).map(key -> key.view(clock)).toList();
    }

    /** What may be shown of a key; empty when there is none of this id. */
    public Optional<KeyView> view(String id) {
        return Optional.ofNullable(roster.byId(id)).map(key -> key.view(clock));
    }

    /** A key by its id, for Keyway's own calls to the upstream. */
    public Optional<UpstreamKey> key(String id) {
        return Optional.ofNullable(roster.byId(id)).map(PooledKey::key);
    }

    /** A key that is usable now for what is asked. */
    public Selection select(KeyAsk ask) {
        while (true) {
            Roster all = roster;
            Selection selection = selector.select(all, ask);
            // None of those there were may only mean that others came in their place.
            if (selection instanceof Selection.Lease || all == roster) {
                return selection;
            }
        }
    }

    /**
     * Ends a lease with what its answer meant.
     *
     * @return done when a state that changed by it would survive a crash; at once when none did
     */
    public CompletionStage<Void> report(Selection.Lease lease, KeyVerdict verdict) {
        Roster all = roster;
        PooledKey key = all.everById(lease.key().id());
        return key == null ? DONE : books.report(all, key, verdict, lease.ticket());
    }

    /**
     * What the upstream said when the free tier of the lease's account was out: answered from memory until then. Of a body
     * over {@value FreeTierRefusal#MOST_BYTES} bytes nothing is kept, and our own words stand for it.
     */
    public void freeTierRefused(Selection.Lease lease, FreeTierRefusal refusal) {
        PooledKey key = roster.byId(lease.key().id());
        if (key != null && refusal.body().length <= FreeTierRefusal.MOST_BYTES) {
            key.account().refusal(refusal);
        }
    }

    /** What a probe learned: a key without credit is put out, one that has credit again is used again. */
    public CompletionStage<Void> probed(String id, KeyCredit credit) {
        PooledKey key = roster.byId(id);
        if (key == null) {
            return DONE;
        }
        key.credit(credit);
        synchronized (roll) {
            selector.changed(key);
        }
        return books.probed(key, credit);
    }

    /** The upstream refused a probe with 401: the same as on a request. */
    public CompletionStage<Void> probeRefused(String id) {
        PooledKey key = roster.byId(id);
        return key == null ? DONE : books.refused(key, KeyVerdict.UNAUTHORIZED);
    }

    /**
     * Takes up other settings. A key that is configured no more gets no further request, while those that run with it go
     * on; when it is configured again within 30 days it has the state it had. Done when that would survive a crash.
     *
     * @throws IllegalArgumentException when the strategy is unknown
     */
    public CompletionStage<Void> configure(KeyPoolOptions options) {
        synchronized (roll) {
            Reconfigured next = Reconfigured.of(roster, options.keys(), clock);
            next.came().forEach(PooledKey::bringBack);
            next.came().forEach(selector::changed);
            roster = next.roster();
            next.gone().forEach(PooledKey::remove);
            next.gone().forEach(selector::removed);
            selector.configure(options, roster);
            next.gone().forEach(key -> journal.tell(KeyEvent.REMOVED, key, UNCONFIGURED));
            next.came()
                    .forEach(key ->
                            journal.tell(KeyEvent.ADDED, key, key.source().word()));
            return next.isChange() ? journal.save() : DONE;
        }
    }

    // ---- what admins do

    /** Adds a key, or makes a known one active again; done when it is kept. */
    public CompletionStage<Added> add(
            Secret secret, @Nullable String label, @Nullable String account, KeySource source) {
        synchronized (roll) {
            PooledKey known = roster.bySecret(secret);
            if (known != null) {
                String id = known.id();
                UpstreamKey key = known.key();
                rename(known, label == null ? key.label() : label, account == null ? key.account() : account);
                return makeActive(known).thenApply(kept -> new Added(id, false));
            }
            Set<String> used = new HashSet<>();
            for (PooledKey key : roster.keys()) {
                used.add(key.id());
            }
            String id = KeyIds.next(secret, used);
            PooledKey added = new PooledKey(
                    new UpstreamKey(id, secret, label, account),
                    source,
                    accountOf(id, account),
                    KeyCondition.active(clock.now()));
            roster = roster.with(added);
            selector.changed(added);
            journal.tell(KeyEvent.ADDED, added, source.word());
            return journal.save().thenApply(kept -> new Added(id, true));
        }
    }

    private Account accountOf(String id, @Nullable String account) {
        String name = account == null ? id : account;
        Account known = roster.account(name);
        return known == null ? new Account(name) : known;
    }

    /** What became of an added key; {@code created}: it was not known before. */
    public record Added(String id, boolean created) {}

    /**
     * Sets label and account; null: none. False: no such key. What the configuration says of a key counts again after a
     * restart.
     */
    public CompletionStage<Boolean> edit(String id, @Nullable String label, @Nullable String account) {
        synchronized (roll) {
            PooledKey key = roster.byId(id);
            if (key == null) {
                return UNKNOWN;
            }
            rename(key, label, account);
            return journal.save().thenApply(kept -> true);
        }
    }

    private void rename(PooledKey key, @Nullable String label, @Nullable String account) {
        Secret secret = key.key().secret();
        key.rename(new UpstreamKey(key.id(), secret, label, account), accountOf(key.id(), account));
        roster = roster.renewed();
    }

    /** Puts a key out until it is made active again. False: no such key. */
    public CompletionStage<Boolean> disable(String id) {
        PooledKey key = roster.byId(id);
        if (key == null) {
            return UNKNOWN;
        }
        Instant now = clock.now();
        if (isChanged(key, is -> is.out(DISABLED, now))) {
            journal.tell(KeyEvent.DISABLED, key, ADMIN);
        }
        return journal.save().thenApply(kept -> true);
    }

    private static boolean isChanged(PooledKey key, UnaryOperator<KeyCondition> how) {
        PooledKey.Change change = key.change(how);
        return change.before().state() != change.after().state();
    }

    /** Makes a key active whatever it was, with nothing held against it or its account. False: no such key. */
    public CompletionStage<Boolean> reactivate(String id) {
        PooledKey key = roster.byId(id);
        return key == null ? UNKNOWN : makeActive(key).thenApply(kept -> true);
    }

    private CompletionStage<Void> makeActive(PooledKey key) {
        Instant now = clock.now();
        key.account().freeAgain();
        if (isChanged(key, is -> KeyCondition.active(now))) {
            journal.tell(KeyEvent.REACTIVATED, key, ADMIN);
        }
        return journal.save();
    }

    /** Removes a key from pool and file. */
    public CompletionStage<Removal> remove(String id) {
        synchronized (roll) {
            PooledKey key = roster.byId(id);
            if (key == null) {
                return CompletableFuture.completedFuture(Removal.UNKNOWN);
            }
            if (!key.source().isStored()) {
                return CompletableFuture.completedFuture(Removal.CONFIGURED);
            }
            key.remove();
            roster = roster.without(key);
            selector.removed(key);
            journal.tell(KeyEvent.REMOVED, key, ADMIN);
            return journal.save().thenApply(kept -> Removal.REMOVED);
        }
    }

    /** What became of a removal. */
    public enum Removal {
        REMOVED,
        UNKNOWN,
        /** It stands in configuration or environment, where it would come back from: it can only be disabled here. */
        CONFIGURED
    }

    /** Asks the store to keep what changes without notice, counters and last use, if they did since the last time. */
    public synchronized void keep() {
        long uses = Arrays.stream(roster.keys()).mapToLong(PooledKey::uses).sum();
        if (uses != usesKept) {
            usesKept = uses;
            journal.keep();
        }
    }

    /** Asks the store to keep all, whatever it kept before. */
    public void keepAll() {
        journal.keep();
    }

    /** The text with asterisks in the place of the value of any key of the pool, as many as it has characters. */
    public String maskedIn(String text) {
        return roster.finder().masked(text);
    }

    /** Whether this text holds the value of any key of the pool. */
    public boolean appearsIn(String text) {
        return roster.finder().isIn(text);
    }
}
