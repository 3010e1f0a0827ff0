package dev.keyway.keys;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** One key of the pool with its state; all changes are atomic, none waits. */
final class PooledKey {
    /** Resets that differ by less are the same limit, told to several requests. */
    static final Duration SAME_LIMIT = Duration.ofSeconds(1);

    private static final AtomicReferenceFieldUpdater<PooledKey, KeyCondition> CONDITION =
            AtomicReferenceFieldUpdater.newUpdater(PooledKey.class, KeyCondition.class, "condition");

    private static final AtomicReferenceFieldUpdater<PooledKey, RankedStrategy.@Nullable Place> PLACE =
            AtomicReferenceFieldUpdater.newUpdater(PooledKey.class, RankedStrategy.Place.class, "place");

    private volatile KeySource source;
    private final long hash;
    private final LongAdder served = new LongAdder();
    private final LongAdder failed = new LongAdder();
    private volatile KeyCondition condition;
    private volatile UpstreamKey key;
    private volatile Account account;
    private volatile RankedStrategy.@Nullable Place place;
    private volatile boolean removed;
    private volatile @Nullable Instant lastUsed;
    private volatile @Nullable KeyCredit credit;

    PooledKey(UpstreamKey key, KeySource source, Account account, KeyCondition condition) {
        this.key = key;
        this.source = source;
        this.hash = SessionAffinity.hash(key.id());
        this.account = account;
        this.condition = condition;
    }

    /** A key's condition before and after a change; the same one when nothing changed. */
    record Change(KeyCondition before, KeyCondition after) {
        boolean isNone() {
            return before.equals(after);
        }

        /** Whether a person would call it a change: another state or reason, or noticeably longer. */
        boolean isNews(Instant now) {
            if (isNone()) {
                return false;
            }
            Instant earlier = before.until();
            Instant later = after.until();
            return before.state() != after.state()
                    || before.isUsable(now) != after.isUsable(now)
                    || earlier == null
                    || later == null
                    || later.isAfter(earlier.plus(SAME_LIMIT));
        }
    }

    UpstreamKey key() {
        return key;
    }

    String id() {
        return key.id();
    }

    long hash() {
        return hash;
    }

    KeySource source() {
        return source;
    }

    void source(KeySource other) {
        source = other;
    }

    Account account() {
        return account;
    }

    void rename(UpstreamKey renamed, Account itsAccount) {
        key = renamed;
        account = itsAccount;
    }

    KeyCondition condition() {
        return condition;
    }

    Change change(UnaryOperator<KeyCondition> how) {
        while (true) {
            KeyCondition before = condition;
            KeyCondition after = how.apply(before);
            if (before.equals(after) || CONDITION.compareAndSet(this, before, after)) {
                return new Change(before, after);
            }
        }
    }

    /** Ends a rest that is over. False: another thread changed it meanwhile. */
    boolean awake(KeyCondition over, Instant now) {
        return CONDITION.compareAndSet(this, over, over.awake(now));
    }

    boolean isUsable(Instant now) {
        return !removed && condition.isUsable(now);
    }

    /** When it may be used: now, later, or null when that is not known. */
    @Nullable
    Instant usableAt(Instant now) {
        KeyCondition is = condition;
        return is.isUsable(now) ? now : is.until();
    }

    void remove() {
        removed = true;
    }

    void bringBack() {
        removed = false;
    }

    /** Where it stands in a strategy's order; null: nowhere. */
    RankedStrategy.@Nullable Place place() {
        return place;
    }

    boolean move(RankedStrategy.@Nullable Place from, RankedStrategy.@Nullable Place to) {
        return PLACE.compareAndSet(this, from, to);
    }

    void served(Instant now) {
        served.increment();
        lastUsed = now;
        if (!condition.isClean()) {
            change(KeyCondition::served);
        }
    }

    void failed() {
        failed.increment();
    }

    /** How often it has served or failed. */
    long uses() {
        return served.sum() + failed.sum();
    }

    void credit(KeyCredit known) {
        credit = known;
    }

    @Nullable
    KeyCredit credit() {
        return credit;
    }

    /** Takes over the counters of an earlier process. */
    void counted(long servedBefore, long failedBefore, @Nullable Instant used) {
        served.add(servedBefore);
        failed.add(failedBefore);
        lastUsed = used;
    }

    KeyView view(PoolClock clock) {
        Instant now = clock.now();
        KeyCondition is = condition;
        boolean active = is.isUsable(now);
        Instant until = active ? null : is.until();
        Instant freeUntil = account.freeUntil(now);
        Instant used = lastUsed;
        UpstreamKey named = key;
        return new KeyView(
                named.id(),
                named.label(),
                named.account(),
                source,
                active ? KeyState.ACTIVE : is.state(),
                active ? null : is.reason(),
                until == null ? null : clock.toWall(until),
                freeUntil == null ? null : clock.toWall(freeUntil),
                is.failures(),
                used == null ? null : clock.toWall(used),
                served.sum(),
                failed.sum(),
                credit);
    }

    StoredKey stored(PoolClock clock) {
        KeyView shown = view(clock);
        return new StoredKey(
                shown.id(),
                source.isStored() ? key.secret() : null,
                shown.label(),
                shown.account(),
                source,
                shown.state(),
                shown.reason(),
                shown.until(),
                shown.failures(),
                condition.refusals(),
                shown.freeUntil(),
                shown.lastUsed(),
                shown.served(),
                shown.failed());
    }
}
