package dev.keyway.catalogue;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A list and since when it is known to be the upstream's.
 *
 * @param etag as the upstream wrote it; null without
 * @param confirmed by a clock that only goes on
 */
record Snapshot(ModelList list, @Nullable String etag, Instant confirmed) {
    Duration age(Instant now) {
        Duration age = Duration.between(confirmed, now);
        return age.isNegative() ? Duration.ZERO : age;
    }
}
