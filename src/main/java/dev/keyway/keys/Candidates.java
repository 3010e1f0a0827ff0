package dev.keyway.keys;

import java.time.Instant;

/** The keys of the pool as one request sees them: all of them in order, and which it may use. */
final class Candidates {
    private final PooledKey[] keys;
    private final KeyAsk ask;
    private final Instant now;

    Candidates(PooledKey[] keys, KeyAsk ask, Instant now) {
        this.keys = keys;
        this.ask = ask;
        this.now = now;
    }

    int size() {
        return keys.length;
    }

    PooledKey at(int position) {
        return keys[position];
    }

    boolean allows(PooledKey key) {
        return key.isUsable(now)
                && (ask.tried().isEmpty() || !ask.tried().contains(key.id()))
                && (ask.shunned().isEmpty()
                        || !ask.shunned().contains(key.account().name()))
                && (!ask.free() || !key.account().isFreeOut(now));
    }
}
