package dev.keyway.keys;

import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A cursor over the keys as configured: those that can't be used now are passed over, and the cursor passes with them. */
final class RoundRobinStrategy implements SelectionStrategy {
    private final AtomicInteger cursor = new AtomicInteger();

    @Override
    public PooledKey choose(List<PooledKey> usable, long ticket) {
        while (true) {
            int from = cursor.get();
            PooledKey chosen = firstFrom(usable, from);
            if (cursor.compareAndSet(from, chosen.position() + 1)) {
                return chosen;
            }
        }
    }

    private static PooledKey firstFrom(List<PooledKey> usable, int from) {
        for (PooledKey key : usable) {
            if (key.position() >= from) {
                return key;
            }
        }
        return usable.get(0);
    }
}
