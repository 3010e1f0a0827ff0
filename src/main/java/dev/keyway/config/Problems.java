package dev.keyway.config;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Collects every problem and warning of one loading, so that a person repairs them in one go. */
final class Problems {
    /** More are counted, not kept: nobody reads them. */
    private static final int MOST = 1000;

    private record Found(Origin origin, String path, String message) {}

    private final List<Found> found = new ArrayList<>();
    private final List<Found> warned = new ArrayList<>();
    private int count;

    void add(Origin origin, String path, String message) {
        count++;
        keep(found, new Found(origin, path, message));
    }

    void warn(Origin origin, String path, String message) {
        keep(warned, new Found(origin, path, message));
    }

    private static void keep(List<Found> all, Found one) {
        if (all.size() < MOST) {
            all.add(one);
        } else if (all.size() == MOST) {
            all.add(new Found(one.origin(), "", "there is more; the first " + MOST + " are told"));
        }
    }

    int count() {
        return count;
    }

    /** Files first, each from top to bottom, then variables and flags; one flag that feeds two settings counts once. */
    List<ConfigProblem> problems() {
        return sorted(found);
    }

    List<String> warnings() {
        return sorted(warned).stream().map(ConfigProblem::line).toList();
    }

    private static List<ConfigProblem> sorted(List<Found> all) {
        Set<String> seen = new HashSet<>();
        return all.stream()
                .sorted(Comparator.comparing((Found f) -> f.origin().line() == 0)
                        .thenComparing(f -> f.origin().name())
                        .thenComparing(f -> f.origin().line()))
                .map(f -> new ConfigProblem(f.origin().where(), f.path(), f.message()))
                .filter(p -> seen.add(p.source() + '\n' + p.message()))
                .toList();
    }
}
