package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.filter.FilterOptions;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValuesTest {
    @TempDir
    private Path folder;

    private ConfigKit kit() {
        return new ConfigKit(folder);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "server.allow_open|no|false",
                "server.allow_open|Yes|true",
                "server.allow_open|\"on\"|true",
                "server.port|'0'|0",
                "server.host|\"[::1]\"|::1",
                "server.log_level|critical|FATAL",
                "server.log_level|Warning|WARN",
                "server.max_body|10485760|10MB",
                "server.max_body|64KiB|64KB",
                "server.max_buffered|25%|25%",
                "server.max_buffered|200MB|200MB",
                "openrouter.rate_limit_cooldown|14400|4h",
                "openrouter.rate_limit_cooldown|4h|4h",
                "openrouter.google_rate_delay|0|0s",
                "openrouter.google_rate_delay|500ms|500ms",
                "upstream.first_byte_timeout|600|10m",
                "openrouter.base_url|http://127.0.0.1:9/api/v1///|http://127.0.0.1:9/api/v1",
                "openrouter.public_endpoints|[api/v1/models/, /v1/models]|[/api/v1/models, /v1/models]",
                "openrouter.public_endpoints|null|[]",
                "openrouter.public_endpoints|~|[]",
                "openrouter.public_endpoints||[]",
                "openrouter.public_endpoints|/a, /b|[/a, /b]",
                "openrouter.key_selection_strategy|LRU|lru",
                "openrouter.key_selection_opts|[same]|[same]",
                "openrouter.account_routes|DENY|deny",
                "cors.allowed_origins|['HTTPS://App.Example.com/']|[https://app.example.com]",
                "upstream.hold|0|0s",
                "upstream.ca_file|null|null"
            })
    void values_are_read_as_people_write_them(String path, String written, String shown) {
        ConfigKit kit = kit().yaml(path + ": " + (written == null ? "" : written));

        String value = kit.shown(path);

        assertThat(value).isEqualTo(shown);
    }

    @Test
    void a_config_of_the_seeds_works() {
        GatewayConfig config = kit().yaml(
                        "server: {host: 0.0.0.0, port: 5555, access_key: my-local-access-key, http_log_level: WARNING}",
                        "openrouter:",
                        "  public_endpoints: [/api/v1/models]",
                        "  key_selection_opts: [same]",
                        "  global_rate_delay: 2",
                        "backends:",
                        "  openrouter: {type: openrouter, api_key: sk-or-a, api_url: https://x.example/api/v1}",
                        "slug: {provider_field: only}",
                        "usage_injection: off")
                .config();

        assertThat(config.server().port()).isEqualTo(5555);
        assertThat(config.logs().httpLevel()).isEqualTo("WARN");
        assertThat(config.keys().same()).isTrue();
        assertThat(config.keys().googleRateDelay()).isEqualTo(Duration.ofSeconds(2));
        assertThat(config.keys().keys()).hasSize(1);
        assertThat(config.upstream().baseUrl()).isEqualTo(URI.create("https://x.example/api/v1"));
        assertThat(config.filter()).isEqualTo(new FilterOptions(FilterOptions.ProviderField.ONLY, false, false));
    }

    @Test
    void a_section_without_settings_is_an_empty_one() {
        assertThat(kit().yaml("server:", "openrouter: null", "").problems()).isEmpty();
    }

    @Test
    void values_that_are_allowed_but_odd_are_warnings() {
        List<String> warnings = kit().yaml(
                        "server: {max_buffered: 1MB}",
                        "upstream: {first_byte_timeout: 20m}",
                        "openrouter: {base_url: http://proxy.example/v1}")
                .file("config.yml", "never: read")
                .loaded()
                .warnings();

        assertThat(warnings)
                .containsExactly(
                        "keyway.yml:1: server.max_buffered: 1MB is less than server.max_body (50MB):"
                                + " a body larger than that is never taken",
                        "keyway.yml:2: upstream.first_byte_timeout: 20m is longer than upstream.total_timeout (10m),"
                                + " which ends the wait of an answer that is no stream",
                        "keyway.yml:3: openrouter.base_url: http://proxy.example/v1 is not encrypted:"
                                + " keys and prompts can be read on the way",
                        "config.yml: not read, because keyway.yml stands beside it");
    }

    @Test
    void the_upstreams_certificates_are_looked_for_in_home() {
        ConfigKit kit = kit().flag("--home", "there").file("there/keyway.yml", "upstream: {ca_file: ca.pem}");

        assertThat(kit.problems())
                .containsExactly("there/keyway.yml:1: upstream.ca_file: \"" + folder.resolve("there/ca.pem")
                        + "\" is not readable");
    }
}
