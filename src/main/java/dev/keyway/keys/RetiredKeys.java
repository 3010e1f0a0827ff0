package dev.keyway.keys;

import dev.keyway.wire.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keys that are configured no more. What befell them is remembered for 30 days, so that one that comes back meanwhile
 * rests until its rest is over; at most {@value #MOST}, the latest. Never changed, only replaced.
 */
record RetiredKeys(List<RetiredKeys.Retired> all) {
    static final Duration REMEMBERED = Duration.ofDays(30);
    static final int MOST = 1000;
    static final RetiredKeys NONE = new RetiredKeys(List.of());

    RetiredKeys {
        all = List.copyOf(all);
    }

    /**
     * One of them.
     *
     * @param since on the wall clock
     * @param key what requests that began with it still report to; null when it was retired by an earlier process
     * @param kept the state it had then
     */
    record Retired(Instant since, @Nullable PooledKey key, StoredKey kept) {
        String id() {
            return kept.id();
        }

        StoredKey stored(PoolClock clock) {
            return key == null ? kept : key.stored(clock).retiredAt(since);
        }
    }

    RetiredKeys with(Retired more, Instant now) {
        List<Retired> next = without(more.id()).remembered(now);
        return new RetiredKeys(Stream.concat(next.stream(), Stream.of(more))
                .skip(Math.max(0, next.size() + 1 - MOST))
                .toList());
    }

    RetiredKeys without(String id) {
        List<Retired> next = new ArrayList<>(all);
        next.removeIf(retired -> retired.id().equals(id));
        return new RetiredKeys(next);
    }

    /** The one of this id; null when there is none. */
    @Nullable
    Retired byId(String id) {
        for (Retired retired : all) {
            if (retired.id().equals(id)) {
                return retired;
            }
        }
        return null;
    }

    /** Those that are remembered still. */
    List<Retired> remembered(Instant now) {
        return all.stream()
                .filter(retired -> retired.since().plus(REMEMBERED).isAfter(now))
                .toList();
    }

    /** Values that must not be seen, since answers to requests that began with them may still come. */
    List<Secret> secrets() {
        return all.stream()
                .map(Retired::key)
                .filter(Objects::nonNull)
                .map(key -> key.key().secret())
                .toList();
    }
}
