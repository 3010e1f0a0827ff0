package dev.keyway.keys;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/** The names of the selection strategies. */
public final class SelectionStrategies {
    private static final Map<String, Named> TABLE = table();

    private SelectionStrategies() {}

    /** A strategy, and whether its name also means the option {@code same}. */
    private record Named(Function<RandomGenerator, SelectionStrategy> maker, boolean same) {}

    private static Map<String, Named> table() {
        Map<String, Named> table = new LinkedHashMap<>();
        table.put("round-robin", new Named(random -> new RoundRobinStrategy(), false));
        table.put("first", new Named(random -> new FirstStrategy(), false));
        table.put("random", new Named(RandomStrategy::new, false));
        table.put("least-recently-used", new Named(random -> RankedStrategy.leastRecentlyUsed(), false));
        table.put("lru", new Named(random -> RankedStrategy.leastRecentlyUsed(), false));
        table.put("sticky", new Named(random -> RankedStrategy.leastRecentlyUsed(), true));
        table.put("most-credit", new Named(random -> RankedStrategy.mostCredit(), false));
        return Collections.unmodifiableMap(table);
    }

    /** Every name that {@code openrouter.key_selection_strategy} takes, aliases included, the default first. */
    public static Set<String> names() {
        return TABLE.keySet();
    }

    /**
     * A new strategy of this name.
     *
     * @throws IllegalArgumentException when the name is not one of {@link #names()}
     */
    static SelectionStrategy create(String name, RandomGenerator random) {
        return named(name).maker().apply(random);
    }

    /** Whether the name alone means that the last key is used again while it is available. */
    static boolean impliesSame(String name) {
        return named(name).same();
    }

    private static Named named(String name) {
        Named named = TABLE.get(name);
        if (named == null) {
            throw new IllegalArgumentException("\"" + name + "\" is no selection strategy; known: " + names());
        }
        return named;
    }
}
