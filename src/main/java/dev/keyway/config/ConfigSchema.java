package dev.keyway.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The settings as JSON Schema (2020-12), for editors. */
public final class ConfigSchema {
    private ConfigSchema() {}

    /** The schema, indented, without a line end; the same each time. */
    public static String json() {
        Map<String, Object> root = section();
        Settings.ALL.forEach(setting -> add(root, setting));
        Map<String, Object> schema = new LinkedHashMap<>();
        schema.put("$schema", "https://json-schema.org/draft/2020-12/schema");
        schema.put("title", "Keyway configuration");
        schema.putAll(root);
        try {
            return new ObjectMapper()
                    .writerWithDefaultPrettyPrinter()
                    .with(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
                    .writeValueAsString(schema);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("maps, lists and words are always JSON", e);
        }
    }

    private static <T> void add(Map<String, Object> root, Setting<T> setting) {
        for (String path : setting.paths()) {
            Map<String, Object> property = new LinkedHashMap<>(setting.type().schema());
            property.put(
                    "description",
                    setting.description() + (setting.atStart() ? " (a change counts after a restart)" : ""));
            property.put("default", setting.type().show(setting.fallback()));
            String[] parts = path.split("\\.", -1);
            Map<String, Object> section = root;
            for (int i = 0; i < parts.length - 1; i++) {
                section = child(properties(section), parts[i]);
            }
            properties(section).put(parts[parts.length - 1], property);
        }
    }

    private static Map<String, Object> section() {
        Map<String, Object> section = new LinkedHashMap<>();
        section.put("type", "object");
        section.put("properties", new LinkedHashMap<String, Object>());
        section.put("additionalProperties", false);
        return section;
    }

    private static Map<String, Object> properties(Map<String, Object> section) {
        return cast(section.get("properties"));
    }

    private static Map<String, Object> child(Map<String, Object> properties, String name) {
        return cast(properties.computeIfAbsent(name, any -> section()));
    }

    @SuppressWarnings("unchecked") // made by section() above
    private static Map<String, Object> cast(@Nullable Object map) {
        return map == null ? Map.of() : (Map<String, Object>) map;
    }
}
