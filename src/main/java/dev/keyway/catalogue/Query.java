package dev.keyway.catalogue;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.FieldProblem;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The parameters of a request, read one by one; what is wrong with them is told at once, for all of them. */
final class Query {
    private static final Pattern DIGITS = Pattern.compile("\\d{1,9}");
    private static final Pattern BROKEN_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    private final Map<String, List<String>> values = new LinkedHashMap<>();
    private final List<FieldProblem> problems = new ArrayList<>();

    /** @param raw as it came; null: there is none */
    Query(@Nullable String raw) {
        if (raw == null) {
            return;
        }
        for (String pair : raw.split("&", -1)) {
            int equals = pair.indexOf('=');
            String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
            if (!pair.isEmpty()) {
                values.computeIfAbsent(name, key -> new ArrayList<>())
                        .add(equals < 0 ? "" : decoded(pair.substring(equals + 1)));
            }
        }
    }

    /** Whether it can be read at all; the proxy refuses one that can't, with its reason. */
    static boolean isReadable(@Nullable String raw) {
        return raw == null
                || (raw.chars().allMatch(c -> c > ' ' && c < 0x7f)
                        && !BROKEN_ESCAPE.matcher(raw).find());
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    /** Whether it has no other parameters than these. */
    boolean isWithin(Set<String> names) {
        return names.containsAll(values.keySet());
    }

    /** A text; empty without. */
    String text(String name) {
        List<String> given = values.getOrDefault(name, List.of());
        if (given.size() > 1) {
            problem(name, "must stand only once");
        }
        return given.isEmpty() ? "" : given.get(0);
    }

    /** A whole number; {@code otherwise} without, or when it is wrong. */
    int number(String name, int otherwise, int least, int most) {
        String text = text(name);
        if (!values.containsKey(name)) {
            return otherwise;
        }
        if (DIGITS.matcher(text).matches()) {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        }
        problem(
                name,
                most == Integer.MAX_VALUE
                        ? "must be a whole number from " + least + " on"
                        : "must be a whole number from " + least + " to " + most);
        return otherwise;
    }

    private void problem(String name, String message) {
        if (problems.stream().noneMatch(known -> known.field().equals(name))) {
            problems.add(new FieldProblem(name, "/" + name, name + " " + message));
        }
    }

    /** @throws ApiException 400 when something was wrong with what was read until now */
    void check() {
        if (!problems.isEmpty()) {
            throw ApiException.invalid(problems);
        }
    }
}
