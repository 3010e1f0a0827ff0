package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A configuration that is read again: what counts at once, what at the next start, what not at all. */
class ConfigSourceTest {
    /** For each setting a line of YAML that gives it another value than its default. */
    private static final Map<String, String> OTHER = Map.ofEntries(
            Map.entry("server.host", "0.0.0.0"),
            Map.entry("server.access_key", "an-access-key-of-mine"),
            Map.entry("server.access_keys", "[{name: a, key: another-access-key}]"),
            Map.entry("server.trusted_proxies", "[10.0.0.7]"),
            Map.entry("server.max_buffered", "200MB"),
            Map.entry("server.max_body", "1MB"),
            Map.entry("server.watch_clients", "off"),
            Map.entry("server.log_level", "WARN"),
            Map.entry("server.http_log_level", "WARN"),
            Map.entry("openrouter.base_url", "https://example.com/api/v1"),
            Map.entry("openrouter.keys", "[sk-or-a]"),
            Map.entry("openrouter.public_endpoints", "[/api/v1/providers]"),
            Map.entry("openrouter.key_selection_strategy", "first"),
            Map.entry("openrouter.key_selection_opts", "[same]"),
            Map.entry("openrouter.account_routes", "deny"),
            Map.entry("keys.master_key", "a master key of mine"),
            Map.entry("slug.provider_field", "order"),
            Map.entry("model_aliases", "['a=b']"),
            Map.entry("force_model", "a/b"),
            Map.entry("static_route", "openrouter:a/b"),
            Map.entry("failover", "[{when: a, to: [b]}]"),
            Map.entry("identity.user_agent.mode", "default"),
            Map.entry("identity.user_agent.override_value", "mine"),
            Map.entry("identity.user_agent.default_value", "mine"),
            Map.entry("identity.referer.mode", "default"),
            Map.entry("identity.referer.override_value", "https://mine.example"),
            Map.entry("identity.referer.default_value", "https://mine.example"),
            Map.entry("identity.x_title.mode", "default"),
            Map.entry("identity.x_title.override_value", "mine"),
            Map.entry("identity.x_title.default_value", "mine"),
            Map.entry("requestProxy.url", "socks5://user:one@proxy:1080"),
            Map.entry("retry.max_attempts", "7"),
            Map.entry("retry.ambiguous", "never"),
            Map.entry("retry.budget", "0.2"),
            Map.entry("logs.max_file_size", "1MB"),
            Map.entry("logs.max_total", "1GB"),
            Map.entry("admin.secret", "an-admin-secret-of-mine"),
            Map.entry("metrics.access_key", "a-key-of-scrapers-alone"),
            Map.entry("rate_limit.scope", "all"),
            Map.entry("cors.allowed_origins", "[https://app.example.com]"),
            Map.entry("health.status", "healthy"),
            Map.entry("health.environment", "staging"));

    @TempDir
    private Path folder;

    static Stream<Setting<?>> settings() {
        // The one backend there is, named twice.
        return Settings.ALL.stream()
                .filter(setting -> !setting.equals(Settings.BACKEND_TYPE) && !setting.equals(Settings.DEFAULT_BACKEND))
                // Refused without an address, so it is changed together with it, below.
                .filter(setting -> !setting.equals(Settings.REQUEST_PROXY_ENABLED))
                // Changes another one too, below.
                .filter(setting -> !setting.equals(Settings.RATE_MAX_REQUESTS));
    }

    private static String other(Setting<?> setting) {
        String given = OTHER.get(setting.path());
        if (given != null) {
            return given;
        }
        return switch (String.valueOf(setting.fallback())) {
            case "true" -> "false";
            case "false" -> "true";
            default ->
                setting.fallback() instanceof Integer ? "77" : setting.fallback() instanceof Long ? "77KB" : "7s";
        };
    }

    /** {@code a.b: c} as nested YAML. */
    private static String[] yaml(String path, String value) {
        String[] names = path.split("\\.", -1);
        String[] lines = new String[names.length];
        for (int i = 0; i < names.length; i++) {
            lines[i] = "  ".repeat(i) + names[i] + ":" + (i == names.length - 1 ? " " + value : "");
        }
        return lines;
    }

    private ConfigResult.Loaded load(ConfigSource source, String... lines) {
        new ConfigKit(folder).yaml(lines);
        ConfigResult result = source.load();
        assertThat(result).isInstanceOf(ConfigResult.Loaded.class);
        return (ConfigResult.Loaded) result;
    }

    private ConfigSource begun(String... lines) {
        ConfigSource source = new ConfigSource(new ConfigKit(folder).inputs());
        load(source, lines);
        return source;
    }

    @ParameterizedTest
    @MethodSource("settings")
    void a_new_value_of_any_setting_is_a_change_and_counts_at_once_or_is_said_to_need_a_restart(Setting<?> setting)
            throws IOException {
        if (setting.equals(Settings.CA_FILE)) {
            return;
        }
        ConfigSource source = begun();
        GatewayConfig before = source.config();

        ConfigResult.Loaded loaded = load(source, yaml(setting.path(), other(setting)));

        assertThat(loaded.changes()).singleElement().satisfies(change -> {
            assertThat(change.path()).isEqualTo(setting.path());
            assertThat(change.source()).startsWith("keyway.yml:");
            assertThat(change.needsRestart()).isEqualTo(setting.atStart());
        });
        GatewayConfig after = source.config();
        if (setting.atStart()) {
            assertThat(after)
                    .usingRecursiveComparison()
                    .ignoringFields("sources")
                    .isEqualTo(before);
        } else {
            assertThat(after.hash()).isNotEqualTo(before.hash());
            assertThat(after.settings()).isNotEqualTo(before.settings());
        }
    }

    @Test
    void only_settings_that_are_bound_to_nothing_but_requests_count_at_once() {
        assertThat(Settings.ALL.stream().filter(Setting::atStart).map(Setting::path))
                .contains("server.port", "openrouter.base_url", "upstream.connect_timeout", "requestProxy.url")
                .doesNotContain(
                        "server.access_keys",
                        "openrouter.keys",
                        "model_aliases",
                        "admin.secret",
                        "upstream.idle_timeout");
    }

    @Test
    void S2_31_a_limit_that_is_set_changes_the_scope_too_unless_that_is_set() {
        ConfigSource source = begun();

        assertThat(load(source, "rate_limit: {max_requests: 7}").changes())
                .containsExactly(
                        new SettingChange("rate_limit.max_requests", "100", "7", "keyway.yml:1", false),
                        new SettingChange("rate_limit.scope", "seed", "all", "keyway.yml:1", false));
        assertThat(load(source, "rate_limit: {max_requests: 7, scope: seed}").changes())
                .extracting(SettingChange::path)
                .containsExactly("rate_limit.scope");
        assertThat(load(source, "rate_limit: {window: 1h, inference_max_requests: 7}")
                        .changes())
                .extracting(SettingChange::path)
                .describedAs("neither of them limits more routes")
                .containsExactly("rate_limit.window", "rate_limit.max_requests", "rate_limit.inference_max_requests");
    }

    @Test
    void a_password_alone_that_changes_is_a_change() {
        ConfigSource source = begun("requestProxy: {enabled: true, url: 'socks5://user:one@proxy:1080'}");

        List<SettingChange> changes = load(source, "requestProxy: {enabled: true, url: 'socks5://user:two@proxy:1080'}")
                .changes();

        assertThat(changes).singleElement().satisfies(change -> {
            assertThat(change.path()).isEqualTo("requestProxy.url");
            assertThat(change.before() + change.after()).doesNotContain("one", "two");
        });
    }

    @Test
    void the_same_again_is_no_change_however_it_is_written() {
        ConfigSource source = begun("upstream: {hold: 5s}", "model_aliases: ['a=b']");
        String hash = source.config().hash();

        ConfigResult.Loaded loaded = load(
                source, "# a comment", "model_aliases: [{pattern: a, replacement: b}]", "upstream: {hold: 5000ms}");

        assertThat(loaded.changes()).isEmpty();
        assertThat(source.config().hash()).isEqualTo(hash);
    }

    @Test
    void what_needs_a_restart_is_told_until_there_was_one_and_nothing_of_it_counts() {
        ConfigSource source = begun();

        load(source, "server: {port: 4000}", "usage_injection: false");
        List<SettingChange> again =
                load(source, "server: {port: 4000}", "usage_injection: false").changes();

        assertThat(again).extracting(SettingChange::path).containsExactly("server.port");
        assertThat(source.config().server().port()).isEqualTo(3000);
        assertThat(source.config().filter().usageInjection()).isFalse();
    }

    @Test
    void a_file_with_problems_changes_nothing_and_tells_all_of_them() {
        ConfigSource source = begun("usage_injection: false");
        GatewayConfig before = source.config();

        new ConfigKit(folder).yaml("usage_injection: perhaps", "surprise: 1");
        ConfigResult result = source.load();

        assertThat(((ConfigResult.Refused) result).problems()).hasSize(2);
        assertThat(source.config()).isSameAs(before);
        assertThat(load(source, "usage_injection: false").changes()).isEmpty();
    }

    @Test
    void a_preview_tells_of_changes_and_makes_none() {
        ConfigSource source = begun("usage_injection: false");

        ConfigResult result = source.preview("new.yml", "usage_injection: true\nserver: {port: 1}\n");
        ConfigResult bad = source.preview("new.yml", "usage_injection: perhaps\n");

        assertThat(((ConfigResult.Loaded) result).changes())
                .containsExactly(
                        new SettingChange("server.port", "3000", "1", "new.yml:2", true),
                        new SettingChange("usage_injection", "false", "true", "new.yml:1", false));
        assertThat(((ConfigResult.Refused) bad).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.line()).startsWith("new.yml:1: usage_injection: "));
        assertThat(source.config().filter().usageInjection()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"keyway.yml", "config.yml", ".env", "other.env"})
    void the_fingerprint_follows_each_file_that_has_a_say(String name) throws IOException {
        ConfigSource source = new ConfigSource(
                new ConfigKit(folder).flag("--env-file", "other.env").inputs());
        String absent = source.fingerprint();

        Files.writeString(folder.resolve(name), "#1\n");
        String first = source.fingerprint();
        Files.writeString(folder.resolve(name), "#2\n");
        String second = source.fingerprint();
        Files.delete(folder.resolve(name));

        assertThat(List.of(absent, first, second)).doesNotHaveDuplicates();
        assertThat(source.fingerprint()).isEqualTo(absent);
    }

    @Test
    void the_fingerprint_follows_a_link_that_is_swapped_as_a_mounted_config_map_does() throws IOException {
        Path older = Files.createDirectory(folder.resolve("..2026_1"));
        Path newer = Files.createDirectory(folder.resolve("..2026_2"));
        Files.writeString(older.resolve("keyway.yml"), "usage_injection: true\n");
        Files.writeString(newer.resolve("keyway.yml"), "usage_injection: false\n");
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("..2026_1"));
        Files.createSymbolicLink(folder.resolve("keyway.yml"), Path.of("..data/keyway.yml"));
        ConfigSource source = new ConfigSource(new ConfigKit(folder).inputs());
        source.load();
        String before = source.fingerprint();

        Files.createSymbolicLink(folder.resolve("..data_tmp"), Path.of("..2026_2"));
        Files.move(
                folder.resolve("..data_tmp"), folder.resolve("..data"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);

        assertThat(source.fingerprint()).isNotEqualTo(before);
        source.load();
        assertThat(source.config().filter().usageInjection()).isFalse();
    }

    @Test
    void before_anything_was_loaded_there_is_no_configuration() {
        ConfigSource source =
                new ConfigSource(new ConfigKit(folder).yaml("surprise: 1").inputs());

        assertThat(source.load()).isInstanceOf(ConfigResult.Refused.class);
        org.assertj.core.api.Assertions.assertThatIllegalStateException().isThrownBy(source::config);
    }
}
