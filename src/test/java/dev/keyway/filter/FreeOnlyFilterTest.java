package dev.keyway.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.keyway.exchange.Api;
import dev.keyway.exchange.Client;
import dev.keyway.exchange.Credential;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.JsonText;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FreeOnlyFilterTest {
    private static final Client CLIENT = new Client("alice", new Credential.Pool());
    private static final FreeOnlyFilter FILTER = new FreeOnlyFilter(true, model -> model.startsWith("free/"));

    private static UpstreamRequest of(RequestBody body) {
        return FilterTesting.request(CLIENT, Api.CHAT, List.of(), body);
    }

    private static UpstreamRequest json(String singleQuoted) {
        return of(new RequestBody.Json(JsonText.parse(singleQuoted.replace('\'', '"'))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'model':'free/a'}",
                "{'model':'free/a','models':['free/b'],'fallbacks':[{'model':'free/c'}],'preset':null}",
            })
    void C18_free_models_pass_untouched(String body) {
        UpstreamRequest request = json(body);

        assertThat(FILTER.apply(request)).isSameAs(request);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'model':'paid/a'}                        | . 'paid/a' is not a valid free model.",
                "{'model':'free/a','models':['paid/b']}    | . 'paid/b' is not a valid free model.",
                "{'model':'free/a','fallbacks':[{'model':'paid/b'}]} | . 'paid/b' is not a valid free model.",
                "{'model':'free/a','preset':'mine'}        | . '@preset/mine' is not a valid free model.",
                "{'model':'free/a@preset/mine'}            | . '@preset/mine' is not a valid free model.",
                "{'messages':[]}                           | : it must name one in \"model\"",
                "{'model':{}}                              | : \"model\" holds something that names none"
            })
    void C18_whatever_may_cost_something_is_refused_and_told(String body, String why) {
        ApiException refusal = catchThrowableOfType(ApiException.class, () -> FILTER.apply(json(body)));

        assertThat(refusal.code()).isEqualTo(ErrorCode.PERMISSION);
        assertThat(refusal.text()).isEqualTo("Proxy is configured for free models only" + why);
    }

    @Test
    void C18_a_body_that_is_not_read_may_name_any_model() {
        assertThat(catchThrowableOfType(ApiException.class, () -> FILTER.apply(of(new RequestBody.Streamed(10))))
                        .text())
                .contains("can't be told on this route");
    }

    @Test
    void what_has_no_body_runs_no_model() {
        UpstreamRequest request = of(new RequestBody.Empty());

        assertThat(FILTER.apply(request)).isSameAs(request);
    }

    @Test
    void without_the_setting_everything_passes() {
        UpstreamRequest request = json("{'model':'paid/a'}");

        assertThat(new FreeOnlyFilter(false, model -> false).apply(request)).isSameAs(request);
    }
}
