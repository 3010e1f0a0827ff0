package dev.keyway.keys;

import dev.keyway.wire.Secret;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
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
    /** A probe can't see the account's credit, so a key that was refused for it is only tried again after this. */
    private static final Duration CREDIT_TRIAL = Duration.ofMinutes(15);

    private static final String TOO_MANY_FAILURES = "Too many failures";
    private static final String DISABLED = "disabled";
    private static final String EXPIRED = "expired";

    private final Object roll = new Object();
    private volatile Roster roster;
    private final SelectionStrategy strategy;
    private final boolean same;
    private final KeyPoolOptions options;
    private final PoolClock clock;
    private final KeyListener listener;
    private final KeyStateStore store;
    private final AtomicLong tickets = new AtomicLong();
    private final LongAdder successes = new LongAdder();
    private final AtomicReference<@Nullable PooledKey> last = new AtomicReference<>();

    /**
     * A pool of the configured keys, all active, that forgets all with the process.
     *
     * @param random must be safe for many threads
     * @throws IllegalArgumentException when the strategy is unknown
     */
    public KeyPool(KeyPoolOptions options, InstantSource clock, RandomGenerator random, KeyListener listener) {
        this(options, clock, clock, random, listener, List.of(), new ForgetfulStore());
    }

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
        this.options = options;
        this.clock = new PoolClock(clock, steady);
        this.listener = listener;
        this.store = store;
        this.strategy = SelectionStrategies.create(options.strategy(), random);
        this.same = options.same() || SelectionStrategies.impliesSame(options.strategy());
        this.roster = Roster.of(Restored.keys(options.keys(), stored, this.clock));
        for (PooledKey key : roster.keys()) {
            strategy.changed(key);
        }
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

    // ---- selection

    /** A key that is usable now for what is asked. */
    public Selection select(KeyAsk ask) {
        Instant now = clock.now();
        Roster all = roster;
        Candidates candidates = new Candidates(all.keys(), ask, now);
        while (true) {
            long ticket = tickets.incrementAndGet();
            PooledKey chosen = choose(all, candidates, ask, ticket, now);
            if (chosen == null) {
                return none(all, ask, now);
            }
            if (wake(chosen, now)) {
                chosen.leased(ticket);
                return new Selection.Lease(chosen.key(), ticket);
            }
        }
    }

    private @Nullable PooledKey choose(Roster all, Candidates candidates, KeyAsk ask, long ticket, Instant now) {
        String session = ask.session();
        if (session != null) {
            return SessionAffinity.choose(all.accounts(), candidates, session);
        }
        while (true) {
            PooledKey previous = last.get();
            if (same && previous != null && candidates.allows(previous)) {
                return previous;
            }
            PooledKey chosen = strategy.choose(candidates, ticket);
            if (chosen == null || previous == chosen) {
                return chosen;
            }
            if (last.compareAndSet(previous, chosen)) {
                tellOfRotation(previous, chosen, now);
                return chosen;
            }
            // With "same" all threads must agree on one key; the slower one follows the faster one's choice.
            if (!same) {
                return chosen;
            }
        }
    }

    /** Ends a rest that is over; false when the key was put to rest again meanwhile. */
    private boolean wake(PooledKey key, Instant now) {
        KeyCondition is = key.condition();
        if (is.state() == KeyState.ACTIVE) {
            return true;
        }
        if (!is.isUsable(now)) {
            return false;
        }
        if (!key.awake(is, now)) {
            return key.isUsable(now);
        }
        tell(KeyEvent.REACTIVATED, key, is.reason(), null);
        keep();
        return true;
    }

    private void tellOfRotation(@Nullable PooledKey previous, PooledKey chosen, Instant now) {
        KeyCondition rest = previous == null ? null : previous.condition();
        if (rest != null && !rest.isUsable(now)) {
            tell(KeyEvent.ROTATION, chosen, rest.reason(), null);
        }
    }

    private Selection none(Roster all, KeyAsk ask, Instant now) {
        Instant soonest = null;
        boolean servesFree = !ask.free();
        Account firstFree = null;
        Instant freeAgain = null;
        for (PooledKey key : all.keys()) {
            Instant at = key.usableAt(now);
            if (at == null) {
                continue;
            }
            Instant freeUntil = ask.free() ? key.account().freeUntil(now) : null;
            if (at.equals(now)) {
                servesFree |= freeUntil == null;
                if (freeUntil != null && (freeAgain == null || freeUntil.isBefore(freeAgain))) {
                    freeAgain = freeUntil;
                    firstFree = key.account();
                }
            }
            Instant whole = freeUntil != null && freeUntil.isAfter(at) ? freeUntil : at;
            soonest = soonest == null || whole.isBefore(soonest) ? whole : soonest;
        }
        if (!servesFree && firstFree != null && freeAgain != null) {
            Instant until = clock.toWall(freeAgain);
            FreeTierRefusal told = firstFree.refusal();
            return new Selection.FreeTierOut(until, told == null ? FreeTierRefusal.inOurWords(until) : told);
        }
        return new Selection.Exhausted(clock.toWall(soonest == null ? now.plus(options.rateLimitCooldown()) : soonest));
    }

    // ---- what answers mean

    /**
     * Ends a lease with what its answer meant.
     *
     * @return done when a state that changed by it would survive a crash; at once when none did
     */
    public CompletionStage<Void> report(Selection.Lease lease, KeyVerdict verdict) {
        PooledKey key = roster.byId(lease.key().id());
        KeyEffect effect = verdict.effect();
        if (key == null || effect instanceof KeyEffect.None) {
            return DONE;
        }
        if (effect instanceof KeyEffect.Served) {
            key.served(clock.now());
            successes.increment();
            return DONE;
        }
        key.failed();
        return book(key, effect, verdict, lease.ticket());
    }

    private CompletionStage<Void> book(PooledKey key, KeyEffect effect, KeyVerdict verdict, long ticket) {
        String reason = verdict.reason();
        if (effect instanceof KeyEffect.Refused) {
            return refused(key, reason);
        }
        if (effect instanceof KeyEffect.Trouble) {
            return troubled(key, reason, ticket);
        }
        if (effect instanceof KeyEffect.Cooling cooling) {
            return rest(key, cooling.scope(), KeyState.COOLING, reason, cooling.until(), verdict.ignoredReset());
        }
        if (effect instanceof KeyEffect.Exhausted out) {
            return rest(key, out.scope(), KeyState.EXHAUSTED, reason, out.until(), verdict.ignoredReset());
        }
        return effect instanceof KeyEffect.FreeTierOut free
                ? freeTierOut(key, clock.toSteady(free.until()), reason, verdict.ignoredReset())
                : DONE;
    }

    private CompletionStage<Void> refused(PooledKey key, String reason) {
        KeyCondition.Moment at = moment();
        return booked(key, key.change(is -> is.refused(reason, at)), KeyEvent.COOLING_DOWN);
    }

    private CompletionStage<Void> troubled(PooledKey key, String reason, long ticket) {
        KeyCondition.Moment at = moment();
        boolean others = othersUsable(key, at.now());
        PooledKey.Change change = key.change(is -> is.troubled(reason, at, ticket, others));
        // A count that is not the last is kept with the next change: a file written for each failure serves nobody.
        return change.after().state() == change.before().state() ? DONE : booked(key, change, KeyEvent.COOLING_DOWN);
    }

    private KeyCondition.Moment moment() {
        return new KeyCondition.Moment(clock.now(), tickets.get(), successes.sum());
    }

    private boolean othersUsable(PooledKey key, Instant now) {
        for (PooledKey other : roster.keys()) {
            if (other != key && other.isUsable(now)) {
                return true;
            }
        }
        return false;
    }

    private CompletionStage<Void> rest(
            PooledKey key,
            KeyEffect.Scope scope,
            KeyState state,
            String reason,
            @Nullable Instant untilOnTheWall,
            @Nullable String ignoredReset) {
        Instant now = clock.now();
        Instant until = untilOnTheWall == null ? null : clock.toSteady(untilOnTheWall);
        List<PooledKey> keys =
                scope == KeyEffect.Scope.KEY ? List.of(key) : key.account().keys();
        boolean changed = false;
        boolean news = false;
        for (PooledKey each : keys) {
            PooledKey.Change change = each.change(is -> is.resting(state, reason, until, now));
            changed |= !change.isNone();
            if (change.isNews(now)) {
                news = true;
                tell(restEvent(state, reason), each, reason, untilOnTheWall);
            }
        }
        if (news && ignoredReset != null) {
            tell(KeyEvent.RESET_IGNORED, key, ignoredReset, null);
        }
        return changed ? save() : DONE;
    }

    private static String restEvent(KeyState state, String reason) {
        if (state == KeyState.EXHAUSTED) {
            return KeyEvent.EXHAUSTED;
        }
        return reason.equals(KeyVerdict.RATE_LIMITED) ? KeyEvent.RATE_LIMIT_HIT : KeyEvent.COOLING_DOWN;
    }

    private CompletionStage<Void> freeTierOut(
            PooledKey key, Instant until, String reason, @Nullable String ignoredReset) {
        if (!key.account().freeOut(until)) {
            return DONE;
        }
        tell(KeyEvent.RATE_LIMIT_HIT, key, reason, clock.toWall(until));
        if (ignoredReset != null) {
            tell(KeyEvent.RESET_IGNORED, key, ignoredReset, null);
        }
        return save();
    }

    /** What the upstream said when the free tier of the lease's account was out: answered from memory until then. */
    public void freeTierRefused(Selection.Lease lease, FreeTierRefusal refusal) {
        PooledKey key = roster.byId(lease.key().id());
        if (key != null) {
            key.account().refusal(refusal);
        }
    }

    private CompletionStage<Void> booked(PooledKey key, PooledKey.Change change, String event) {
        if (change.isNone()) {
            return DONE;
        }
        KeyCondition after = change.after();
        if (after.state() == KeyState.DEACTIVATED) {
            tell(KeyEvent.DEACTIVATED, key, TOO_MANY_FAILURES, null);
        } else if (change.isNews(clock.now())) {
            Instant until = after.until();
            tell(event, key, after.reason(), until == null ? null : clock.toWall(until));
        }
        return save();
    }

    // ---- what probes learn

    /** What a probe learned: a key without credit is put out, one that has credit again is used again. */
    public CompletionStage<Void> probed(String id, KeyCredit credit) {
        PooledKey key = roster.byId(id);
        if (key == null) {
            return DONE;
        }
        key.credit(credit);
        strategy.changed(key);
        CompletionStage<Void> free = freeTierProbed(key, credit);
        Instant expires = credit.expires();
        if (expires != null && !expires.isAfter(credit.asked())) {
            return expired(key);
        }
        BigDecimal remaining = credit.remaining();
        if (remaining != null && remaining.signum() <= 0) {
            return rest(key, KeyEffect.Scope.KEY, KeyState.EXHAUSTED, KeyVerdict.KEY_LIMIT, credit.resets(), null);
        }
        return both(free, hasCredit(key, clock.toSteady(credit.asked())));
    }

    private CompletionStage<Void> freeTierProbed(PooledKey key, KeyCredit credit) {
        Integer left = credit.freeRequestsLeft();
        return left == null || left > 0
                ? DONE
                : freeTierOut(key, clock.toSteady(FreeDay.endsAfter(credit.asked())), KeyVerdict.FREE_TIER, null);
    }

    private CompletionStage<Void> expired(PooledKey key) {
        Instant now = clock.now();
        PooledKey.Change change = key.change(is -> is.state() == KeyState.DEACTIVATED ? is : is.out(EXPIRED, now));
        if (change.isNone()) {
            return DONE;
        }
        tell(KeyEvent.DEACTIVATED, key, EXPIRED, null);
        return save();
    }

    private CompletionStage<Void> hasCredit(PooledKey key, Instant asked) {
        Instant now = clock.now();
        PooledKey.Change change = key.change(is -> mayTry(is, asked) ? is.awake(now) : is);
        if (change.isNone()) {
            return DONE;
        }
        tell(KeyEvent.REACTIVATED, key, "credit", null);
        return save();
    }

    private static boolean mayTry(KeyCondition is, Instant asked) {
        if (is.state() != KeyState.EXHAUSTED) {
            return false;
        }
        Instant from = KeyVerdict.OUT_OF_CREDIT.equals(is.reason()) ? is.since().plus(CREDIT_TRIAL) : is.since();
        return !asked.isBefore(from);
    }

    /** The upstream refused a probe with 401: the same as on a request. */
    public CompletionStage<Void> probeRefused(String id) {
        PooledKey key = roster.byId(id);
        return key == null ? DONE : refused(key, KeyVerdict.UNAUTHORIZED);
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
            strategy.changed(added);
            tell(KeyEvent.ADDED, added, source.word(), null);
            return save().thenApply(kept -> new Added(id, true));
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
            return save().thenApply(kept -> true);
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
            tell(KeyEvent.DISABLED, key, "admin", null);
        }
        return save().thenApply(kept -> true);
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
            tell(KeyEvent.REACTIVATED, key, "admin", null);
        }
        return save();
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
            strategy.removed(key);
            tell(KeyEvent.REMOVED, key, "admin", null);
            return save().thenApply(kept -> Removal.REMOVED);
        }
    }

    /** What became of a removal. */
    public enum Removal {
        REMOVED,
        UNKNOWN,
        /** It stands in configuration or environment, where it would come back from: it can only be disabled here. */
        CONFIGURED
    }

    // ---- keeping and telling

    /** Asks the store to keep what changes without notice: counters and last use. */
    public void keep() {
        CompletionStage<Void> kept = save();
        // A store that can't write says so itself, and the next change is another try.
        kept.exceptionally(failure -> null);
    }

    private CompletionStage<Void> save() {
        return store.save(this::stored);
    }

    private List<StoredKey> stored() {
        return Arrays.stream(roster.keys()).map(key -> key.stored(clock)).toList();
    }

    private static CompletionStage<Void> both(CompletionStage<Void> one, CompletionStage<Void> other) {
        return one.thenCompose(done -> other);
    }

    private void tell(String message, PooledKey key, @Nullable String reason, @Nullable Instant untilOnTheWall) {
        listener.onKeyEvent(new KeyEvent(message, key.id(), reason, untilOnTheWall));
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
