package dev.keyway.filter;

import static dev.keyway.filter.FilterTesting.request;
import static dev.keyway.filter.FilterTesting.through;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyway.exchange.AllowedModels;
import dev.keyway.exchange.Api;
import dev.keyway.exchange.Client;
import dev.keyway.exchange.Credential;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.wire.JsonText;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class FailoverFilterTest {
    private static final RequestFilter FILTER = new FailoverFilter(new RouteOptions(
            List.of(),
            null,
            null,
            List.of(
                    new RouteOptions.Failover("openai/gpt-4.1", List.of("a/a", "b/b")),
                    new RouteOptions.Failover("openai/.*", List.of("c/c")),
                    new RouteOptions.Failover("a*", List.of("never")))));

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'model':'openai/gpt-4.1'                      | 'model':'openai/gpt-4.1','models':['a/a','b/b']",
                "'model':'openai/gpt-4x1'                      | 'model':'openai/gpt-4x1','models':['c/c']",
                "'model':'openai/gpt-4.1-mini'                 | 'model':'openai/gpt-4.1-mini','models':['c/c']",
                "'model':'openai/gpt-4.1','models':null        | 'model':'openai/gpt-4.1','models':['a/a','b/b']",
                "'model':'openai/gpt-4.1','models':[]          | 'model':'openai/gpt-4.1','models':[]",
                "'model':'openai/gpt-4.1','models':['mine']    | 'model':'openai/gpt-4.1','models':['mine']",
                "'model':'openai/gpt-4.1','fallbacks':[]       | 'model':'openai/gpt-4.1','fallbacks':[]",
                "'model':'x/openai/gpt-4.1'                    | 'model':'x/openai/gpt-4.1'",
                "'model':7                                     | 'model':7",
                "'x':1                                         | 'x':1",
            })
    void models_are_written_where_the_client_has_none(String asked, String sent) {
        assertThat(through(FILTER, Api.CHAT, json(asked))).isEqualTo(json(sent));
    }

    private static String json(String members) {
        return "{" + members.replace('\'', '"') + "}";
    }

    @ParameterizedTest
    @EnumSource(Api.class)
    void only_apis_that_have_the_member_get_it(Api api) {
        String sent = through(FILTER, api, json("'model':'openai/x'"));

        assertThat(sent.contains("models")).isEqualTo(api.takesTags());
    }

    @Test
    void a_client_of_some_models_gets_those_it_may_use() {
        Client some = new Client("some", new Credential.Pool(), false, new AllowedModels(List.of("openai/*", "b/*")));
        UpstreamRequest asked = request(
                some, Api.CHAT, List.of(), new RequestBody.Json(JsonText.parse(json("'model':'openai/gpt-4.1'"))));
        UpstreamRequest none =
                request(some, Api.CHAT, List.of(), new RequestBody.Json(JsonText.parse(json("'model':'openai/x'"))));

        assertThat(JsonText.sent(((RequestBody.Json) FILTER.apply(asked).body()).json()))
                .isEqualTo(json("'model':'openai/gpt-4.1','models':['b/b']"));
        assertThat(FILTER.apply(none)).isSameAs(none);
    }

    /** Else a string of megabytes would be matched with each pattern, on the server's own thread. */
    @Test
    void a_name_longer_than_any_model_has_is_matched_with_nothing() {
        String longest = json("'model':'openai/" + "x".repeat(505) + "'");
        String longer = json("'model':'openai/" + "x".repeat(506) + "'");

        assertThat(through(FILTER, Api.CHAT, longest)).contains("\"models\":[\"c/c\"]");
        assertThat(through(FILTER, Api.CHAT, longer)).isEqualTo(longer);
    }

    @Test
    void a_pattern_of_too_many_steps_is_refused() {
        assertThatThrownBy(() -> new RouteOptions.Failover("((a{1000}){1000}){1000}", List.of("x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("when: with its repetitions written out it has more than 1000 steps");
    }

    @Test
    void a_pattern_that_re2_does_not_take_is_refused() {
        assertThatThrownBy(() -> new RouteOptions.Failover("a(", List.of("x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("when: missing closing ) (RE2 syntax)");
    }
}
