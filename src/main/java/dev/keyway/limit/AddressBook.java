package dev.keyway.limit;

import io.github.bucket4j.TimeMeter;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What addresses have used, at most {@value #CAPACITY} of them.
 *
 * <p>Each address has its place in one of many small rows, found by a hash that nobody outside can foresee, and guarded by
 * a lock of the row's own, so that clients do not wait for each other. Where a row is full, the one of it gives way that
 * has used least: an address that has used all it may is kept until its window ends, unless all others of its row have
 * too. To have an own bucket forgotten one needs as many other addresses, each with its limit used up, as would have
 * carried the requests themselves.
 */
final class AddressBook {
    static final int CAPACITY = 100_000;
    private static final int PLACES = 8;
    private static final int ROWS = CAPACITY / PLACES;

    private final AtomicReferenceArray<@Nullable Row> rows = new AtomicReferenceArray<>(ROWS);
    private final AtomicInteger size = new AtomicInteger();
    private final TimeMeter time;
    private final long multiplier;
    private final long start;

    AddressBook(TimeMeter time, RandomGenerator random) {
        this.time = time;
        this.multiplier = random.nextLong() | 1;
        this.start = random.nextLong();
    }

    private record Place(String address, Spending spending) {}

    private static final class Row {
        private final @Nullable Place[] places = new @Nullable Place[PLACES];

        /** Its own place, else a free one, else that of whoever has used least. */
        int placeFor(String address) {
            int free = -1;
            int least = 0;
            long leastUsed = Long.MAX_VALUE;
            for (int i = 0; i < PLACES; i++) {
                Place place = places[i];
                if (place == null) {
                    free = i;
                } else if (place.address().equals(address)) {
                    return i;
                } else if (free < 0) {
                    long used = place.spending().used();
                    least = used < leastUsed ? i : least;
                    leastUsed = Math.min(used, leastUsed);
                }
            }
            return free < 0 ? least : free;
        }
    }

    Standing take(String address, Budget budget, Allowance allowance) {
        Row row = row(address);
        synchronized (row) {
            int at = row.placeFor(address);
            Place place = row.places[at];
            if (place == null || !place.address().equals(address)) {
                if (place == null) {
                    size.incrementAndGet();
                }
                place = new Place(address, new Spending());
                row.places[at] = place;
            }
            return place.spending().take(budget, allowance, time);
        }
    }

    private Row row(String address) {
        int index = (int) Long.remainderUnsigned(hash(address), ROWS);
        Row row = rows.get(index);
        if (row == null) {
            Row made = new Row();
            Row before = rows.compareAndExchange(index, null, made);
            row = before == null ? made : before;
        }
        return row;
    }

    private long hash(String address) {
        long hash = start;
        for (int i = 0; i < address.length(); i++) {
            hash = (hash + address.charAt(i)) * multiplier;
            hash ^= hash >>> 29;
        }
        return hash;
    }

    /** Forgets those whose windows are over. */
    void forget() {
        for (int index = 0; index < ROWS; index++) {
            Row row = rows.get(index);
            if (row != null) {
                forget(row);
            }
        }
    }

    private void forget(Row row) {
        synchronized (row) {
            for (int i = 0; i < PLACES; i++) {
                Place place = row.places[i];
                if (place != null && place.spending().used() == 0) {
                    row.places[i] = null;
                    size.decrementAndGet();
                }
            }
        }
    }

    int size() {
        return size.get();
    }
}
