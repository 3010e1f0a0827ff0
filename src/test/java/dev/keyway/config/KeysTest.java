package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.access.AccessKey;
import dev.keyway.exchange.AllowedModels;
import dev.keyway.keys.KeyPoolOptions;
import dev.keyway.keys.KeySource;
import dev.keyway.wire.Secret;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeysTest {
    private static final String LONG_KEY = "a-long-access-key-of-alice";

    @TempDir
    private Path folder;

    private ConfigKit kit() {
        return new ConfigKit(folder);
    }

    private static String hash(String key) {
        return HexFormat.of().formatHex(Secret.sha256(key));
    }

    private static String id(String key) {
        return new Secret(key).id();
    }

    @Test
    void pool_keys_are_texts_or_mappings_and_one_twice_counts_once() {
        GatewayConfig config = kit().yaml(
                        "openrouter:",
                        "  keys:",
                        "    - sk-or-a",
                        "    - {key: sk-or-b, label: no, account: 0777}",
                        "    - sk-or-a")
                .config();

        assertThat(config.keys().keys())
                .containsExactly(
                        new KeyPoolOptions.Entry(new Secret("sk-or-a"), null, null),
                        new KeyPoolOptions.Entry(new Secret("sk-or-b"), "no", "0777"));
    }

    @Test
    void a_pool_key_knows_whether_it_came_from_a_variable_or_from_the_configuration() {
        List<KeyPoolOptions.Entry> written =
                kit().yaml("openrouter:", "  keys: [sk-or-a]").config().keys().keys();
        List<KeyPoolOptions.Entry> variable =
                kit().variable("OPENROUTER_API_KEY", "sk-or-b").config().keys().keys();

        assertThat(written).extracting(KeyPoolOptions.Entry::source).containsExactly(KeySource.CONFIG);
        assertThat(variable).extracting(KeyPoolOptions.Entry::source).containsExactly(KeySource.ENVIRONMENT);
    }

    @Test
    void all_bad_pool_keys_are_listed_by_position_and_id_never_by_value() {
        ConfigKit kit = kit().yaml(
                        "openrouter:",
                        "  keys:",
                        "    - sk-ant-secret1",
                        "    - sk-or-fine",
                        "    - 'sk-or-sec ret2'",
                        "    - your_openrouter_api_key_here",
                        "    - ''",
                        "    - \"sk-or-secret3\\u0007\"",
                        "    - sk-or-",
                        "    - {label: x}",
                        "    - {key: sk-or-secret4, colour: red}",
                        "    - [sk-or-secret5]",
                        "    - 'sk-or-" + "x".repeat(600) + "'");

        List<String> problems = kit.problems();

        String at = ": openrouter.keys: key ";
        String blank = " contains a blank, a control character or a letter outside ASCII";
        String prefix = " does not start with sk-or-…, as OpenRouter's keys do";
        assertThat(problems)
                .containsExactly(
                        "keyway.yml:3" + at + "1 (" + id("sk-ant-secret1") + ")" + prefix,
                        "keyway.yml:5" + at + "3 (" + id("sk-or-sec ret2") + ")" + blank,
                        "keyway.yml:6" + at
                                + "4 is the placeholder your_openrouter_api_key_here; put an OpenRouter key there",
                        "keyway.yml:7" + at + "5 is empty",
                        "keyway.yml:8" + at + "6 (" + id("sk-or-secret3\u0007") + ")" + blank,
                        "keyway.yml:9" + at + "7 (" + id("sk-or-") + ")" + prefix,
                        "keyway.yml:10" + at + "8 has no \"key\"",
                        "keyway.yml:11" + at + "9 has an unknown member \"colour\"; known: account, key, label",
                        "keyway.yml:12" + at + "10 is neither a text nor a mapping of key, label and account",
                        "keyway.yml:13" + at + "11 (" + id("sk-or-" + "x".repeat(600))
                                + ") is longer than 512 characters");
        assertThat(String.join("\n", problems)).doesNotContain("secret").doesNotContain("ret2");
    }

    @Test
    void access_keys_are_known_by_their_hash_only() {
        GatewayConfig config = kit().yaml(
                        "server:",
                        "  access_key: the-default-access-key",
                        "  access_keys:",
                        "    - {name: alice, key: " + LONG_KEY + "}",
                        "    - {name: bob, key_sha256: " + hash("bobs-key").toUpperCase(java.util.Locale.ROOT)
                                + ", strip_comments: true}")
                .config();

        assertThat(config.access().accessKeys())
                .containsExactly(
                        new AccessKey("default", hash("the-default-access-key")),
                        new AccessKey("alice", hash(LONG_KEY)),
                        new AccessKey("bob", hash("bobs-key"), true));
    }

    @Test
    void an_access_key_may_be_for_some_models_only() {
        ConfigResult.Loaded loaded = kit().yaml(
                        "server:",
                        "  access_keys:",
                        "    - {name: alice, key: " + LONG_KEY + ", models: [openai/*, '*:free']}")
                .loaded();

        assertThat(loaded.config().access().accessKeys())
                .extracting(AccessKey::models)
                .containsExactly(new AllowedModels(List.of("openai/*", "*:free")));
        assertThat(loaded.config().settings().toString()).contains("models=openai/*,*:free");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "openai/*", "null", "['']", "['a b']", "[[a]]", "{a: b}"})
    void models_that_would_allow_nothing_or_all_by_mistake_are_refused(String models) {
        List<String> problems = kit().yaml(
                        "server:",
                        "  access_keys:",
                        "    - {name: alice, key: " + LONG_KEY + ", models: " + models + "}")
                .problems();

        assertThat(problems)
                .containsExactly("keyway.yml:3: server.access_keys: access key 1: \"models\" is not a list of 1 to 100"
                        + " model names (examples: openai/gpt-4o, openai/*, \"*:free\")");
    }

    @Test
    void bad_access_keys_are_listed_by_position_and_name() {
        ConfigKit kit = kit().yaml(
                        "server:",
                        "  access_keys:",
                        "    - {name: alice, key: " + LONG_KEY + "}",
                        "    - {name: alice, key: " + LONG_KEY + "-2}",
                        "    - {name: carol, key: " + LONG_KEY + "}",
                        "    - {name: local, key: " + LONG_KEY + "-4}",
                        "    - {key: " + LONG_KEY + "-5}",
                        "    - {name: dave}",
                        "    - {name: erin, key: a, key_sha256: b}",
                        "    - {name: frank, key_sha256: abc}",
                        "    - {name: grace, key: ''}",
                        "    - {name: heidi, key: 'with a blank inside'}",
                        "    - {name: ivan, key: " + LONG_KEY + "-6, model: '*'}",
                        "    - {name: judy, key: " + LONG_KEY + "-7, strip_comments: maybe}");

        List<String> problems = kit.problems();

        String at = ": server.access_keys: access key ";
        String name = " needs a \"name\" of 1 to 64 of A-Z a-z 0-9 . _ @ - other than \"local\"";
        String either = " needs either \"key\" or \"key_sha256\"";
        assertThat(problems)
                .containsExactly(
                        "keyway.yml:4" + at + "2 has the same name as \"alice\" above",
                        "keyway.yml:5" + at + "3 has the same key as \"alice\" above",
                        "keyway.yml:6" + at + "4" + name,
                        "keyway.yml:7" + at + "5" + name,
                        "keyway.yml:8" + at + "6" + either,
                        "keyway.yml:9" + at + "7" + either,
                        "keyway.yml:10" + at + "8: key_sha256 is not 64 hex digits",
                        "keyway.yml:11" + at + "9 is empty; an empty access key is an error, never \"none\"",
                        "keyway.yml:12" + at + "10 contains a blank, a control character or a letter outside ASCII,"
                                + " or is longer than 512 characters",
                        "keyway.yml:13" + at
                                + "11 has an unknown member \"model\"; known: key, key_sha256, models, name,"
                                + " rate_limit, strip_comments",
                        "keyway.yml:14: server.access_keys: \"maybe\" is not true or false");
        assertThat(String.join("\n", problems)).doesNotContain("a-long").doesNotContain("inside");
    }

    @Test
    void the_single_access_key_must_differ_from_the_named_ones_and_from_the_pool() {
        List<String> name = kit().yaml(
                        "server:",
                        "  access_key: " + LONG_KEY,
                        "  access_keys: [{name: default, key: another-long-key-1}]")
                .problems();
        List<String> value = kit().yaml(
                        "server:", "  access_key: " + LONG_KEY, "  access_keys: [{name: a, key: " + LONG_KEY + "}]")
                .problems();
        List<String> pool = kit().yaml("server: {access_key: sk-or-my-own-pool-key}")
                .variable("OPENROUTER_API_KEY", "sk-or-my-own-pool-key")
                .problems();

        assertThat(name)
                .containsExactly("keyway.yml:3: server.access_keys: the name \"default\" is that of server.access_key");
        assertThat(value)
                .containsExactly("keyway.yml:3: server.access_keys: \"a\" has the same key as server.access_key");
        assertThat(pool)
                .containsExactly("keyway.yml:1: server.access_key: \"default\" (" + id("sk-or-my-own-pool-key")
                        + ") is a key of openrouter.keys; callers need one of their own");
    }

    @Test
    void a_short_access_key_is_a_warning() {
        ConfigResult.Loaded loaded = kit().yaml(
                        "server:", "  access_key: short", "  access_keys: [{name: a, key: fifteen-letters}]")
                .loaded();

        assertThat(loaded.warnings())
                .containsExactly(
                        "keyway.yml:2: server.access_key: is shorter than 16 characters and easy to guess",
                        "keyway.yml:3: server.access_keys: access key 1 is shorter than 16 characters and easy to guess");
    }

    @Test
    void null_is_no_access_key_but_nothing_after_the_colon_is_a_problem() {
        ConfigKit none = kit().yaml("server: {access_key: null, access_keys: null}");
        List<AccessKey> keys = none.config().access().accessKeys();
        List<String> blank =
                kit().yaml("server:", "  access_key:", "  access_keys:").problems();

        assertThat(keys).isEmpty();
        assertThat(blank)
                .containsExactly(
                        "keyway.yml:2: server.access_key: has no value; write a key, or null for none",
                        "keyway.yml:3: server.access_keys: has no value; write a list, or [] for none");
    }

    @Test
    void no_credential_is_shown_anywhere() {
        ConfigResult.Loaded loaded = kit().yaml(
                        "server:",
                        "  access_key: sk-or-QQQQ",
                        "  access_keys: [{name: alice, key: QQQQ-long-access-key}]",
                        "openrouter: {keys: [{key: sk-or-v1-QQQQ, label: first}]}")
                .loaded();

        assertThat(loaded.toString()).doesNotContain("QQQQ");
        assertThat(loaded.config().settings())
                .contains(
                        new SettingValue("server.access_key", id("sk-or-QQQQ"), "keyway.yml:2"),
                        new SettingValue(
                                "server.access_keys", "[alice " + id("QQQQ-long-access-key") + "]", "keyway.yml:3"),
                        new SettingValue(
                                "openrouter.keys", "[" + id("sk-or-v1-QQQQ") + " label=first]", "keyway.yml:4"));
    }

    @Test
    void no_credential_is_shown_when_it_stands_where_it_does_not_belong() {
        ConfigKit kit = kit().yaml(
                        "server: {host: sk-or-v1-QQQQ, port: sk-or-v1-QQQQ, max_body: sk-or-v1-QQQQ}",
                        "openrouter: {base_url: 'https://sk-or-v1-QQQQ@x', public_endpoints: [sk-or-v1-QQQQ is it]}",
                        "sk-or-v1-QQQQ: 1",
                        "sk-or-v1-QQQQ")
                .flag("--timeout", "sk-or-v1-QQQQ")
                .variable("LOG_LEVEL", "sk-or-v1-QQQQ")
                .file(".env", "sk-or-v1-QQQQ");

        List<String> problems = kit.problems();

        assertThat(problems).hasSizeGreaterThan(3);
        assertThat(String.join("\n", problems)).doesNotContain("QQQQ");
    }

    @Test
    void the_master_key_is_read_from_either_variable_and_shown_as_set_and_no_more() {
        String master = "a master key of mine";
        for (String variable : List.of("KEYWAY_MASTER_KEY", "KEYWAY_KEYS_MASTER_KEY")) {
            ConfigKit kit = kit().variable(variable, master);

            assertThat(kit.config().keyStore().masterKey()).isEqualTo(new Secret(master));
            assertThat(kit.shown("keys.master_key")).isEqualTo("(set)");
            assertThat(kit.config().toString()).doesNotContain(master, id(master));
        }
    }

    @Test
    void a_short_or_empty_master_key_is_refused_and_not_repeated() {
        for (String master : List.of("", "  ", "fifteen letters")) {
            assertThat(kit().variable("KEYWAY_MASTER_KEY", master).problems())
                    .containsExactly("KEYWAY_MASTER_KEY: keys.master_key: is shorter than 16 characters; \"openssl rand"
                            + " -base64 32\" makes a good one");
        }
        assertThat(kit().yaml("keys:", "  master_key: [a, b]").problems())
                .containsExactly("keyway.yml:2: keys.master_key: a master key is one text of 16 characters or more, or"
                        + " null for none");
    }
}
