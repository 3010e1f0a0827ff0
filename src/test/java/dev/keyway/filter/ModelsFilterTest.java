package dev.keyway.filter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.keyway.exchange.AllowedModels;
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

class ModelsFilterTest {
    private static final Client ALICE = new Client(
            "alice", new Credential.Pool(), false, new AllowedModels(List.of("openai/*", "*:free", "@preset/mine")));

    private static UpstreamRequest of(Client client, String singleQuoted) {
        return FilterTesting.request(
                client, Api.CHAT, List.of(), new RequestBody.Json(JsonText.parse(singleQuoted.replace('\'', '"'))));
    }

    private static void filter(String singleQuoted) {
        UpstreamRequest request = of(ALICE, singleQuoted);
        assertThat(new ModelsFilter().apply(request)).isSameAs(request);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'model':'openai/gpt-4o'}",
                "{'model':'deepseek/r1:free','models':['openai/o3'],'preset':null}",
                "{'model':'openai/gpt-4o','models':null,'fallbacks':[{'model':'openai/o3'}]}",
                "{'model':'@preset/mine'}",
                "{'model':'openai/o3','preset':'mine'}",
                "{'model':'openai/o3@preset/mine'}",
            })
    void what_is_allowed_passes_untouched(String body) {
        filter(body);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'model':'anthropic/claude-x'}                             | not 'anthropic/claude-x'",
                "{'model':'openai/o3','models':['openai/o3','a/b']}         | not 'a/b'",
                "{'model':'openai/o3','models':[{'model':'a/b'}]}           | 'models' holds something that names none",
                "{'model':'openai/o3','models':'a/b'}                       | 'models' is not a list of them",
                "{'model':'openai/o3','fallbacks':[{'model':'a/b'}]}        | not 'a/b'",
                "{'model':'openai/o3','fallbacks':['a/b']}                  | 'fallbacks' holds something that names none",
                "{'messages':[]}                                            | it must name one in 'model'",
                "{'model':null}                                             | it must name one in 'model'",
                "{'model':5}                                                | 'model' holds something that names none",
                "{'models':['openai/o3']}                                   | it must name one in 'model'",
                "{'model':'openai/o3','preset':'other'}                     | not '@preset/other'",
                "{'model':'openai/o3@preset/other'}                         | not '@preset/other'",
                "{'model':'a/b@preset/mine'}                                | not 'a/b'",
            })
    void whatever_names_another_model_is_refused_and_told(String body, String why) {
        ApiException refusal = catchThrowableOfType(ApiException.class, () -> filter(body));

        assertThat(refusal.code()).isEqualTo(ErrorCode.PERMISSION);
        assertThat(refusal.text())
                .isEqualTo("The client \"alice\" may use some models only, " + why.replace('\'', '"')
                        + "; allowed: openai/*, *:free, @preset/mine");
    }

    @Test
    void other_clients_may_leave_the_model_out() {
        UpstreamRequest request = of(new Client("bob", new Credential.Pool()), "{'messages':[]}");

        assertThat(new ModelsFilter().apply(request)).isSameAs(request);
    }
}
