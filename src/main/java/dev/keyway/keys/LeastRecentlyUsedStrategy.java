package dev.keyway.keys;

import org.jspecify.annotations.Nullable;

/**
 * The key whose last lease is longest ago, never-leased ones first, among equals the first configured.
 *
 * <p>It goes by leases, not by successes, so that requests at the same time spread over the keys.
 */
final class LeastRecentlyUsedStrategy implements SelectionStrategy {
    @Override
    public @Nullable PooledKey choose(Candidates candidates, long ticket) {
        while (true) {
            PooledKey oldest = null;
            long oldestLease = Long.MAX_VALUE;
            for (int i = 0; i < candidates.size(); i++) {
                PooledKey key = candidates.at(i);
                long lease = key.lastLease();
                if (lease < oldestLease && candidates.allows(key)) {
                    oldest = key;
                    oldestLease = lease;
                }
            }
            // Another thread took the same key meanwhile: it is no longer the oldest.
            if (oldest == null || oldest.leaseIfStillAt(oldestLease, ticket)) {
                return oldest;
            }
        }
    }
}
