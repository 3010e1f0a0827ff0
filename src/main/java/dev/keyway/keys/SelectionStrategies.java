package dev.keyway.keys;

import java.util.Set;

/** The names of the selection strategies. */
public final class SelectionStrategies {
    private SelectionStrategies() {}

    /** Every name that {@code openrouter.key_selection_strategy} takes, aliases included. */
    public static Set<String> names() {
        return Set.of("round-robin", "first", "random", "least-recently-used", "lru", "sticky");
    }
}
