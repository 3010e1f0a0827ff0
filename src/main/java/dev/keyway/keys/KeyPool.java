package dev.keyway.keys;

import java.time.InstantSource;
import java.util.Set;
import java.util.random.RandomGenerator;

/** The upstream keys and which of them may be used now. Safe for many threads; no call waits. */
public final class KeyPool {
    public KeyPool(KeyPoolOptions options, InstantSource clock, RandomGenerator random, KeyListener listener) {}

    /** Whether there are no keys at all, usable or not. */
    public boolean isEmpty() {
        return true;
    }

    /** A key that is usable now and not among those already tried, by id. */
    public Selection select(Set<String> tried) {
        return new Selection.Exhausted(java.time.Instant.MAX);
    }

    /** Ends a lease with what its answer meant. */
    public void report(Selection.Lease lease, KeyVerdict verdict) {}

    /** Whether this text holds the value of any key of the pool. */
    public boolean appearsIn(String text) {
        return false;
    }
}
