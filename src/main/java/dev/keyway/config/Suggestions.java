package dev.keyway.config;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Guesses what a person meant by a name that does not exist. */
final class Suggestions {
    /** Who gets so many names wrong has not mistyped them. */
    private static final int MOST = 200;

    private final List<String> known;
    private int asked;

    Suggestions(Collection<String> known) {
        this.known = List.copyOf(known);
    }

    /** {@code ; did you mean server.port?}, or nothing when no known name is close, or too many were asked for. */
    String of(String unknown) {
        if (asked == MOST) {
            return "";
        }
        asked++;
        String best = nearest(unknown, name -> name);
        if (best.isEmpty()) {
            best = sameLastWord(unknown);
        }
        if (best.isEmpty()) {
            best = nearest(lastWord(unknown), Suggestions::lastWord);
        }
        return best.isEmpty() ? "" : "; did you mean " + best + "?";
    }

    /** The known name that is the fewest changes away in this part of it; empty when none is near. */
    private String nearest(String unknown, UnaryOperator<String> part) {
        String best = "";
        int bestDistance = Math.max(1, Math.min(3, unknown.length() / 4)) + 1;
        for (String candidate : known) {
            int distance = distance(unknown, part.apply(candidate));
            if (distance < bestDistance) {
                best = candidate;
                bestDistance = distance;
            }
        }
        return best;
    }

    private static String lastWord(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    private String sameLastWord(String unknown) {
        String word = lastWord(unknown);
        List<String> same = known.stream()
                .filter(candidate -> candidate.equals(word) || candidate.endsWith("." + word))
                .toList();
        return same.size() == 1 ? same.get(0) : "";
    }

    /** Every path and alias. */
    static List<String> paths() {
        return Settings.ALL.stream()
                .flatMap(setting -> setting.paths().stream())
                .toList();
    }

    /** Those, and the sections they stand in. */
    static Set<String> pathsAndSections() {
        Set<String> all = new LinkedHashSet<>(paths());
        all.addAll(sections());
        return all;
    }

    /** What stands before a dot in a path. */
    static Set<String> sections() {
        Set<String> all = new LinkedHashSet<>();
        for (String path : paths()) {
            for (int dot = path.indexOf('.'); dot > 0; dot = path.indexOf('.', dot + 1)) {
                all.add(path.substring(0, dot));
            }
        }
        return all;
    }

    /** Levenshtein's distance; names over 64 characters are no one's typing error. */
    private static int distance(String a, String b) {
        if (a.length() > 64 || Math.abs(a.length() - b.length()) > 3) {
            return Integer.MAX_VALUE;
        }
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.length()];
    }
}
