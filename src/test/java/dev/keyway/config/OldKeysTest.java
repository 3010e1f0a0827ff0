package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OldKeysTest {
    @TempDir
    private Path folder;

    private OldKeys.Found read(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text);
        return OldKeys.read(folder.resolve(name), name, Map.of("FROM_OUTSIDE", "sk-or-outside"));
    }

    private static List<String> told(OldKeys.Found found) {
        return found.keys().stream()
                .map(key -> key.place() + " " + key.secret().reveal() + " " + key.active())
                .toList();
    }

    @Test
    void every_variable_of_the_older_systems_is_read_from_an_environment_file() throws IOException {
        OldKeys.Found found = read(".env", """
                OPENROUTER_API_KEY=sk-or-a
                # OPENROUTER_API_KEY=sk-or-no
                export OPENROUTER_API_KEYS='sk-or-b, sk-or-c,'
                OPENROUTER_API_KEY_2="sk-or-d"
                OPENROUTER_KEYS=sk-or-e
                OPENROUTER_API_KEY_FILE=/etc/x
                PROXY_API_KEY=sk-or-no
                """);

        assertThat(found.problems()).isEmpty();
        assertThat(told(found))
                .containsExactly(
                        ".env:1 OPENROUTER_API_KEY sk-or-a true",
                        ".env:3 OPENROUTER_API_KEYS sk-or-b true",
                        ".env:3 OPENROUTER_API_KEYS sk-or-c true",
                        ".env:4 OPENROUTER_API_KEY_2 sk-or-d true",
                        ".env:5 OPENROUTER_KEYS sk-or-e true");
    }

    @Test
    void both_forms_of_yaml_are_read_whatever_else_stands_there() throws IOException {
        OldKeys.Found found = read("config.yml", """
                requestProxy:
                  enabled: false
                openrouter:
                  keys:
                    - "sk-or-a"
                    - ${FROM_OUTSIDE}
                    - {key: sk-or-b, label: main, account: alice}
                backends:
                  openrouter:
                    type: openrouter
                    api_key: [sk-or-c, sk-or-d]
                """);

        assertThat(found.problems()).isEmpty();
        assertThat(told(found))
                .containsExactly(
                        "config.yml:5 sk-or-a true",
                        "config.yml:6 sk-or-outside true",
                        "config.yml:7 sk-or-b true",
                        "config.yml:11 sk-or-c true",
                        "config.yml:11 sk-or-d true");
        assertThat(found.keys().get(2))
                .isEqualTo(new FoundKey("config.yml:7", new Secret("sk-or-b"), "main", "alice", true));
    }

    @Test
    void the_node_systems_list_is_read_with_what_was_switched_off() throws IOException {
        OldKeys.Found found = read("keys.json", """
                [
                  {
                    "key": "sk-or-a",
                    "isActive": true,
                    "lastUsed": null,
                    "rateLimitResetAt": 1732700000000000,
                    "failureCount": 0,
                    "_id": 1732700000000
                  },
                  {"key": "sk-or-b", "isActive": false},
                  {"_id": 1}
                ]
                """);

        assertThat(told(found)).containsExactly("keys.json:2 sk-or-a true", "keys.json:10 sk-or-b false");
        assertThat(found.problems()).extracting(ConfigProblem::line).containsExactly("keys.json:11: has no \"key\"");
    }

    @Test
    void a_file_without_a_key_or_that_is_something_else_is_a_problem() throws IOException {
        assertThat(read("a.env", "PORT=1").problems())
                .extracting(ConfigProblem::line)
                .containsExactly("a.env: no OpenRouter key stands in it");
        assertThat(read("keys.json", "{\"version\":1}").problems())
                .extracting(ConfigProblem::line)
                .containsExactly("keys.json: is no list of keys, as the Node system's keys.json is");
        assertThat(read("b.yml", "openrouter:\n  keys: ${MISSING}\n").problems())
                .extracting(ConfigProblem::line)
                .containsExactly(
                        "b.yml:2: openrouter.keys: ${MISSING} is not set; set it or write ${MISSING:-default}");
    }

    /** Symptom of every JSON and YAML library: the message of a syntax error quotes the line, which holds a key. */
    @Test
    void a_syntax_error_does_not_quote_the_file() throws IOException {
        String cut = "[{\"key\":\"sk-or-v1-QQQQ\", sk-or-v1-QQQQ";

        assertThat(read("keys.json", cut).problems().toString())
                .contains("keys.json:1")
                .doesNotContain("QQQQ");
        assertThat(read("config.yml", "openrouter: {keys: [sk-or-v1-QQQQ")
                        .problems()
                        .toString())
                .contains("config.yml")
                .doesNotContain("QQQQ");
        assertThat(read(".env", "sk-or-v1-QQQQ\n").problems().toString())
                .contains(".env:1")
                .doesNotContain("QQQQ");
    }
}
