package dev.keyway.config;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What values a setting takes, and how they are read and shown. */
interface SettingType<T> {
    /** The typed value; empty when it was refused, which then stands among the problems. */
    Optional<T> read(Reading reading);

    /** The value for people and for JSON: text, number, boolean, list or null; a key only as its {@code k_…} id, a secret as {@code (set)}. */
    @Nullable
    Object show(T value);

    /** What tells the value from any other; a secret only as its digest. Not for people. */
    default String fingerprint(T value) {
        return value.toString();
    }

    /** The type as JSON Schema (2020-12). */
    Map<String, Object> schema();

    /** Whether an empty variable is a value of its own, rather than a variable that is not set. */
    default boolean takesEmpty() {
        return false;
    }
}
