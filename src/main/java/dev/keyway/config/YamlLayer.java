package dev.keyway.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The settings of a YAML file, found by path; {@code server.port: 1} and the nested form are the same. */
final class YamlLayer implements Layer {
    private final Map<String, RawValue> values = new LinkedHashMap<>();
    private final Interpolation interpolation;
    private final Problems problems;
    private final Suggestions suggestions = new Suggestions(Suggestions.pathsAndSections());
    private final Set<String> known = Set.copyOf(Suggestions.paths());
    private final Set<String> sections = Suggestions.sections();

    YamlLayer(@Nullable RawValue document, Interpolation interpolation, Problems problems) {
        this.interpolation = interpolation;
        this.problems = problems;
        if (document instanceof RawValue.Members members) {
            collect("", members);
        } else if (document != null && !(document instanceof RawValue.Null)) {
            problems.add(document.origin(), "", "the file is not a mapping of settings");
        }
        Settings.ALL.forEach(this::refuseTwice);
    }

    private void collect(String prefix, RawValue.Members section) {
        section.members().forEach((name, value) -> {
            String path = prefix + name;
            if (known.contains(path)) {
                RawValue before = values.putIfAbsent(path, value);
                if (before != null) {
                    problems.add(value.origin(), path, twice(path, before));
                }
            } else if (sections.contains(path)) {
                section(path, value);
            } else {
                problems.add(value.origin(), Masking.name(path), unknown(path));
            }
        });
    }

    private void section(String path, RawValue value) {
        if (value instanceof RawValue.Members members) {
            collect(path + ".", members);
        } else if (!(value instanceof RawValue.Null)) {
            problems.add(value.origin(), path, "is a section with settings of its own, not a value");
        }
    }

    private String unknown(String path) {
        if (path.startsWith("backends.") && !path.startsWith("backends.openrouter")) {
            return "another backend than openrouter is not available";
        }
        return "unknown setting" + suggestions.of(path);
    }

    private void refuseTwice(Setting<?> setting) {
        List<String> written =
                setting.paths().stream().filter(values::containsKey).toList();
        for (String other : written.subList(Math.min(1, written.size()), written.size())) {
            RawValue value = values.get(other);
            RawValue first = values.get(written.get(0));
            if (value != null && first != null) {
                problems.add(value.origin(), other, twice(written.get(0), first));
            }
        }
    }

    private static String twice(String path, RawValue first) {
        return "the same setting as " + path + " in line " + first.origin().line() + "; keep one";
    }

    /** Found by path or alias, variables filled in; null also when a variable was missing, which is then a problem. */
    @Override
    public @Nullable Written find(Setting<?> setting) {
        for (String path : setting.paths()) {
            RawValue value = values.get(path);
            if (value != null) {
                int before = problems.count();
                RawValue filled = interpolation.fill(path, value);
                return problems.count() == before ? new Written(filled, Setting.SECOND) : null;
            }
        }
        return null;
    }
}
