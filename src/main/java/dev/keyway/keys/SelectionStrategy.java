package dev.keyway.keys;

import java.util.List;

/** How one of several usable keys is chosen. Called by many threads at once; must not wait. */
interface SelectionStrategy {
    /**
     * Chooses.
     *
     * @param usable at least one, in the order configured
     * @param ticket greater than that of every earlier call
     */
    PooledKey choose(List<PooledKey> usable, long ticket);
}
