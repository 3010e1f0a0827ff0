package dev.keyway.keys;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/** The day of the free tier: UTC. */
final class FreeDay {
    private FreeDay() {}

    /** When the day of this moment ends. */
    static Instant endsAfter(Instant moment) {
        return LocalDate.ofInstant(moment, ZoneOffset.UTC)
                .plusDays(1)
                .atStartOfDay(ZoneOffset.UTC)
                .toInstant();
    }
}
