package dev.keyway.keys;

import java.util.Comparator;
import java.util.List;

/**
 * The key whose last lease is longest ago, never-leased ones first, among equals the first configured.
 *
 * <p>It goes by leases, not by successes, so that requests at the same time spread over the keys.
 */
final class LeastRecentlyUsedStrategy implements SelectionStrategy {
    private static final Comparator<PooledKey> BY_LAST_LEASE = Comparator.comparingLong(PooledKey::lastLease);

    @Override
    public PooledKey choose(List<PooledKey> usable, long ticket) {
        while (true) {
            PooledKey oldest = usable.stream().min(BY_LAST_LEASE).orElseThrow();
            // Another thread took the same key meanwhile: it is no longer the oldest.
            if (oldest.leaseIfStillAt(oldest.lastLease(), ticket)) {
                return oldest;
            }
        }
    }
}
