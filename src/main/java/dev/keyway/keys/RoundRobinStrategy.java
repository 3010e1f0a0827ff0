package dev.keyway.keys;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A cursor over the keys as configured: those that can't be used now are passed over, and the cursor passes with them. */
final class RoundRobinStrategy implements SelectionStrategy {
    private final AtomicInteger cursor = new AtomicInteger();

    @Override
    public @Nullable PooledKey choose(Candidates candidates, long ticket) {
        while (true) {
            int from = cursor.get();
            int chosen = firstFrom(candidates, from);
            if (chosen < 0) {
                return null;
            }
            if (cursor.compareAndSet(from, chosen + 1)) {
                return candidates.at(chosen);
            }
        }
    }

    private static int firstFrom(Candidates candidates, int from) {
        int size = candidates.size();
        // Keys may have gone since the cursor was set.
        int start = from < size ? from : 0;
        for (int i = 0; i < size; i++) {
            int position = start + i < size ? start + i : start + i - size;
            if (candidates.allows(candidates.at(position))) {
                return position;
            }
        }
        return -1;
    }
}
