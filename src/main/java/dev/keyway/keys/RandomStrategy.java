package dev.keyway.keys;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Any usable key, each as likely as the others. */
final class RandomStrategy implements SelectionStrategy {
    /** When this many throws hit none, usable keys are few, and counting them is cheaper. */
    private static final int THROWS = 8;

    private final RandomGenerator random;

    RandomStrategy(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public @Nullable PooledKey choose(Candidates candidates, long ticket) {
        if (candidates.size() == 0) {
            return null;
        }
        for (int i = 0; i < THROWS; i++) {
            PooledKey key = candidates.at(random.nextInt(candidates.size()));
            if (candidates.allows(key)) {
                return key;
            }
        }
        return oneOfAll(candidates);
    }

    /** Keeps the n-th usable key with probability 1/n, so that each is as likely in the end. */
    private @Nullable PooledKey oneOfAll(Candidates candidates) {
        PooledKey kept = null;
        int usable = 0;
        for (int i = 0; i < candidates.size(); i++) {
            PooledKey key = candidates.at(i);
            if (candidates.allows(key) && random.nextInt(++usable) == 0) {
                kept = key;
            }
        }
        return kept;
    }
}
