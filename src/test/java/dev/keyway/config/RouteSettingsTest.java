package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.filter.RouteOptions;
import dev.keyway.slug.AliasRule;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Names that route, in each form the proxies before had. */
class RouteSettingsTest {
    private static final List<AliasRule> ALIASES = List.of(
            new AliasRule("^gpt-(.*)", "openrouter:openai/gpt-\\1"), new AliasRule("^a,b$", "x/y$think,fp8?top_k=5"));

    @TempDir
    private Path folder;

    private ConfigKit kit() {
        return new ConfigKit(folder);
    }

    @Test
    void aliases_stand_in_yaml_as_mappings_or_texts() {
        List<AliasRule> read = kit().yaml(
                        "model_aliases:",
                        "  - pattern: ^gpt-(.*)",
                        "    replacement: \"openrouter:openai/gpt-\\\\1\"",
                        "  - '^a,b$=x/y$think,fp8?top_k=5'")
                .config()
                .route()
                .aliases();

        assertThat(read).isEqualTo(ALIASES);
    }

    @Test
    void aliases_stand_in_a_variable_as_json() {
        List<AliasRule> read = kit().variable(
                        "MODEL_ALIASES",
                        "[{\"pattern\":\"^gpt-(.*)\",\"replacement\":\"openrouter:openai/gpt-\\\\1\"},"
                                + "{\"pattern\":\"^a,b$\",\"replacement\":\"x/y$think,fp8?top_k=5\"}]")
                .config()
                .route()
                .aliases();

        assertThat(read).isEqualTo(ALIASES);
    }

    @Test
    void a_higher_source_replaces_a_lower_ones_list() {
        ConfigKit kit = kit().yaml("model_aliases: [a=yaml, b=yaml]");
        assertThat(kit.config().route().aliases())
                .extracting(AliasRule::replacement)
                .containsExactly("yaml", "yaml");

        kit.variable("MODEL_ALIASES", "[a=variable]");
        assertThat(kit.config().route().aliases())
                .extracting(AliasRule::replacement)
                .containsExactly("variable");

        kit.flag("--model-alias", "[\"a=flag\"]");
        assertThat(kit.config().route().aliases())
                .extracting(AliasRule::replacement)
                .containsExactly("flag");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "['(a=b']                            | alias 1 \"(a=b\": pattern: missing closing ) (RE2 syntax)",
                "['x=y', '(?<=a)b=c']                | alias 2 \"(?<=a)b=c\": pattern: invalid named capture (RE2 syntax)",
                "['a=\\2']                           | alias 1 \"a=\\2\": replacement: there is no group 2, the pattern has 0",
                "[nothing]                           | alias 1 \"nothing\" is not PATTERN=REPLACEMENT",
                "['=x']                              | alias 1 \"=x\": pattern is not 1 to 500 characters",
                "[{pattern: a}]                      | alias 1 has no \"replacement\"",
                "[{pattern: a, replacement: b, c: 1}] | alias 1 has an unknown member \"c\"; known: pattern, replacement",
                "[[a]]                               | alias 1 is neither a mapping of pattern and replacement nor PATTERN=REPLACEMENT",
                "{a: b}                              | a mapping is not a list",
            })
    void an_alias_that_can_not_be_is_named_with_the_reason(String value, String problem) {
        assertThat(kit().yaml("model_aliases: " + value).problems())
                .containsExactly("keyway.yml:1: model_aliases: " + problem);
    }

    @Test
    void a_thousand_aliases_are_taken_and_one_more_is_not() {
        String thousand = String.join(
                ",", IntStream.range(0, 1000).mapToObj(i -> "a" + i + "=b").toList());

        assertThat(kit().variable("MODEL_ALIASES", thousand).config().route().aliases())
                .hasSize(1000);
        assertThat(kit().variable("MODEL_ALIASES", thousand + ",x=y").problems())
                .containsExactly("MODEL_ALIASES: model_aliases: has more than 1000 aliases");
    }

    @ParameterizedTest
    @ValueSource(strings = {"deepseek/deepseek-r1$think.high?top_k=5", "openrouter:a/b", "llama3:8b", "a"})
    void a_model_can_be_forced(String model) {
        assertThat(kit().flag("--force-model", model).config().route().forceModel())
                .isEqualTo(model);
        assertThat(kit().yaml("force_model: " + model).config().route().forceModel())
                .isEqualTo(model);
    }

    @ParameterizedTest
    @ValueSource(strings = {"$think", "?a=b", "a b", "openrouter:", "openrouter:$think", "'\u00e9'"})
    void what_is_no_model_can_not_be_forced(String model) {
        assertThat(kit().variable("KEYWAY_FORCE_MODEL", model).problems())
                .hasSize(1)
                .allSatisfy(problem -> assertThat(problem)
                        .startsWith("KEYWAY_FORCE_MODEL: force_model: \"")
                        .endsWith("\" is not a model, maybe with $tags and ?parameters (example:"
                                + " deepseek/deepseek-r1$think.high)"));
    }

    @Test
    void a_static_route_names_the_only_backend() {
        assertThat(kit().variable("STATIC_ROUTE", "openrouter:openai/gpt-4o$zdr")
                        .config()
                        .route()
                        .staticRoute())
                .isEqualTo("openai/gpt-4o$zdr");
        assertThat(kit().flag("--static-route", "gemini:gemini-2.5-pro").problems())
                .containsExactly("--static-route: static_route: \"gemini:gemini-2.5-pro\" is not openrouter:MODEL, as"
                        + " openrouter is the only backend (example: openrouter:openai/gpt-4o-mini)");
        assertThat(kit().flag("--static-route", "openrouter:").problems()).hasSize(1);
    }

    @Test
    void the_default_backend_is_openrouter_in_each_of_its_places() {
        assertThat(kit().yaml("default_backend: openrouter").loaded().warnings())
                .isEmpty();
        assertThat(kit().yaml("backends:", "  default_backend: openrouter")
                        .loaded()
                        .warnings())
                .isEmpty();
        assertThat(kit().variable("LLM_BACKEND", "gemini").problems())
                .containsExactly(
                        "LLM_BACKEND: default_backend: \"gemini\" is not openrouter, the only backend there is");
    }

    @Test
    void failover_lists_are_read() {
        List<RouteOptions.Failover> read = kit().yaml(
                        "failover:",
                        "  - when: openrouter:openai/gpt-4.1",
                        "    to: [openrouter:anthropic/claude-sonnet-4, google/gemini-2.5-pro]",
                        "  - {when: '.*:free', to: [a/b]}")
                .config()
                .route()
                .failover();

        assertThat(read)
                .containsExactly(
                        new RouteOptions.Failover(
                                "openai/gpt-4.1", List.of("anthropic/claude-sonnet-4", "google/gemini-2.5-pro")),
                        new RouteOptions.Failover(".*:free", List.of("a/b")));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "[a]                          | failover 1 is not a mapping of when and to",
                "[{when: a}]                  | failover 1 needs \"when\", a model or pattern, and \"to\", 1 to 10 models",
                "[{when: a, to: []}]          | failover 1 needs \"when\", a model or pattern, and \"to\", 1 to 10 models",
                "[{when: a, to: [1,2,3,4,5,6,7,8,9,10,11]}] | failover 1 needs \"when\", a model or pattern, and \"to\", 1 to 10 models",
                "[{when: a, to: [b$think]}]   | failover 1: \"b$think\" is not a model's name; $tags and ?parameters have no place here",
                "[{when: '(', to: [b]}]       | failover 1 \"(\": when: missing closing ) (RE2 syntax)",
                "[{when: a, to: [b], or: c}]  | failover 1 has an unknown member \"or\"; known: to, when",
            })
    void a_failover_list_that_can_not_be_is_named_with_the_reason(String value, String problem) {
        assertThat(kit().yaml("failover: " + value).problems()).containsExactly("keyway.yml:1: failover: " + problem);
    }
}
