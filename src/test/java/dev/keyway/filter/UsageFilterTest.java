package dev.keyway.filter;

import static dev.keyway.filter.FilterTesting.request;
import static dev.keyway.filter.FilterTesting.through;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Api;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.filter.FilterOptions.ProviderField;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.junit.jupiter.params.provider.ValueSource;

class UsageFilterTest {
    private static final RequestFilter FILTER = new UsageFilter(FilterOptions.DEFAULTS);

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'model':'m'}                                        | {'model':'m','usage':{'include':true}}",
                "{'model':'m','usage':{}}                             | {'model':'m','usage':{'include':true}}",
                "{'usage': {'include' : false, 'x':1.0} ,'model':'m'} | {'usage': {'include' : true, 'x':1.0} ,'model':'m'}",
                "{'usage':{ 'x':1e2,'x':[ ] },'model':'m'}            | {'usage':{ 'x':1e2,'x':[ ],'include':true },'model':'m'}",
                "{'usage':true,'model':'m'}                           | {'usage':{'include':true},'model':'m'}",
                "{'usage':null,'model':'m'}                           | {'usage':{'include':true},'model':'m'}",
                "{'usage':[1],'model':'m'}                            | {'usage':{'include':true},'model':'m'}",
                "{'model':'m','stream_options':{'a':1}}               | {'model':'m','stream_options':{'a':1},'usage':{'include':true}}",
            })
    void usage_is_asked_for_and_the_rest_kept(String before, String after) {
        for (Api api : new Api[] {Api.CHAT, Api.COMPLETIONS}) {
            assertThat(through(FILTER, api, before.replace('\'', '"'))).isEqualTo(after.replace('\'', '"'));
        }
    }

    @ParameterizedTest
    @EnumSource(
            mode = Mode.EXCLUDE,
            names = {"CHAT", "COMPLETIONS"})
    void apis_without_that_member_are_left_alone(Api api) {
        UpstreamRequest request = request(api, "{\"model\":\"m\"}");

        assertThat(FILTER.apply(request)).isSameAs(request);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"model\":null}", "{\"model\":7}", "{\"usage\":{}}"})
    void request_without_a_model_is_left_alone(String json) {
        UpstreamRequest request = request(Api.CHAT, json);

        assertThat(FILTER.apply(request)).isSameAs(request);
    }

    @Test
    void nothing_is_injected_when_the_option_is_off_or_there_is_no_json() {
        UpstreamRequest request = request(Api.CHAT, "{\"model\":\"m\"}");
        UpstreamRequest empty = request(Api.CHAT, new RequestBody.Empty());

        assertThat(new UsageFilter(new FilterOptions(ProviderField.BOTH, false, false)).apply(request))
                .isSameAs(request);
        assertThat(FILTER.apply(empty)).isSameAs(empty);
    }
}
