package dev.keyway.config;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One source of values. */
interface Layer {
    /** What this source says of a setting; null when nothing. */
    @Nullable
    Written find(Setting<?> setting);

    /**
     * A value as it was written.
     *
     * @param unit what a number without a unit means there
     */
    record Written(RawValue value, Duration unit) {}
}
