package dev.keyway.keys;

import org.jspecify.annotations.Nullable;

/** The first usable key in the order configured. */
final class FirstStrategy implements SelectionStrategy {
    @Override
    public @Nullable PooledKey choose(Candidates candidates, long ticket) {
        for (int i = 0; i < candidates.size(); i++) {
            if (candidates.allows(candidates.at(i))) {
                return candidates.at(i);
            }
        }
        return null;
    }
}
