package dev.keyway.filter;

import static dev.keyway.filter.FilterTesting.request;
import static dev.keyway.filter.FilterTesting.through;
import static dev.keyway.filter.FilterTesting.tree;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Api;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.slug.AliasRule;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class AliasFilterTest {
    private static final RequestFilter ALIASES = new AliasFilter(options(
            null,
            null,
            new AliasRule("^gpt-(.*)", "openrouter:openai/gpt-\\1"),
            new AliasRule("^fast$", "a/b$think.low,fp8,groq?top_k=5&temperature=1"),
            new AliasRule("^whole.*\\?x", "w/w"),
            new AliasRule("^openrouter:named$", "n/n")));

    private static RouteOptions options(@Nullable String force, @Nullable String route, AliasRule... rules) {
        return new RouteOptions(List.of(rules), force, route, List.of());
    }

    private static String model(RequestFilter filter, String asked) {
        String sent = through(filter, Api.CHAT, "{\"model\":\"" + asked.replace("\\", "\\\\") + "\"}");
        return tree(sent).get("model").textValue();
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "gpt-4o                                 | openai/gpt-4o",
                "gpt-4o$think?top_k=5                   | openai/gpt-4o$think?top_k=5",
                "gpt-4o?top_k=5$think                   | openai/gpt-4o$think?top_k=5",
                "fast                                   | a/b$think.low,fp8,groq?top_k=5&temperature=1",
                "fast$think.high                        | a/b$fp8,groq,think.high?top_k=5&temperature=1",
                "fast$bf16,zdr                          | a/b$think.low,groq,bf16,zdr?top_k=5&temperature=1",
                "fast$together?top_k=7                  | a/b$think.low,fp8,together?top_k=5&temperature=1&top_k=7",
                "faster                                 | faster",
                "whole$think?x=1&y                      | w/w",
                "openrouter:named$think                 | n/n$think",
                "named                                  | named",
                "openrouter:anthropic/claude-3-haiku:beta | anthropic/claude-3-haiku:beta",
                "openrouter:a/b$think?x                 | a/b$think?x",
                "openrouter:                            | openrouter:",
                "openrouter:$think                      | openrouter:$think",
                "openrouter/auto                        | openrouter/auto",
                "llama3:8b                              | llama3:8b",
                "llama3:8b$think                        | llama3:8b$think",
                "deepseek/deepseek-chat:free            | deepseek/deepseek-chat:free",
                "OpenRouter:a/b                         | OpenRouter:a/b",
            })
    void model_is_looked_up_and_freed_of_its_backend(String asked, String expected) {
        assertThat(model(ALIASES, asked)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'model':'a/b$think?x','models':['c','llama3:8b',7,null]}",
                "{'model':7,'models':['fast']}",
                "{'models':['fast']}",
                "{'model':'m','models':'fast'}",
            })
    void a_request_that_names_no_alias_is_not_touched(String json) {
        UpstreamRequest asked = request(Api.CHAT, json.replace('\'', '"'));

        assertThat(ALIASES.apply(asked)).isSameAs(asked);
    }

    @Test
    void entries_of_models_are_looked_up_and_the_rest_stays_byte_for_byte() {
        String json = "{ 'model':'gpt-4o' ,'models':[ 'fast' , 'x', 7,'openrouter:y'],\"t\": 1.0}".replace('\'', '"');

        assertThat(through(ALIASES, Api.CHAT, json))
                .isEqualTo(
                        ("{ 'model':'openai/gpt-4o' ,'models':[ 'a/b$think.low,fp8,groq?top_k=5&temperature=1' , 'x',"
                                        + " 7,'y'],'t': 1.0}")
                                .replace('\'', '"'));
    }

    @ParameterizedTest
    @EnumSource(Api.class)
    void every_route_with_a_model_knows_aliases(Api api) {
        String sent = through(ALIASES, api, "{\"model\":\"gpt-4o\"}");

        assertThat(tree(sent).get("model").textValue()).isEqualTo(api == Api.OTHER ? "gpt-4o" : "openai/gpt-4o");
    }

    @ParameterizedTest(name = "{0} and {1} are {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "f/m                        | fast                    | f/m",
                "openrouter:f/m             | x/y:free$think?top_k=1  | f/m$think?top_k=1",
                "f/m$think.low?top_k=9      | x$think.high,fp8?top_k=1&top_p=1 | f/m$fp8,think.low?top_k=1&top_p=1&top_k=9",
            })
    void a_forced_model_wins_over_everything(String forced, String asked, String expected) {
        RequestFilter filter = new AliasFilter(options(forced, "routed", new AliasRule("fast|f/m", "never")));

        assertThat(model(filter, asked)).isEqualTo(expected);
    }

    @Test
    void a_forced_model_stands_also_where_none_was_asked_for_and_alone() {
        RequestFilter filter = new AliasFilter(options("f/m", null));

        assertThat(through(filter, Api.CHAT, "{\"messages\":[]}")).isEqualTo("{\"messages\":[],\"model\":\"f/m\"}");
        assertThat(tree(through(
                        filter,
                        Api.MESSAGES,
                        "{\"model\":\"a\",\"models\":[\"b\"],\"fallbacks\":[{\"model\":\"c\"}],\"x\":1}")))
                .isEqualTo(tree("{\"model\":\"f/m\",\"x\":1}"));
    }

    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "anything$think.high?top_k=1   | r/m$fp8,think.high?top_k=2&top_k=1",
                "openrouter:own/choice$zdr     | own/choice$zdr",
                "openrouter:fast               | openrouter:fast",
                "llama3:8b                     | r/m$think.low,fp8?top_k=2",
            })
    void a_static_route_gives_way_to_a_client_that_names_the_backend(String asked, String expected) {
        RequestFilter filter = new AliasFilter(options(
                null, "r/m$think.low,fp8?top_k=2", new AliasRule("^openrouter:fast", "openrouter:openrouter:fast")));

        assertThat(model(filter, asked)).isEqualTo(expected);
    }

    @Test
    void a_tag_of_an_alias_reaches_the_upstream_like_a_clients() {
        String named = through(ALIASES, Api.CHAT, "{\"model\":\"fast$think.high?temperature=0.3\"}");
        String sent = through(new SlugFilter(FilterOptions.DEFAULTS), Api.CHAT, named);

        assertThat(tree(sent))
                .isEqualTo(tree("{'model':'a/b','provider':{'quantizations':['fp8'],'only':['groq'],'order':['groq']},"
                                .replace('\'', '"')
                        + "\"reasoning\":{\"enabled\":true,\"effort\":\"high\"},\"top_k\":5,\"temperature\":0.3}"));
        assertThat(Arrays.asList(named, sent)).noneMatch(text -> text.contains("gpt"));
    }
}
