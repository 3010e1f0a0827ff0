package dev.keyway.config;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What the items of a list have in common that are mappings. */
final class MappingReader {
    private MappingReader() {}

    static boolean onlyKnown(Reading reading, RawValue.Members mapping, String at, Set<String> known) {
        boolean fine = true;
        for (Map.Entry<String, RawValue> member : mapping.members().entrySet()) {
            if (!known.contains(member.getKey())) {
                reading.of(member.getValue())
                        .problem(at + " has an unknown member \"" + Masking.name(member.getKey()) + "\"; known: "
                                + String.join(", ", known.stream().sorted().toList()));
                fine = false;
            }
        }
        return fine;
    }

    /** A member's text; null when absent, null or no text. */
    static @Nullable String text(RawValue.Members mapping, String name) {
        RawValue value = mapping.members().get(name);
        return value instanceof RawValue.Text text ? text.text().strip() : null;
    }

    /** A mapping as JSON Schema. */
    static Map<String, Object> schema(List<String> required, Map<String, Object> properties) {
        return Map.of(
                "type",
                "object",
                "required",
                required,
                "properties",
                new TreeMap<>(properties),
                "additionalProperties",
                false);
    }
}
