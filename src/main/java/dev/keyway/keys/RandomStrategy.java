package dev.keyway.keys;

import java.util.List;
import java.util.random.RandomGenerator;

/** Any usable key, each as likely as the others. */
final class RandomStrategy implements SelectionStrategy {
    private final RandomGenerator random;

    RandomStrategy(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public PooledKey choose(List<PooledKey> usable, long ticket) {
        return usable.get(random.nextInt(usable.size()));
    }
}
