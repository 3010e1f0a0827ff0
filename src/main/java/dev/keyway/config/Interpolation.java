package dev.keyway.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Fills {@code ${VAR}} and {@code ${VAR:-default}} in YAML scalars from the environment.
 *
 * <p>The default stands in for a variable that is unset or empty, as in a shell. A doubled dollar sign before the brace
 * stands for the brace itself.
 */
final class Interpolation {
    private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*+");
    private static final String DEFAULT = ":-";
    /** Characters that all variables of a file may come to: a long one, written often, would fill the memory. */
    private static final int MOST = 4 * 1024 * 1024;

    private final Function<String, @Nullable String> environment;
    private final Problems problems;
    private int filled;

    Interpolation(Function<String, @Nullable String> environment, Problems problems) {
        this.environment = environment;
        this.problems = problems;
    }

    RawValue fill(String path, RawValue value) {
        if (value instanceof RawValue.Text text) {
            return new RawValue.Text(text.origin(), fill(path, text));
        }
        if (value instanceof RawValue.Items items) {
            List<RawValue> filled = new ArrayList<>();
            items.items().forEach(item -> filled.add(fill(path, item)));
            return new RawValue.Items(items.origin(), filled);
        }
        if (value instanceof RawValue.Members members) {
            Map<String, RawValue> filled = new LinkedHashMap<>();
            members.members().forEach((name, member) -> filled.put(name, fill(Masking.path(path, name), member)));
            return new RawValue.Members(members.origin(), filled);
        }
        return value;
    }

    private String fill(String path, RawValue.Text value) {
        String text = value.text();
        int lastEnd = text.lastIndexOf('}');
        StringBuilder all = new StringBuilder();
        int at = 0;
        for (int brace = text.indexOf("${"); brace >= 0; brace = text.indexOf("${", at)) {
            if (brace > at && text.charAt(brace - 1) == '$') {
                all.append(text, at, brace - 1).append("${");
                at = brace + 2;
                continue;
            }
            all.append(text, at, brace);
            Matcher name = NAME.matcher(text).region(brace + 2, text.length());
            int behind = name.lookingAt() ? name.end() : 0;
            boolean hasDefault = behind > 0 && text.startsWith(DEFAULT, behind);
            boolean ends = behind > 0 && behind <= lastEnd && (hasDefault || text.charAt(behind) == '}');
            if (!ends) {
                problems.add(
                        value.origin(),
                        path,
                        "\"${\" starts no ${VAR} or ${VAR:-default}; write $${ for the text itself");
                at = brace + 2;
                continue;
            }
            int end = text.indexOf('}', behind);
            String fallback = hasDefault ? text.substring(behind + DEFAULT.length(), end) : null;
            all.append(variable(path, value.origin(), name.group(), fallback));
            at = end + 1;
        }
        return all.append(text, at, text.length()).toString();
    }

    private String variable(String path, Origin origin, String name, @Nullable String fallback) {
        String value = environment.apply(name);
        if (fallback != null && (value == null || value.isEmpty())) {
            return fallback;
        }
        if (value == null) {
            String shown = Masking.name(name);
            problems.add(origin, path, "${" + shown + "} is not set; set it or write ${" + shown + ":-default}");
            return "";
        }
        filled = Math.min(MOST, filled + Math.min(MOST, value.length()));
        if (filled == MOST) {
            problems.add(origin, path, "the variables of this file come to more than " + MOST + " characters");
            return "";
        }
        return value;
    }
}
