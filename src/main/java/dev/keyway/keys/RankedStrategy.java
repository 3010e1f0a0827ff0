package dev.keyway.keys;

import java.math.BigDecimal;
import java.util.Comparator;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The usable key of the highest rank; among equals the one whose last lease is longest ago, never-leased ones first and
 * those in the order configured.
 *
 * <p>It goes by leases, not by successes, so that requests at the same time spread over the keys. The keys stand in an
 * order that each lease changes at one place, so that a choice does not look at all of them.
 */
final class RankedStrategy implements SelectionStrategy {
    private static final BigDecimal MICROS = BigDecimal.valueOf(1_000_000);
    private static final BigDecimal MOST = BigDecimal.valueOf(Long.MAX_VALUE / 2);

    private final ToLongFunction<PooledKey> rank;
    private final ConcurrentSkipListMap<Place, PooledKey> order = new ConcurrentSkipListMap<>();
    private final AtomicLong serials = new AtomicLong();

    private RankedStrategy(ToLongFunction<PooledKey> rank) {
        this.rank = rank;
    }

    /** All keys are equals. */
    static RankedStrategy leastRecentlyUsed() {
        return new RankedStrategy(key -> 0);
    }

    /**
     * By what the last probe said that a key may still spend: first those without a limit of their own, then the greatest
     * amount; those never probed after all that have some, those that have none last.
     */
    static RankedStrategy mostCredit() {
        return new RankedStrategy(RankedStrategy::credit);
    }

    private static long credit(PooledKey key) {
        KeyCredit credit = key.credit();
        if (credit == null) {
            return 0;
        }
        BigDecimal remaining = credit.remaining();
        if (remaining == null) {
            return Long.MAX_VALUE;
        }
        return remaining.signum() <= 0
                ? -1
                : Math.max(1, remaining.multiply(MICROS).min(MOST).longValue());
    }

    /**
     * Where a key stands.
     *
     * @param lease the ticket of its last lease; 0 when there was none
     * @param serial tells apart places that are equal otherwise
     */
    record Place(long rank, long lease, long serial) implements Comparable<Place> {
        private static final Comparator<Place> ORDER = Comparator.comparingLong(Place::rank)
                .reversed()
                .thenComparingLong(Place::lease)
                .thenComparingLong(Place::serial);

        @Override
        public int compareTo(Place other) {
            return ORDER.compare(this, other);
        }
    }

    @Override
    public @Nullable PooledKey choose(Candidates candidates, long ticket) {
        while (true) {
            boolean moving = false;
            for (Map.Entry<Place, PooledKey> entry : order.entrySet()) {
                PooledKey key = entry.getValue();
                Place place = entry.getKey();
                if (!candidates.allows(key)) {
                    continue;
                }
                if (place.equals(key.place()) && move(key, place, place(place.rank(), ticket))) {
                    return key;
                }
                moving = true;
            }
            if (!moving) {
                return null;
            }
            // Another thread is giving the only usable key its new place, which may lie behind us.
            Thread.onSpinWait();
        }
    }

    @Override
    public void changed(PooledKey key) {
        while (true) {
            Place from = key.place();
            Place to = place(rank.applyAsLong(key), from == null ? 0 : from.lease());
            if ((from != null && from.rank() == to.rank()) || move(key, from, to)) {
                return;
            }
        }
    }

    @Override
    public void removed(PooledKey key) {
        Place last = key.place();
        while (last != null && !key.move(last, null)) {
            last = key.place();
        }
        if (last != null) {
            order.remove(last);
        }
    }

    private Place place(long rankOfKey, long lease) {
        return new Place(rankOfKey, lease, serials.incrementAndGet());
    }

    /** The new place stands in the order before the key has it, so that the key is never missing there. */
    private boolean move(PooledKey key, @Nullable Place from, Place to) {
        order.put(to, key);
        if (!key.move(from, to)) {
            order.remove(to);
            return false;
        }
        if (from != null) {
            order.remove(from);
        }
        return true;
    }
}
