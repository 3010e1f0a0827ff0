package dev.keyway.config;

import java.time.Duration;

/**
 * One value on its way into one setting.
 *
 * @param unit what a number without a unit means where the value was written
 */
record Reading(String path, RawValue value, Duration unit, Problems problems) {
    Reading of(RawValue other) {
        return new Reading(path, other, unit, problems);
    }

    void problem(String message) {
        problems.add(value.origin(), path, message);
    }

    void warn(String message) {
        problems.warn(value.origin(), path, message);
    }
}
