package dev.keyway.keys;

import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The keys that share limits, and until when their free tier is out. Times are those of the pool's steady clock. */
final class Account {
    private final String name;
    private final long hash;
    private final AtomicReference<@Nullable Instant> freeUntil = new AtomicReference<>();
    private volatile @Nullable FreeTierRefusal refusal;
    private volatile List<PooledKey> keys = List.of();

    /** An account by its name, or by the id of a key without one. */
    Account(String name) {
        this.name = name;
        this.hash = SessionAffinity.hash(name);
    }

    String name() {
        return name;
    }

    long hash() {
        return hash;
    }

    List<PooledKey> keys() {
        return keys;
    }

    void keys(List<PooledKey> theirs) {
        keys = theirs;
    }

    boolean isFreeOut(Instant now) {
        Instant until = freeUntil.get();
        return until != null && now.isBefore(until);
    }

    /** Until when the free tier is out; null: it is not. */
    @Nullable
    Instant freeUntil(Instant now) {
        return isFreeOut(now) ? freeUntil.get() : null;
    }

    /** Puts the free tier out, or for longer; never for less. False: that was known. */
    boolean freeOut(Instant until) {
        Instant before = freeUntil.getAndAccumulate(
                until, (old, next) -> old == null || next == null || next.isAfter(old) ? next : old);
        return before == null || until.isAfter(before.plus(PooledKey.SAME_LIMIT));
    }

    void freeAgain() {
        freeUntil.set(null);
        refusal = null;
    }

    @Nullable
    FreeTierRefusal refusal() {
        return refusal;
    }

    void refusal(FreeTierRefusal told) {
        refusal = told;
    }
}
