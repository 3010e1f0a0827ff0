package dev.keyway.keys;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Finds keys in a text. Keys that begin alike, as all of OpenRouter's do, are looked for together: a text without that
 * beginning costs one search, however many keys there are.
 */
final class KeyFinder {
    private static final int BEGINNING = 6;

    private final Map<String, Alike> groups = new HashMap<>();

    KeyFinder(Collection<String> keys) {
        for (String key : keys) {
            if (!key.isEmpty()) {
                String beginning = key.substring(0, Math.min(BEGINNING, key.length()));
                groups.computeIfAbsent(beginning, begins -> new Alike()).add(key);
            }
        }
    }

    /** Keys of one beginning, and which lengths they have. */
    private static final class Alike {
        private final Set<String> keys = new HashSet<>();
        private final Set<Integer> lengths = new TreeSet<>();

        void add(String key) {
            keys.add(key);
            lengths.add(key.length());
        }

        /** The length of the longest key that stands at this place; 0 when none does. */
        int longestAt(String text, int at) {
            int longest = 0;
            for (int length : lengths) {
                if (at + length <= text.length() && keys.contains(text.substring(at, at + length))) {
                    longest = length;
                }
            }
            return longest;
        }
    }

    boolean isIn(String text) {
        return masked(text, true) != null;
    }

    /** The text with asterisks in the place of each key, as many as it has characters. */
    String masked(String text) {
        char[] masked = masked(text, false);
        return masked == null ? text : new String(masked);
    }

    private char @Nullable [] masked(String text, boolean firstOnly) {
        char[] masked = null;
        for (Map.Entry<String, Alike> group : groups.entrySet()) {
            int at = text.indexOf(group.getKey());
            while (at >= 0) {
                int length = group.getValue().longestAt(text, at);
                if (length > 0) {
                    masked = masked == null ? text.toCharArray() : masked;
                    java.util.Arrays.fill(masked, at, at + length, '*');
                    if (firstOnly) {
                        return masked;
                    }
                }
                at = text.indexOf(group.getKey(), at + 1);
            }
        }
        return masked;
    }
}
