package dev.keyway.keys;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** One key of the pool with its state; all changes are atomic, none waits. */
final class PooledKey {
    /** Resets that differ by less are the same limit, told to several requests. */
    private static final Duration SAME_LIMIT = Duration.ofSeconds(1);

    private final UpstreamKey key;
    private final int position;
    private final AtomicReference<@Nullable Rest> rest = new AtomicReference<>();
    private final AtomicReference<@Nullable Instant> lastUsed = new AtomicReference<>();
    private final AtomicLong lastLease = new AtomicLong();

    PooledKey(UpstreamKey key, int position) {
        this.key = key;
        this.position = position;
    }

    /** Until when a key is not used, and why. */
    record Rest(Instant until, String reason) {
        boolean isOver(Instant now) {
            return !now.isBefore(until);
        }
    }

    UpstreamKey key() {
        return key;
    }

    /** Its place in the list configured, from 0. */
    int position() {
        return position;
    }

    /** The ticket of its last lease; 0 when it was never leased. */
    long lastLease() {
        return lastLease.get();
    }

    boolean leaseIfStillAt(long seen, long ticket) {
        return lastLease.compareAndSet(seen, Math.max(seen, ticket));
    }

    void leased(long ticket) {
        lastLease.accumulateAndGet(ticket, Math::max);
    }

    boolean isUsable(Instant now) {
        Rest resting = rest.get();
        return resting == null || resting.isOver(now);
    }

    /** The rest it is in, or was in when nobody has asked for it since; null when there is none. */
    @Nullable
    Rest rest() {
        return rest.get();
    }

    /** Ends a rest that is over. False: another thread changed it meanwhile. */
    boolean endRest(Rest over) {
        return rest.compareAndSet(over, null);
    }

    /**
     * Starts or prolongs a rest; never shortens one.
     *
     * @return whether this is news: the key was usable, or rests noticeably longer now
     */
    boolean rest(Rest wanted, Instant now) {
        Rest before = rest.getAndAccumulate(
                wanted,
                (old, next) -> old == null || next == null || next.until().isAfter(old.until()) ? next : old);
        return before == null
                || (before.isOver(now) && !wanted.isOver(now))
                || wanted.until().isAfter(before.until().plus(SAME_LIMIT));
    }

    void used(Instant at) {
        lastUsed.accumulateAndGet(at, (old, now) -> old != null && now != null && old.isAfter(now) ? old : now);
    }

    KeyView view(Instant now) {
        Rest resting = rest.get();
        boolean active = resting == null || resting.isOver(now);
        return new KeyView(
                key.id(),
                key.label(),
                key.account(),
                KeySource.CONFIG,
                active ? KeyState.ACTIVE : KeyState.COOLING,
                active || resting == null ? null : resting.reason(),
                active || resting == null ? null : resting.until(),
                null,
                0,
                lastUsed.get(),
                0,
                0,
                null);
    }
}
