package dev.keyway.keys;

import java.util.List;

/** The first usable key in the order configured. */
final class FirstStrategy implements SelectionStrategy {
    @Override
    public PooledKey choose(List<PooledKey> usable, long ticket) {
        return usable.get(0);
    }
}
