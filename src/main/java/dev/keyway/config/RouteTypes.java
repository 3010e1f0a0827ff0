package dev.keyway.config;

import dev.keyway.filter.RouteOptions;
import dev.keyway.slug.AliasRule;
import dev.keyway.slug.SlugParser;
import dev.keyway.wire.ApiException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The settings that say which model a request goes to. */
final class RouteTypes {
    static final String BACKEND = "openrouter:";
    private static final Map<String, Object> STRING = Map.of("type", "string");
    /** A model's name, tags and parameters: no blank and no control character. */
    private static final Pattern MODEL = Pattern.compile("[!-~&&[^$?]][!-~]{0,511}");

    private static final Pattern BARE = Pattern.compile("[!-~&&[^$?]]{1,256}");

    private RouteTypes() {}

    /** {@code force_model}: a model string. */
    static ScalarType<String> model() {
        return new ScalarType<>(
                "a model, maybe with $tags and ?parameters (example: deepseek/deepseek-r1$think.high)",
                (text, unit) -> isModel(text) ? Optional.of(text) : Optional.empty(),
                any -> true,
                "",
                Masking::visible,
                STRING);
    }

    private static boolean isModel(String text) {
        if (!MODEL.matcher(text).matches()) {
            return false;
        }
        try {
            return !SlugParser.parse(text).base().equals(BACKEND);
        } catch (ApiException tooMany) {
            return false;
        }
    }

    /** {@code static_route}: backend and model; kept without the backend, of which there is one. */
    static ScalarType<String> route() {
        return new ScalarType<>(
                "openrouter:MODEL, as openrouter is the only backend (example: openrouter:openai/gpt-4o-mini)",
                (text, unit) -> text.startsWith(BACKEND) && isModel(text.substring(BACKEND.length()))
                        ? Optional.of(text.substring(BACKEND.length()))
                        : Optional.empty(),
                any -> true,
                "",
                route -> BACKEND + Masking.visible(route),
                STRING);
    }

    /** {@code model_aliases}: mappings of pattern and replacement, or texts {@code PATTERN=REPLACEMENT}. */
    static SettingType<List<AliasRule>> aliases() {
        return new ListType<>(Alias::new, true, false);
    }

    /** {@code failover}: mappings of when and to. */
    static SettingType<List<RouteOptions.Failover>> failover() {
        return new ListType<>(Failover::new, true, false);
    }

    private static final class Alias implements ListType.Item<AliasRule> {
        private static final int MOST = 1000;
        private static final Set<String> MEMBERS = Set.of("pattern", "replacement");

        @Override
        public @Nullable AliasRule read(Reading reading, int position) {
            String at = "alias " + position;
            if (position > MOST) {
                reading.problem("has more than " + MOST + " aliases");
                return null;
            }
            if (reading.value() instanceof RawValue.Text text) {
                int equals = text.text().indexOf('=');
                if (equals < 0) {
                    reading.problem(at + " " + Masking.quoted(text.text()) + " is not PATTERN=REPLACEMENT");
                    return null;
                }
                return rule(
                        reading,
                        at,
                        text.text().substring(0, equals),
                        text.text().substring(equals + 1));
            }
            if (!(reading.value() instanceof RawValue.Members mapping)) {
                reading.problem(at + " is neither a mapping of pattern and replacement nor PATTERN=REPLACEMENT");
                return null;
            }
            if (!MappingReader.onlyKnown(reading, mapping, at, MEMBERS)) {
                return null;
            }
            String pattern = MappingReader.text(mapping, "pattern");
            String replacement = MappingReader.text(mapping, "replacement");
            if (pattern == null || replacement == null) {
                reading.problem(at + " has no \"" + (pattern == null ? "pattern" : "replacement") + "\"");
                return null;
            }
            return rule(reading, at, pattern, replacement);
        }

        private static @Nullable AliasRule rule(Reading reading, String at, String pattern, String replacement) {
            try {
                return new AliasRule(pattern.strip(), replacement.strip());
            } catch (IllegalArgumentException e) {
                reading.problem(
                        at + " " + Masking.quoted(pattern + "=" + replacement) + ": " + String.valueOf(e.getMessage()));
                return null;
            }
        }

        @Override
        public Object show(AliasRule rule) {
            return Masking.visible(rule.toString());
        }

        @Override
        public Map<String, Object> schema() {
            return Map.of(
                    "anyOf",
                    List.of(
                            STRING,
                            MappingReader.schema(
                                    List.of("pattern", "replacement"),
                                    Map.of("pattern", STRING, "replacement", STRING))));
        }
    }

    private static final class Failover implements ListType.Item<RouteOptions.Failover> {
        private static final int MOST = 1000;
        private static final Set<String> MEMBERS = Set.of("when", "to");

        @Override
        public RouteOptions.@Nullable Failover read(Reading reading, int position) {
            String at = "failover " + position;
            if (position > MOST) {
                reading.problem("has more than " + MOST + " lines");
                return null;
            }
            if (!(reading.value() instanceof RawValue.Members mapping)) {
                reading.problem(at + " is not a mapping of when and to");
                return null;
            }
            if (!MappingReader.onlyKnown(reading, mapping, at, MEMBERS)) {
                return null;
            }
            String when = MappingReader.text(mapping, "when");
            List<String> to = models(mapping.members().get("to"));
            if (when == null || to.isEmpty() || to.size() > RouteOptions.Failover.MAX_TO) {
                reading.problem(at + " needs \"when\", a model or pattern, and \"to\", 1 to "
                        + RouteOptions.Failover.MAX_TO + " models");
                return null;
            }
            for (String model : to) {
                if (!BARE.matcher(model).matches()) {
                    reading.problem(at + ": " + Masking.quoted(model)
                            + " is not a model's name; $tags and ?parameters have no place here");
                    return null;
                }
            }
            try {
                return new RouteOptions.Failover(
                        withoutBackend(when),
                        to.stream().map(Failover::withoutBackend).toList());
            } catch (IllegalArgumentException e) {
                reading.problem(at + " " + Masking.quoted(when) + ": " + String.valueOf(e.getMessage()));
                return null;
            }
        }

        private static String withoutBackend(String model) {
            return model.startsWith(BACKEND) ? model.substring(BACKEND.length()) : model;
        }

        private static List<String> models(@Nullable RawValue value) {
            List<RawValue> items = value instanceof RawValue.Items list ? list.items() : List.of();
            return items.stream()
                    .map(item ->
                            item instanceof RawValue.Text text ? text.text().strip() : "")
                    .toList();
        }

        @Override
        public Object show(RouteOptions.Failover rule) {
            return Masking.visible(rule.when() + " -> " + String.join(", ", rule.to()));
        }

        @Override
        public Map<String, Object> schema() {
            Map<String, Object> models =
                    Map.of("type", "array", "minItems", 1, "maxItems", RouteOptions.Failover.MAX_TO, "items", STRING);
            return MappingReader.schema(List.of("when", "to"), Map.of("when", STRING, "to", models));
        }
    }
}
