package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemsTest {
    @TempDir
    private Path folder;

    private ConfigKit kit() {
        return new ConfigKit(folder);
    }

    @Test
    void all_problems_of_all_sources_come_at_once_with_place_path_value_and_what_is_allowed() {
        ConfigKit kit = kit().yaml(
                        "server:",
                        "  port: 70000",
                        "  hots: example.com",
                        "  access_key: ''",
                        "openrouter:",
                        "  rate_limit_cooldown: 5 parsecs",
                        "  key_selection_strategy: roundrobin",
                        "  public_endpoints: [/api/v1/models, /models/user, /v1/models/user/]",
                        "  account_routes: [read]",
                        "logs:",
                        "  max_total: huge",
                        "  retention_days:",
                        "  retention_days: 3",
                        "websocket:",
                        "  max_connections: 3",
                        "upstream: 30s")
                .variable("KEYWAY_RETRY_MAX_ATTEMPTS", "11")
                .variable("KEYWAY_SERVER_PROT", "1")
                .variable("OPENROUTER_KEYS", "sk-or-good,bad-key")
                .file(".env", "ALLOWED_ORIGINS=https://a.example/path,*", "oops")
                .flag("--timeout", "soon");

        assertThat(kit.problems())
                .containsExactly(
                        ".env:1 ALLOWED_ORIGINS: cors.allowed_origins: \"https://a.example/path\" is not an origin"
                                + " (example: https://app.example.com); each is listed, * is none",
                        ".env:1 ALLOWED_ORIGINS: cors.allowed_origins: \"*\" is not an origin"
                                + " (example: https://app.example.com); each is listed, * is none",
                        ".env:2: not of the form NAME=value",
                        "keyway.yml:2: server.port: \"70000\" is out of range: 0 to 65535",
                        "keyway.yml:3: server.hots: unknown setting; did you mean server.host?",
                        "keyway.yml:4: server.access_key: is empty; an empty access key is an error, never \"none\"",
                        "keyway.yml:6: openrouter.rate_limit_cooldown: \"5 parsecs\" is not a duration"
                                + " (examples: 30s, 5m)",
                        "keyway.yml:7: openrouter.key_selection_strategy: \"roundrobin\" is not one of first,"
                                + " least-recently-used, lru, most-credit, random, round-robin, sticky",
                        "keyway.yml:8: openrouter.public_endpoints: \"/v1/models/user/\" is out of range:"
                                + " /models/user tells what an account may use and is never public",
                        "keyway.yml:9: openrouter.account_routes: a list is not one of read, allow, deny",
                        "keyway.yml:11: logs.max_total: \"huge\" is not a size (examples: 64KiB, 10MB)",
                        "keyway.yml:12: logs.retention_days: has no value; write a whole number from 1 to 3650"
                                + " or delete the line",
                        "keyway.yml:13: logs.retention_days: written twice; the first stands in line 12",
                        "keyway.yml:14: websocket: unknown setting",
                        "keyway.yml:16: upstream: is a section with settings of its own, not a value",
                        "--timeout: upstream.first_byte_timeout: \"soon\" is not a duration (examples: 30s, 5m)",
                        "KEYWAY_RETRY_MAX_ATTEMPTS: retry.max_attempts: \"11\" is out of range: 1 to 10",
                        "KEYWAY_SERVER_PROT: no setting has this name; did you mean KEYWAY_SERVER_PORT?",
                        "OPENROUTER_KEYS: openrouter.keys: key 2 (" + new Secret("bad-key").id()
                                + ") does not start with sk-or-…, as OpenRouter's keys do");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "server.port|0777|\"0777\" is not a whole number from 0 to 65535",
                "server.port|1_000|\"1_000\" is not a whole number from 0 to 65535",
                "server.port|0x1F|\"0x1F\" is not a whole number from 0 to 65535",
                "server.port|1.0|\"1.0\" is not a whole number from 0 to 65535",
                "server.port|-1|\"-1\" is out of range: 0 to 65535",
                "server.port|null|null is not a whole number from 0 to 65535",
                "server.allow_open|maybe|\"maybe\" is not true or false",
                "server.log_level|LOUD|\"LOUD\" is not a log level (DEBUG, INFO, WARN, ERROR, CRITICAL)",
                "server.host|a b|\"a b\" is not a host name or address (examples: 127.0.0.1, ::, gateway.example.com)",
                "server.max_body|10 parsecs|\"10 parsecs\" is not a size (examples: 64KiB, 10MB)",
                "server.max_buffered|0%|\"0%\" is not a size or a part of the heap (examples: 256MB, 25%)",
                "server.access_keys|alice|access key 1 is not a mapping of name and key (or key_sha256)",
                "server.access_key|[a]|an access key is one text; several stand in server.access_keys",
                "openrouter.rate_limit_cooldown|33d|\"33d\" is out of range: 1s to 32d",
                "openrouter.key_selection_opts|[different]|\"different\" is not one of same, session",
                "openrouter.public_endpoints|{a: b}|a mapping is not a list",
                "openrouter.public_endpoints|/a/../b|\"/a/../b\" is not a path (example: /api/v1/models)",
                "openrouter.base_url|openrouter.ai|\"openrouter.ai\" is not an http or https URL without credentials,"
                        + " query or fragment (example: https://openrouter.ai/api/v1)",
                "openrouter.base_url|'https://u:p@x/'|(a value that looks like a credential) is not an http or https"
                        + " URL without credentials, query or fragment (example: https://openrouter.ai/api/v1)",
                "backends.openrouter.type|anthropic|\"anthropic\" is not openrouter, the only backend there is",
                "health.status|fine|\"fine\" is not one of ok, healthy",
                "retry.max_attempts|0|\"0\" is out of range: 1 to 10",
                "upstream.connect_timeout|0|\"0\" is out of range: 1ms to 10m",
                "upstream.max_connections|{}|a mapping is not a whole number from 1 to 65535"
            })
    void a_bad_value_is_quoted_with_what_is_allowed(String path, String value, String problem) {
        ConfigKit kit = kit().yaml(path + ": " + value);

        assertThat(kit.problems()).containsExactly("keyway.yml:1: " + path + ": " + problem);
    }

    @ParameterizedTest
    @CsvSource({
        "backends.anthropic.api_key,another backend than openrouter is not available",
        "default_backends,unknown setting; did you mean default_backend?",
        "sever,unknown setting; did you mean server?",
        "openrouter.openrouter.keys,unknown setting",
        "base_url,unknown setting; did you mean openrouter.base_url?",
        "websocket.max_connections,unknown setting",
        "logs.bodies,unknown setting",
        "model_alias,unknown setting; did you mean model_aliases?"
    })
    void an_unknown_setting_is_a_problem_and_its_value_is_not_told(String path, String problem) {
        ConfigKit kit = kit().yaml(path + ": a-secret-of-mine");

        List<String> problems = kit.problems();

        assertThat(problems).hasSize(1);
        assertThat(problems.get(0))
                .startsWith("keyway.yml:1: " + path)
                .contains(problem)
                .doesNotContain("a-secret");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'server: {port: 1'|keyway.yml:2: not readable as YAML",
                "'- a'|keyway.yml:1: the file is not a mapping of settings",
                "'usage_injection: *a'|keyway.yml:1: usage_injection: YAML aliases are not read; write the value out"
            })
    void yaml_beyond_plain_settings_is_a_problem_with_its_line(String yaml, String problem) {
        ConfigKit kit = kit().yaml(yaml);

        assertThat(kit.problems()).anySatisfy(line -> assertThat(line).startsWith(problem));
    }

    /** As a file is that an editor or a copy has not written to its end. */
    @Test
    void a_file_cut_at_any_byte_is_loaded_or_refused_with_its_line() {
        String whole = """
                server:
                  port: 3000
                  access_keys:
                    - name: "alice"
                      key: a-long-secret-of-alice
                openrouter:
                  keys: [sk-or-v1-one, "sk-or-v1-two"]
                  rate_limit_cooldown: 4h # as before
                upstream: {hold: 5s, idle_timeout: 30s}
                """;
        int refused = 0;
        for (int length = 0; length <= whole.length(); length++) {
            ConfigResult result = kit().yaml(whole.substring(0, length)).load();

            if (result instanceof ConfigResult.Refused problems) {
                refused++;
                assertThat(problems.problems())
                        .extracting(ConfigProblem::line)
                        .isNotEmpty()
                        .allMatch(line -> line.matches("keyway\\.yml:[0-9]+: .+"));
            }
        }
        assertThat(refused).isGreaterThan(whole.length() / 2);
    }

    @Test
    void a_syntax_error_does_not_quote_the_line_it_is_in() {
        ConfigKit kit = kit().yaml("openrouter:", "  keys: [sk-or-v1-very-secret", "server: }");

        List<String> problems = kit.problems();

        assertThat(problems).isNotEmpty();
        assertThat(String.join("\n", problems)).doesNotContain("very-secret");
    }

    @Test
    void two_documents_a_setting_by_two_names_and_a_name_twice_are_problems() {
        ConfigKit kit = kit().yaml(
                        "openrouter: {google_rate_delay: 1, global_rate_delay: 2}",
                        "server.port: 1",
                        "server: {port: 2}",
                        "server: {port: 3}",
                        "---",
                        "server: {port: 4}");

        assertThat(kit.problems())
                .containsExactly(
                        "keyway.yml:1: openrouter.global_rate_delay: the same setting as openrouter.google_rate_delay"
                                + " in line 1; keep one",
                        "keyway.yml:3: server.port: the same setting as server.port in line 2; keep one",
                        "keyway.yml:4: server: written twice; the first stands in line 3",
                        "keyway.yml:6: a second YAML document; only one is read");
    }

    @Test
    void too_large_or_not_utf_8_is_a_problem() throws IOException {
        Files.write(folder.resolve("keyway.yml"), new byte[] {'a', ':', ' ', (byte) 0xff});
        Files.writeString(folder.resolve(".env"), "#".repeat(1024 * 1024 + 1));

        assertThat(kit().problems()).containsExactly(".env: larger than 1 MiB", "keyway.yml: not UTF-8 text");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "KEYWAY_SERVICE_HOST=10.0.0.1",
                "KEYWAY_SERVICE_PORT=3000",
                "KEYWAY_SERVICE_PORT_HTTP=3000",
                "KEYWAY_PORT=tcp://10.0.0.1:3000",
                "KEYWAY_PORT_3000_TCP_ADDR=10.0.0.1",
                "KEYWAY_METRICS_SERVICE_HOST=10.0.0.1",
                "KEYWAY_HOME=.",
                "OTHER=x"
            })
    void variables_that_kubernetes_or_others_put_there_are_no_problem(String variable) {
        String[] parts = variable.split("=", 2);

        assertThat(kit().variable(parts[0], parts[1]).problems()).isEmpty();
    }

    @Test
    void an_empty_variable_is_not_set_except_where_a_secret_is_expected() {
        ConfigKit kit = kit().variable("PORT", "")
                .variable("LOG_LEVEL", " ")
                .variable("ALLOWED_ORIGINS", "")
                .variable("OPENROUTER_API_KEY", "")
                .variable("KEYWAY_SERVER_ACCESS_KEY", "")
                .variable("KEYWAY_SERVER_ACCESS_KEYS", "");

        assertThat(kit.problems())
                .containsExactly(
                        "KEYWAY_SERVER_ACCESS_KEY: server.access_key: is empty; an empty access key is an error,"
                                + " never \"none\"",
                        "KEYWAY_SERVER_ACCESS_KEYS: server.access_keys: is empty; write a value or delete it",
                        "OPENROUTER_API_KEY: openrouter.keys: key 1 is empty");
    }

    @Test
    void a_certificate_file_must_be_there_and_hold_certificates() {
        ConfigKit kit = kit().yaml("upstream: {ca_file: gone.pem}");
        List<String> gone = kit.problems();
        List<String> wrong = kit.file("gone.pem", "no certificate").problems();

        assertThat(gone)
                .containsExactly(
                        "keyway.yml:1: upstream.ca_file: \"" + folder.resolve("gone.pem") + "\" is not readable");
        assertThat(wrong).hasSize(1);
        assertThat(wrong.get(0)).startsWith("keyway.yml:1: upstream.ca_file: ");
    }

    /** {@code /dev/zero} was read until the memory was full. */
    @Test
    void a_certificate_file_without_end_is_a_problem() {
        assertThat(kit().yaml("upstream: {ca_file: /dev/zero}").problems())
                .containsExactly("keyway.yml:1: upstream.ca_file: \"/dev/zero\" is larger than 16MB");
    }

    @Test
    void of_many_problems_the_first_are_told() {
        String[] lines =
                IntStream.range(0, 1200).mapToObj(i -> "server" + i + ": 1").toArray(String[]::new);

        List<String> problems = kit().yaml(lines).problems();

        assertThat(problems)
                .hasSize(1001)
                .startsWith("keyway.yml:1: server0: unknown setting; did you mean server?")
                .endsWith("keyway.yml:1001: there is more; the first 1000 are told");
    }

    @Test
    void a_file_or_variable_that_is_no_path_of_this_system_is_a_problem() {
        assertThat(kit().flag("--config", "a\0b").flag("--env-file", "\0").problems())
                .containsExactly("--config: \"a·b\" is no path here", "--env-file: \"·\" is no path here");
    }

    /** Else a secret stands in a log because a blank was left out. */
    @Test
    void of_an_unknown_name_nothing_is_told_that_may_be_a_secret() {
        ConfigKit kit = kit().yaml(
                        "admin: {secret:open-sesame-open-sesame}",
                        "server: {access_keys: [{name:alice-in-wonderland: 1}]}",
                        "metrics: {7f3a9c1e5b2d8460f1e3a7c95d0b4826: 1}",
                        "model_aliases: {a=b: '${'}")
                .variable("KEYWAY_7f3a9c1e5b2d8460f1e3a7c95d0b4826", "1")
                .flag("--admin-secret=open-sesame", "");

        assertThat(kit.problems())
                .containsExactly(
                        "keyway.yml:1: admin.secret…: unknown setting",
                        "keyway.yml:2: server.access_keys: access key 1 has an unknown member \"name…\"; known: key,"
                                + " key_sha256, models, name, rate_limit, strip_comments",
                        "keyway.yml:3: (a value that looks like a credential): unknown setting",
                        "keyway.yml:4: model_aliases.a…: \"${\" starts no ${VAR} or ${VAR:-default}; write $${ for the"
                                + " text itself",
                        "(a value that looks like a credential): no setting has this name",
                        "--admin-secret…: unknown setting");
    }

    /** A variable of a megabyte, written a hundred thousand times in a file of one, filled the memory. */
    @Test
    void what_variables_come_to_is_bounded() {
        ConfigKit kit = kit().variable("A", "a".repeat(100_000)).yaml("force_model: " + "${A}".repeat(50));

        assertThat(kit.problems())
                .containsExactly(
                        "keyway.yml:1: force_model: the variables of this file come to more than 4194304 characters");
    }
}
