package dev.keyway.config;

import java.util.List;
import java.util.Map;

/** A value as it was written, before a setting gave it a type; every scalar is text, so {@code no} stays "no". */
sealed interface RawValue {
    Origin origin();

    /** A scalar of any kind. */
    record Text(Origin origin, String text) implements RawValue {}

    /**
     * YAML's null.
     *
     * @param blank nothing was written after the colon, rather than {@code null} or {@code ~}
     */
    record Null(Origin origin, boolean blank) implements RawValue {}

    /** A list. */
    record Items(Origin origin, List<RawValue> items) implements RawValue {}

    /** A mapping, in the order written. */
    record Members(Origin origin, Map<String, RawValue> members) implements RawValue {}
}
