package dev.keyway.config;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the upstream keys in a file of one of the proxies that Keyway replaces: an environment file, a
 * {@code config.yml}, or the Node system's {@code keys.json}. What kind it is, its name says.
 */
public final class OldKeys {
    private static final int LARGEST = 16 * 1024 * 1024;
    private static final Pattern VARIABLE = Pattern.compile("OPENROUTER_(API_KEYS?|KEYS|API_KEY_\\d{1,9})");
    private static final List<List<String>> SETTINGS =
            List.of(List.of("openrouter", "keys"), List.of("backends", "openrouter", "api_key"));
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String name;
    private final Map<String, String> environment;
    private final Problems problems = new Problems();
    private final List<FoundKey> keys = new ArrayList<>();

    private OldKeys(String name, Map<String, String> environment) {
        this.name = name;
        this.environment = environment;
    }

    /**
     * What one file came to.
     *
     * @param keys in the order written; one that stands there twice is there twice
     * @param problems why the file, or something in it, could not be read; never with a key
     */
    public record Found(List<FoundKey> keys, List<ConfigProblem> problems) {
        public Found {
            keys = List.copyOf(keys);
            problems = List.copyOf(problems);
        }
    }

    /**
     * Reads one file of at most 16 MiB.
     *
     * @param name what to call it in places and problems
     * @param environment fills {@code ${VAR}} in YAML
     */
    public static Found read(Path file, String name, Map<String, String> environment) {
        return new OldKeys(name, environment).read(file);
    }

    private Found read(Path file) {
        ConfigFiles.Text text = ConfigFiles.read(file, name, LARGEST, problems);
        if (text != null) {
            String kind = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
            if (kind.endsWith(".json")) {
                json(text.content());
            } else if (kind.endsWith(".yml") || kind.endsWith(".yaml")) {
                yaml(text.content());
            } else {
                variables(text.content());
            }
            if (keys.isEmpty() && problems.count() == 0) {
                problems.add(Origin.of(name), "", "no OpenRouter key stands in it");
            }
        }
        return new Found(keys, problems.problems());
    }

    private void variables(String text) {
        DotEnv.read(name, text, problems).forEach((variable, value) -> {
            if (VARIABLE.matcher(variable).matches()) {
                listed(value.origin(), value.text());
            }
        });
    }

    private void listed(Origin origin, String keysWithCommas) {
        for (String key : keysWithCommas.split(",", -1)) {
            add(origin, key, null, null, true);
        }
    }

    private void yaml(String text) {
        RawValue document = new YamlReader(name, problems).read(text);
        Interpolation interpolation = new Interpolation(environment::get, problems);
        for (List<String> path : SETTINGS) {
            RawValue value = document;
            for (String member : path) {
                value = member(value, member);
            }
            if (value != null) {
                setting(interpolation.fill(String.join(".", path), value));
            }
        }
    }

    private void setting(RawValue value) {
        if (value instanceof RawValue.Text text) {
            listed(text.origin(), text.text());
        } else if (value instanceof RawValue.Items items) {
            items.items().forEach(this::setting);
        } else if (value instanceof RawValue.Members mapping
                && mapping.members().get("key") instanceof RawValue.Text key) {
            add(key.origin(), key.text(), text(mapping, "label"), text(mapping, "account"), true);
        } else if (!(value instanceof RawValue.Null)) {
            problems.add(value.origin(), "", "is neither a key nor a mapping with a \"key\"");
        }
    }

    private static @Nullable RawValue member(@Nullable RawValue value, String member) {
        return value instanceof RawValue.Members members ? members.members().get(member) : null;
    }

    private static @Nullable String text(RawValue.Members mapping, String member) {
        return mapping.members().get(member) instanceof RawValue.Text text ? text.text() : null;
    }

    private void json(String text) {
        try (JsonParser parser = JSON.createParser(text)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                problems.add(Origin.of(name), "", "is no list of keys, as the Node system's keys.json is");
                return;
            }
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                Origin origin = Origin.line(name, parser.currentTokenLocation().getLineNr());
                JsonNode entry = parser.readValueAsTree();
                if (entry.path("key").isTextual()) {
                    JsonNode active = entry.path("isActive");
                    add(origin, entry.path("key").textValue(), null, null, !active.isBoolean() || active.asBoolean());
                } else {
                    problems.add(origin, "", "has no \"key\"");
                }
            }
        } catch (JsonProcessingException e) {
            // Without the parser's message: it quotes the text, which holds keys.
            problems.add(Origin.line(name, e.getLocation().getLineNr()), "", "not readable as JSON");
        } catch (IOException e) {
            problems.add(Origin.of(name), "", "not readable as JSON");
        }
    }

    private void add(Origin origin, String written, @Nullable String label, @Nullable String account, boolean active) {
        String key = written.strip();
        if (!key.isEmpty()) {
            keys.add(new FoundKey(origin.where(), new Secret(key), label, account, active));
        }
    }
}
