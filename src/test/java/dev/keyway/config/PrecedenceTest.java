package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.keys.KeyPoolOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PrecedenceTest {
    @TempDir
    private Path folder;

    private ConfigKit kit() {
        return new ConfigKit(folder);
    }

    private static List<String> keys(GatewayConfig config) {
        return config.keys().keys().stream()
                .map(KeyPoolOptions.Entry::secret)
                .map(dev.keyway.wire.Secret::reveal)
                .toList();
    }

    @ParameterizedTest
    @CsvSource({"0,1001", "1,1002", "2,1003", "3,1004", "4,1005", "5,3000"})
    void each_source_wins_over_those_below_it(int missing, int port) {
        ConfigKit kit = kit();
        if (missing < 1) {
            kit.flag("--port", "1001");
        }
        if (missing < 2) {
            kit.variable("PORT", "1002");
        }
        if (missing < 3) {
            kit.file("other.env", "PORT=1003").flag("--env-file", "other.env");
        }
        if (missing < 4) {
            kit.file(".env", "PORT=1004");
        }
        if (missing < 5) {
            kit.yaml("server:", "  port: 1005");
        }

        GatewayConfig config = kit.config();

        assertThat(config.server().port()).isEqualTo(port);
    }

    @Test
    void keyway_names_win_over_the_seeds_names_and_port_over_app_port() {
        ConfigKit kit = kit().variable("APP_PORT", "1003");
        int lowest = kit.config().server().port();
        int middle = kit.variable("PORT", "1002").config().server().port();
        int highest =
                kit.variable("KEYWAY_SERVER_PORT", "1001").config().server().port();

        assertThat(List.of(lowest, middle, highest)).containsExactly(1003, 1002, 1001);
    }

    @ParameterizedTest
    @CsvSource({
        "HOST,server.host,::1",
        "APP_HOST,server.host,::1",
        "LOG_LEVEL,server.log_level,DEBUG",
        "LOG_RETENTION_DAYS,logs.retention_days,7",
        "NODE_ENV,health.environment,staging",
        "ALLOWED_ORIGINS,cors.allowed_origins,[https://a.example]",
        "OPENROUTER_BASE_URL,openrouter.base_url,https://b.example/v1",
        "OPENROUTER_API_BASE_URL,openrouter.base_url,https://b.example/v1"
    })
    void the_seeds_variables_are_read(String variable, String path, String shown) {
        String value = shown.replaceAll("[\\[\\]]", "");

        ConfigKit kit = kit().variable(variable, value);

        assertThat(kit.shown(path)).isEqualTo(shown);
    }

    @ParameterizedTest
    @CsvSource({"REQUEST_TIMEOUT,45000", "OPENROUTER_TIMEOUT,45000", "PROXY_TIMEOUT,45", "PROXY_TIMEOUT,45000ms"})
    void timeouts_of_the_seeds_set_both_clocks_in_the_unit_they_meant(String variable, String value) {
        GatewayConfig config = kit().variable(variable, value).config();

        assertThat(config.upstream().firstByteTimeout()).isEqualTo(Duration.ofSeconds(45));
        assertThat(config.upstream().totalTimeout()).isEqualTo(Duration.ofSeconds(45));
    }

    @Test
    void timeout_flag_is_in_seconds_and_wins() {
        GatewayConfig config = kit().variable("REQUEST_TIMEOUT", "1000")
                .flag("--timeout", "90")
                .config();

        assertThat(config.upstream().firstByteTimeout()).isEqualTo(Duration.ofSeconds(90));
        assertThat(config.upstream().totalTimeout()).isEqualTo(Duration.ofSeconds(90));
    }

    @Test
    void all_key_variables_are_joined_split_trimmed_and_without_duplicates() {
        GatewayConfig config = kit().variable("OPENROUTER_API_KEYS", "sk-or-e,sk-or-a")
                .variable("OPENROUTER_KEYS", " sk-or-d , ,sk-or-b")
                .variable("OPENROUTER_API_KEY_10", "sk-or-c10")
                .variable("OPENROUTER_API_KEY_2", "sk-or-c2")
                .variable("OPENROUTER_API_KEY", "sk-or-a,sk-or-b")
                .config();

        assertThat(keys(config)).containsExactly("sk-or-a", "sk-or-b", "sk-or-c2", "sk-or-c10", "sk-or-d", "sk-or-e");
    }

    @Test
    void keys_of_the_environment_replace_those_of_the_file_and_the_flag_replaces_both() {
        ConfigKit kit = kit().yaml("openrouter:", "  keys: [sk-or-yaml]");
        List<String> fromYaml = keys(kit.config());
        List<String> fromEnvironment =
                keys(kit.variable("OPENROUTER_KEYS", "sk-or-env").config());
        List<String> fromFlag =
                keys(kit.flag("--openrouter-api-key", "sk-or-flag").config());

        assertThat(fromYaml).containsExactly("sk-or-yaml");
        assertThat(fromEnvironment).containsExactly("sk-or-env");
        assertThat(fromFlag).containsExactly("sk-or-flag");
    }

    @Test
    void a_list_of_mappings_fits_into_a_variable_too() {
        GatewayConfig config = kit().variable("KEYWAY_OPENROUTER_KEYS", "[{key: sk-or-a, label: first, account: acme}]")
                .config();

        KeyPoolOptions.Entry entry = config.keys().keys().get(0);
        assertThat(entry.label()).isEqualTo("first");
        assertThat(entry.account()).isEqualTo("acme");
    }

    @Test
    void an_override_may_name_a_path_instead_of_a_flag() {
        GatewayConfig config = kit().flag("server.port", "0")
                .flag("openrouter.keys", "sk-or-a")
                .config();

        assertThat(config.server().port()).isZero();
        assertThat(keys(config)).containsExactly("sk-or-a");
    }

    @Test
    void variables_fill_yaml_from_every_environment() {
        ConfigKit kit = kit().yaml(
                        "server: {port: '${A}'}",
                        "openrouter: {keys: ['sk-or-${B}', '${C:-sk-or-c}'], base_url: 'https://${EMPTY:-x.example}/v1'}")
                .variable("A", "1234")
                .variable("EMPTY", "")
                .file(".env", "A=1", "B=b");

        GatewayConfig config = kit.config();

        assertThat(config.server().port()).isEqualTo(1234);
        assertThat(keys(config)).containsExactly("sk-or-b", "sk-or-c");
        assertThat(config.upstream().baseUrl()).hasHost("x.example");
    }

    @Test
    void an_unset_variable_without_a_default_is_a_problem_that_names_it() {
        ConfigKit kit = kit().yaml("server:", "  port: ${NOT_THERE}", "  host: $${NOT_THERE}", "  access_key: a${");

        assertThat(kit.problems())
                .containsExactly(
                        "keyway.yml:2: server.port: ${NOT_THERE} is not set; set it or write ${NOT_THERE:-default}",
                        "keyway.yml:3: server.host: \"${NOT_THERE}\" is not a host name or address"
                                + " (examples: 127.0.0.1, ::, gateway.example.com)",
                        "keyway.yml:4: server.access_key: \"${\" starts no ${VAR} or ${VAR:-default};"
                                + " write $${ for the text itself");
    }

    @Test
    void what_a_higher_source_replaces_need_not_be_valid() {
        GatewayConfig config = kit().yaml("openrouter: {keys: ['${NOT_THERE}']}")
                .variable("OPENROUTER_API_KEY", "sk-or-a")
                .config();

        assertThat(keys(config)).containsExactly("sk-or-a");
    }

    @Test
    void environment_files_know_comments_quotes_and_export() {
        GatewayConfig config = kit().file(
                        ".env",
                        "# a comment",
                        "",
                        "export PORT=1234 # why",
                        "HOST='::1'",
                        "NODE_ENV=\"a\\\"b\" # c",
                        "OTHER_PROGRAM=x")
                .config();

        assertThat(config.server().port()).isEqualTo(1234);
        assertThat(config.server().host()).isEqualTo("::1");
        assertThat(config.health().environment()).isEqualTo("a\"b");
    }

    @Test
    void every_setting_says_where_it_comes_from_and_what_was_read() {
        GatewayConfig config = kit().yaml("retry:", "  max_attempts: 5")
                .file(".env", "LOG_LEVEL=debug")
                .variable("APP_PORT", "1")
                .variable("PATH", "/bin")
                .flag("--host", "::1")
                .config();

        assertThat(config.settings())
                .contains(
                        new SettingValue("server.host", "::1", "--host"),
                        new SettingValue("server.port", "1", "APP_PORT"),
                        new SettingValue("server.log_level", "DEBUG", ".env:1 LOG_LEVEL"),
                        new SettingValue("retry.max_attempts", "5", "keyway.yml:2"),
                        new SettingValue("usage_injection", "true", "default"));
        assertThat(config.sources())
                .containsExactly("command line (--host)", "environment (APP_PORT)", ".env", "keyway.yml");
    }
}
