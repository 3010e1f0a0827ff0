package dev.keyway.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.MatchResult;
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
    private static final Pattern VARIABLE =
            Pattern.compile("\\$(\\$\\{)|\\$\\{([A-Za-z_][A-Za-z0-9_]*)(:-([^}]*))?}|(\\$\\{)");

    private final Function<String, @Nullable String> environment;
    private final Problems problems;

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
            members.members().forEach((name, member) -> filled.put(name, fill(path + "." + name, member)));
            return new RawValue.Members(members.origin(), filled);
        }
        return value;
    }

    private String fill(String path, RawValue.Text text) {
        if (!text.text().contains("${")) {
            return text.text();
        }
        return VARIABLE.matcher(text.text())
                .replaceAll(found -> Matcher.quoteReplacement(replacement(path, text.origin(), found)));
    }

    private String replacement(String path, Origin origin, MatchResult found) {
        if (found.group(1) != null) {
            return found.group(1);
        }
        String variable = found.group(2);
        if (variable == null) {
            problems.add(origin, path, "\"${\" starts no ${VAR} or ${VAR:-default}; write $${ for the text itself");
            return "";
        }
        String value = environment.apply(variable);
        boolean hasDefault = found.group(3) != null;
        if (value != null && !(value.isEmpty() && hasDefault)) {
            return value;
        }
        if (hasDefault) {
            return String.valueOf(found.group(4));
        }
        problems.add(origin, path, "${" + variable + "} is not set; set it or write ${" + variable + ":-default}");
        return "";
    }
}
