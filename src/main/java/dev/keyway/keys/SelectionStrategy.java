package dev.keyway.keys;

import org.jspecify.annotations.Nullable;

/** How one of several usable keys is chosen. Called by many threads at once; must not wait. */
interface SelectionStrategy {
    /**
     * Chooses one that the candidates allow.
     *
     * @param ticket of its own for each call; greater than that of every call that ended before this one began
     * @return null when none is allowed
     */
    @Nullable
    PooledKey choose(Candidates candidates, long ticket);

    /** A key came to the pool, or something that the strategy goes by changed. */
    default void changed(PooledKey key) {}

    /** A key left the pool. */
    default void removed(PooledKey key) {}
}
