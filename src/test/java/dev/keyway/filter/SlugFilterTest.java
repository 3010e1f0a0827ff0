package dev.keyway.filter;

import static dev.keyway.filter.FilterTesting.request;
import static dev.keyway.filter.FilterTesting.through;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.keyway.exchange.Api;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.time.Duration;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SlugFilterTest {
    private static final RequestFilter FILTER = new SlugFilter(FilterOptions.DEFAULTS);
    private static final String WITH_TAGS = "/chat/completions, /completions, /responses, /messages";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'messages':[]}",
                "{'model':null,'models':['a$think']}",
                "{'model':7}",
                "{'model':['m$think']}",
                "{'model':'m','models':['a','b'],'provider':'odd','reasoning':7}",
                "{'model':'m','models':'a$think'}",
                "{'model':'m','models':[1,null,{'x':'a$think'}]}",
            })
    void request_without_tags_is_not_touched(String json) {
        UpstreamRequest request = request(Api.CHAT, json.replace('\'', '"'));

        assertThat(FILTER.apply(request)).isSameAs(request);
    }

    @Test
    void body_that_is_no_json_is_not_touched() {
        UpstreamRequest streamed = request(Api.OTHER, new RequestBody.Streamed(-1));
        UpstreamRequest empty = request(Api.CHAT, new RequestBody.Empty());
        UpstreamRequest other = request(Api.OTHER, "{\"model\":\"m$think\"}");

        assertThat(FILTER.apply(streamed)).isSameAs(streamed);
        assertThat(FILTER.apply(empty)).isSameAs(empty);
        assertThat(FILTER.apply(other)).isSameAs(other);
    }

    @Test
    void only_what_a_tag_writes_changes() {
        String json =
                " {\n \"top_p\" : 1.0,\"model\" :\"caf\u00e9$fp8,x\" , \"provider\": { \"max_price\" : {\"prompt\":1e2,"
                        + "\"prompt\":1e2} ,\"only\":[ \"a\" ] },\"stop\":\"\\u00e9$fp8\" }\n";

        String sent = through(FILTER, Api.CHAT, json);

        assertThat(sent)
                .isEqualTo(" {\n \"top_p\" : 1.0,\"model\" :\"caf\\u00E9\" , \"provider\":"
                        + " { \"max_price\" : {\"prompt\":1e2,\"prompt\":1e2} ,\"only\":[ \"a\",\"x\" ],"
                        + "\"quantizations\":[\"fp8\"],\"order\":[\"x\"] },\"stop\":\"\\u00e9$fp8\" }\n");
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'model':'m$fp8','provider':'x'             | \"provider\" is a string; with \"$fp8\" in the model it must be an object or absent",
                "'model':'m$x','provider':[]                | \"provider\" is an array; with \"$x\" in the model it must be an object or absent",
                "'model':'m$zdr','provider':1               | \"provider\" is a number; with \"$zdr\" in the model it must be an object or absent",
                "'model':'m$strict','provider':true         | \"provider\" is a boolean; with \"$strict\" in the model it must be an object or absent",
                "'model':'m$fp8','provider':{'quantizations':'fp8'} | \"provider.quantizations\" is a string; with \"$fp8\" in the model it must be an array of strings or absent",
                "'model':'m$x','provider':{'only':{}}       | \"provider.only\" is an object; with \"$x\" in the model it must be an array of strings or absent",
                "'model':'m$x','provider':{'order':7}       | \"provider.order\" is a number; with \"$x\" in the model it must be an array of strings or absent",
                "'model':'m$think.high','reasoning':'high'  | \"reasoning\" is a string; with \"$think.high\" in the model it must be an object or absent",
                "'model':'m$think.1234567890123456789'      | \"$think.1234567890123456789\" in the model has 19 digits; at most 18 are allowed",
                "'model':'a$think','models':['b$fp8']       | The $tags of \"a$think\" and \"b$fp8\" differ; all models of one request that carry $tags must carry the same",
                "'model':'a','models':['b$x,y','c','d$y,x'] | The $tags of \"b$x,y\" and \"d$y,x\" differ; all models of one request that carry $tags must carry the same",
            })
    void what_a_tag_can_not_be_written_into_is_refused(String members, String message) {
        ApiException refusal = refusal(Api.CHAT, "{" + members + "}");

        assertThat(refusal.code()).isEqualTo(ErrorCode.VALIDATION);
        assertThat(refusal.text()).isEqualTo(message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'model':'m$think','thinking':'on'             | \"thinking\" is a string; with \"$think\" in the model it must be an object or absent",
                "'model':'m$think.high','output_config':[]     | \"output_config\" is an array; with \"$think.high\" in the model it must be an object or absent",
            })
    void messages_has_members_of_its_own_that_are_refused(String members, String message) {
        assertThat(refusal(Api.MESSAGES, "{" + members + "}").text()).isEqualTo(message);
    }

    @ParameterizedTest
    @EnumSource(names = {"EMBEDDINGS", "RERANK", "IMAGES", "SPEECH", "VIDEOS"})
    void tag_on_a_route_that_takes_none_is_refused(Api api) {
        ApiException refusal = refusal(api, "{'model':'m$think.high,fp8'}");

        assertThat(refusal.code()).isEqualTo(ErrorCode.VALIDATION);
        assertThat(refusal.text())
                .isEqualTo("The model carries \"$think.high\", but " + api.path()
                        + " takes no $tags; they are allowed on " + WITH_TAGS);
        assertThat(through(FILTER, api, "{\"model\":\"m$,\"}")).isEqualTo("{\"model\":\"m\"}");
        assertThat(through(FILTER, api, "{\"model\": \"m\" }")).isEqualTo("{\"model\": \"m\" }");
    }

    @Test
    void a_long_tag_is_shortened_in_the_message() {
        ApiException refusal = refusal(Api.EMBEDDINGS, "{'model':'m$" + "a".repeat(1000) + "'}");

        assertThat(refusal.text()).startsWith("The model carries \"$" + "a".repeat(40) + "...\", but");
    }

    @ParameterizedTest(name = "{0}, {1} -> {2} {3}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a       | [ 'b$fp8' , 'c']          | [ 'b' , 'c']",
                "a$fp8   | [ 'b' ,'c$FP8']           | [ 'b' ,'c']",
                "a$fp8   | ['b$', 1.0,'c$fp8,fp8' ]  | ['b', 1.0,'c' ]",
                "a$fp8   | [ ]                       | [ ]",
            })
    void tags_of_fallback_models_count_once_for_all(String model, String models, String stripped) {
        String json = "{'model':'" + model + "','models':" + models + "}";

        String sent = through(FILTER, Api.CHAT, json.replace('\'', '"'));

        assertThat(sent)
                .isEqualTo(("{'model':'a','models':" + stripped + ",'provider':{'quantizations':['fp8']}}")
                        .replace('\'', '"'));
    }

    @Test
    void tags_in_another_order_are_the_same_tags() {
        String sent = through(FILTER, Api.CHAT, "{\"model\":\"a$fp8,zdr\",\"models\":[\"b$ZDR,fp8\"]}");

        assertThat(sent).startsWith("{\"model\":\"a\",\"models\":[\"b\"],\"provider\":");
    }

    @Test
    void more_than_a_hundred_fallback_models_with_tags_are_refused() {
        String models = IntStream.range(0, 100).mapToObj(i -> "'a$fp8'").collect(Collectors.joining(","));

        assertThat(refusal(Api.CHAT, "{'model':'m','models':[" + models + "]}").text())
                .isEqualTo("\"models\" has more than 100 entries with $tags");
    }

    @Test
    void hostile_requests_take_linear_time() {
        String dollars = "{\"model\":\"m" + "$".repeat(100_000) + "\"}";
        String messages = "{\"model\":\"m$cache\",\"messages\":["
                + "{\"content\":[{\"type\":\"image\"},[[[]]]]},".repeat(100_000) + "null]}";
        String deep = "{\"model\":\"m$cache\",\"messages\":[" + "{\"content\":[".repeat(200) + "0,".repeat(2_000_000)
                + "0" + "]}".repeat(200) + "]}";
        String providers = "{\"model\":\"m$x\",\"provider\":{\"only\":[" + "\"a\",".repeat(1_000_000) + "0]}}";

        Assertions.assertTimeout(Duration.ofSeconds(30), () -> {
            assertThat(through(FILTER, Api.CHAT, dollars)).isEqualTo("{\"model\":\"m\"}");
            assertThat(through(FILTER, Api.CHAT, messages)).isEqualTo(messages.replace("$cache", ""));
            assertThat(through(FILTER, Api.CHAT, deep)).isEqualTo(deep.replace("$cache", ""));
            assertThat(through(FILTER, Api.CHAT, providers)).contains("\"a\",0,\"x\"]");
        });
    }

    private static ApiException refusal(Api api, String json) {
        UpstreamRequest request = request(api, json.replace('\'', '"'));
        ApiException refusal = catchThrowableOfType(ApiException.class, () -> FILTER.apply(request));
        assertThat(refusal).describedAs("it was accepted").isNotNull();
        return refusal;
    }
}
