package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.access.AccessOptions;
import dev.keyway.filter.FilterOptions;
import dev.keyway.filter.IdentityOptions;
import dev.keyway.filter.RouteOptions;
import dev.keyway.keys.KeyPoolOptions;
import dev.keyway.keys.store.KeyStoreOptions;
import dev.keyway.limit.AdmissionOptions;
import dev.keyway.observe.HealthOptions;
import dev.keyway.observe.LogOptions;
import dev.keyway.upstream.UpstreamOptions;
import dev.keyway.upstream.account.ProbeOptions;
import dev.keyway.watch.WatchOptions;
import java.io.IOException;
import java.lang.reflect.Field;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SettingsTest {
    private static final Path EXAMPLE = Path.of("etc/keyway.example.yml");
    private static final Pattern SETTING_LINE = Pattern.compile("(\\s*)#(\\S.*)");

    @TempDir
    private Path folder;

    private static List<String> example() throws IOException {
        return Files.readAllLines(EXAMPLE);
    }

    /** A commented setting has no blank after its hash, prose has one. */
    private static String[] uncommented() throws IOException {
        return example().stream()
                .map(line -> {
                    Matcher setting = SETTING_LINE.matcher(line);
                    return setting.matches() ? setting.group(1) + setting.group(2) : line;
                })
                .toArray(String[]::new);
    }

    private static void assertDefaults(GatewayConfig config) {
        assertThat(config.server()).isEqualTo(ServerOptions.DEFAULTS);
        assertThat(config.access()).isEqualTo(AccessOptions.DEFAULTS);
        assertThat(config.admission()).isEqualTo(AdmissionOptions.DEFAULTS);
        assertThat(config.keys()).isEqualTo(KeyPoolOptions.DEFAULTS);
        assertThat(config.keyStore()).isEqualTo(KeyStoreOptions.DEFAULTS);
        assertThat(config.filter()).isEqualTo(FilterOptions.DEFAULTS);
        assertThat(config.route()).isEqualTo(RouteOptions.DEFAULTS);
        assertThat(config.identity()).isEqualTo(IdentityOptions.DEFAULTS);
        assertThat(config.upstream()).isEqualTo(UpstreamOptions.DEFAULTS);
        assertThat(config.probe()).isEqualTo(ProbeOptions.DEFAULTS);
        assertThat(config.logs().withDirectory(null)).isEqualTo(LogOptions.DEFAULTS);
        assertThat(config.watch()).isEqualTo(WatchOptions.DEFAULTS);
        assertThat(config.health()).isEqualTo(HealthOptions.DEFAULTS);
    }

    @Test
    void without_any_source_everything_is_its_options_default() {
        GatewayConfig config = new ConfigKit(folder).config();

        assertDefaults(config);
        assertThat(config.sources()).isEmpty();
    }

    @Test
    void the_example_as_it_is_changes_nothing() throws IOException {
        GatewayConfig config =
                new ConfigKit(folder).yaml(example().toArray(String[]::new)).config();

        assertDefaults(config);
        assertThat(config.settings())
                .allSatisfy(setting -> assertThat(setting.source()).isEqualTo("default"));
    }

    @Test
    void the_example_with_every_line_uncommented_sets_every_setting_to_its_default() throws IOException {
        GatewayConfig config = new ConfigKit(folder).yaml(uncommented()).config();

        assertDefaults(config);
        assertThat(config.settings())
                .allSatisfy(setting -> assertThat(setting.source())
                        .as("%s stands in the example", setting.path())
                        .startsWith("keyway.yml:"));
    }

    @Test
    void an_unknown_line_in_the_example_fails() throws IOException {
        List<String> lines = new ArrayList<>(List.of(uncommented()));
        lines.add("surprise: 1");

        assertThat(new ConfigKit(folder).yaml(lines.toArray(String[]::new)).problems())
                .containsExactly("keyway.yml:" + lines.size() + ": surprise: unknown setting");
    }

    @Test
    void each_line_of_the_example_explains_its_setting_and_names_the_seeds_variables_and_the_flag() throws IOException {
        String text = String.join("\n", example());

        assertThat(Settings.ALL).allSatisfy(setting -> {
            assertThat(text).contains("# " + setting.description());
            setting.variables().forEach(variable -> assertThat(text).contains(variable.name()));
            assertThat(text).contains(setting.flag());
        });
    }

    @Test
    void the_table_holds_every_setting_once() throws IllegalAccessException {
        List<Object> declared = new ArrayList<>();
        for (Field field : Settings.class.getDeclaredFields()) {
            if (field.getType() == Setting.class) {
                declared.add(field.get(null));
            }
        }

        assertThat(Settings.ALL).doesNotHaveDuplicates();
        assertThat(new ArrayList<Object>(Settings.ALL)).containsExactlyElementsOf(declared);
        assertThat(Settings.ALL.stream().flatMap(setting -> setting.paths().stream()))
                .doesNotHaveDuplicates();
    }

    @Test
    void every_setting_has_a_variable_of_its_own_that_is_its_path_in_capitals() {
        List<String> names = Settings.ALL.stream()
                .map(setting -> setting.allVariables().get(0).name())
                .toList();

        assertThat(names)
                .doesNotHaveDuplicates()
                .contains("KEYWAY_SERVER_ACCESS_KEY", "KEYWAY_USAGE_INJECTION", "KEYWAY_UPSTREAM_FIRST_BYTE_TIMEOUT");
    }

    @Test
    void every_setting_can_be_set_by_its_variable() {
        ConfigKit kit = new ConfigKit(folder);
        Map<String, String> special = Map.ofEntries(
                Map.entry("server.access_key", "an-access-key-of-mine"),
                Map.entry("server.access_keys", "[{name: a, key: another-access-key}]"),
                Map.entry("openrouter.keys", "sk-or-a"),
                Map.entry("keys.master_key", "a master key of mine"),
                Map.entry("model_aliases", "a=b"),
                Map.entry("force_model", "a/b"),
                Map.entry("static_route", "openrouter:a/b"),
                Map.entry("failover", "[{when: a, to: [b]}]"),
                Map.entry("admin.secret", "an-admin-secret-of-mine"),
                Map.entry("metrics.access_key", "a-key-of-scrapers-alone"),
                Map.entry("requestProxy.url", "socks5://proxy:1080"),
                Map.entry("upstream.ca_file", "ca.pem"));
        Settings.ALL.stream()
                .filter(setting -> !special.containsKey(setting.path()))
                .forEach(setting -> kit.variable(
                        Setting.variable(setting.path()),
                        setting.shownFallback().replaceAll("[\\[\\]]", "")));
        special.forEach((path, value) -> kit.variable(Setting.variable(path), value));

        List<String> problems = kit.problems();

        assertThat(problems)
                .as("all are read, and only the missing file is refused")
                .containsExactly("KEYWAY_UPSTREAM_CA_FILE: upstream.ca_file: \"" + folder.resolve("ca.pem")
                        + "\" is not readable");
    }

    @Test
    void the_schema_knows_every_path_with_description_and_default_and_nothing_else() throws IOException {
        JsonNode schema = new ObjectMapper().readTree(ConfigSchema.json());

        assertThat(schema.path("additionalProperties").asBoolean(true)).isFalse();
        Set<String> paths = new TreeSet<>();
        collect(schema, "", paths);
        assertThat(paths).containsExactlyElementsOf(new TreeSet<>(Suggestions.paths()));
        JsonNode port = schema.at("/properties/server/properties/port");
        assertThat(port.path("default").asInt()).isEqualTo(3000);
        assertThat(port.path("maximum").asInt()).isEqualTo(65535);
        assertThat(port.path("description").asText()).isNotEmpty();
    }

    private static void collect(JsonNode section, String prefix, Set<String> paths) {
        section.path("properties").properties().forEach(entry -> {
            if (entry.getValue().has("description")) {
                paths.add(prefix + entry.getKey());
            } else {
                assertThat(entry.getValue().path("additionalProperties").asBoolean(true))
                        .isFalse();
                collect(entry.getValue(), prefix + entry.getKey() + ".", paths);
            }
        });
    }
}
