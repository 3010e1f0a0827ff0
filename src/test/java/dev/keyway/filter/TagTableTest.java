package dev.keyway.filter;

import static dev.keyway.filter.FilterTesting.through;
import static dev.keyway.filter.FilterTesting.tree;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.exchange.Api;
import dev.keyway.filter.FilterOptions.ProviderField;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each tag on each API that takes tags; single quotes stand for double ones. */
class TagTableTest {
    private static final RequestFilter FILTER = new SlugFilter(FilterOptions.DEFAULTS);
    private static final List<Api> WITH_TAGS =
            Arrays.stream(Api.values()).filter(Api::takesTags).toList();

    @Test
    void four_apis_take_tags() {
        assertThat(WITH_TAGS).containsExactly(Api.CHAT, Api.COMPLETIONS, Api.RESPONSES, Api.MESSAGES);
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "int4              | {'provider':{'quantizations':['int4']}}",
                "int8              | {'provider':{'quantizations':['int8']}}",
                "fp4               | {'provider':{'quantizations':['fp4']}}",
                "fp6               | {'provider':{'quantizations':['fp6']}}",
                "fp8               | {'provider':{'quantizations':['fp8']}}",
                "fp16              | {'provider':{'quantizations':['fp16']}}",
                "bf16              | {'provider':{'quantizations':['bf16']}}",
                "fp32              | {'provider':{'quantizations':['fp32']}}",
                "FP8,fp8,Bf16      | {'provider':{'quantizations':['fp8','bf16']}}",
                "zdr               | {'provider':{'zdr':true,'data_collection':'deny'}}",
                "ZDR               | {'provider':{'zdr':true,'data_collection':'deny'}}",
                "strict            | {'provider':{'allow_fallbacks':false}}",
                "Strict            | {'provider':{'allow_fallbacks':false}}",
                "tier.flex         | {'service_tier':'flex'}",
                "Tier.PRIORITY     | {'service_tier':'priority'}",
                "tier.flex,tier.x  | {'service_tier':'x'}",
                "tier.             | {'provider':{'only':['tier.'],'order':['tier.']}}",
                "tier              | {'provider':{'only':['tier'],'order':['tier']}}",
                "fireworks         | {'provider':{'only':['fireworks'],'order':['fireworks']}}",
                "Z-AI/fp8,a/b      | {'provider':{'only':['Z-AI/fp8','a/b'],'order':['Z-AI/fp8','a/b']}}",
                "cache2h           | {'provider':{'only':['cache2h'],'order':['cache2h']}}",
                "zdr,fp8$groq      | {'provider':{'zdr':true,'data_collection':'deny','quantizations':['fp8'],"
                        + "'only':['groq'],'order':['groq']}}",
            })
    void tags_that_are_the_same_everywhere(String tags, String written) {
        for (Api api : WITH_TAGS) {
            assertThat(expanded(api, tags, "{}")).describedAs("%s", api).isEqualTo(json(written));
        }
    }

    @ParameterizedTest(name = "{0} into {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "think                 | {}                                              | {'enabled':true}",
                "THINK                 | {}                                              | {'enabled':true}",
                "think.                | {}                                              | {'enabled':true}",
                "think.0               | {}                                              | {'enabled':true,'max_tokens':0}",
                "think.007             | {}                                              | {'enabled':true,'max_tokens':7}",
                "think.on              | {}                                              | {'enabled':true,'effort':'on'}",
                "think.xhigh           | {}                                              | {'enabled':true,'effort':'xhigh'}",
                "Think.HIGH            | {}                                              | {'enabled':true,'effort':'high'}",
                "think.1e3             | {}                                              | {'enabled':true,'effort':'1e3'}",
                "think.-5              | {}                                              | {'enabled':true,'effort':'-5'}",
                "think.OFF             | {}                                              | {'enabled':false}",
                "think.low,think.9     | {}                                              | {'enabled':true,'max_tokens':9}",
                "think                 | {'effort':'low'}                                | {'enabled':true}",
                "think.high            | {'max_tokens':1,'exclude':true}                 | {'enabled':true,'effort':'high','exclude':true}",
                "think.9               | {'effort':'low','summary':'auto'}               | {'enabled':true,'max_tokens':9,'summary':'auto'}",
                "think.off             | {'effort':'low','exclude':false,'enabled':true} | {'enabled':false,'exclude':false}",
                "think                 | null                                            | {'enabled':true}",
            })
    void think_on_chat_completions_and_responses(String tags, String reasoning, String written) {
        String others = "{'reasoning':" + reasoning + ",'reasoning_effort':'low','include_reasoning':true}";

        for (Api api : List.of(Api.CHAT, Api.COMPLETIONS, Api.RESPONSES)) {
            assertThat(expanded(api, tags, others))
                    .describedAs("%s", api)
                    .isEqualTo(json("{'reasoning':" + written + "}"));
        }
    }

    @ParameterizedTest(name = "{0} into {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "think          | {}                                        | {'thinking':{'type':'adaptive'}}",
                "think.         | {}                                        | {'thinking':{'type':'adaptive'}}",
                "think.1000     | {}                                        | {'thinking':{'type':'enabled','budget_tokens':1000}}",
                "think.off      | {}                                        | {'thinking':{'type':'disabled'}}",
                "think.No       | {}                                        | {'thinking':{'type':'disabled'}}",
                "think.high     | {}                                        | {'thinking':{'type':'adaptive'},'output_config':{'effort':'high'}}",
                "think.high     | {'output_config':{'effort':'low','x':1}}  | {'thinking':{'type':'adaptive'},'output_config':{'effort':'high','x':1}}",
                "think          | {'thinking':{'type':'enabled','budget_tokens':5,'display':'omitted'}} | {'thinking':{'type':'adaptive','display':'omitted'}}",
                "think.off      | {'thinking':{'type':'enabled','budget_tokens':5,'display':'omitted'}} | {'thinking':{'type':'disabled'}}",
                "think          | {'reasoning_effort':'low','include_reasoning':true} | {'thinking':{'type':'adaptive'}}",
            })
    void think_on_messages(String tags, String others, String written) {
        assertThat(expanded(Api.MESSAGES, tags, others)).isEqualTo(json(written));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "cache           | {'type':'ephemeral'}",
                "Cache5m         | {'type':'ephemeral'}",
                "cache1H         | {'type':'ephemeral','ttl':'1h'}",
                "cache,cache1h   | {'type':'ephemeral','ttl':'1h'}",
                "cache1h,cache   | {'type':'ephemeral','ttl':'1h'}",
            })
    void cache_marks_messages_or_the_whole_request_or_nothing(String tags, String control) {
        String input = "{'system':'s','messages':[{'role':'user','content':'t'}]}";
        JsonNode marked = json("{'system':'s','messages':[{'role':'user','content':"
                + "[{'type':'text','text':'t','cache_control':" + control + "}]}]}");

        assertThat(expanded(Api.CHAT, tags, input)).isEqualTo(marked);
        assertThat(expanded(Api.MESSAGES, tags, input)).isEqualTo(marked);
        assertThat(expanded(Api.COMPLETIONS, tags, input)).isEqualTo(json(input));
        assertThat(expanded(Api.RESPONSES, tags, "{'input':'t'}"))
                .isEqualTo(json("{'input':'t','cache_control':" + control + "}"));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "BOTH  | {'only':['a','x','y'],'order':['y','x'],'sort':'price'}",
                "ONLY  | {'only':['a','x','y'],'order':['y'],'sort':'price'}",
                "ORDER | {'only':['a','x'],'order':['y','x'],'sort':'price'}",
            })
    void providers_go_behind_the_clients_own_where_the_option_says(ProviderField field, String written) {
        RequestFilter filter = new SlugFilter(new FilterOptions(field, false, false));
        String json = "{'model':'m$x,y,x','provider':{'only':['a','x'],'order':['y'],'sort':'price'}}";

        String sent = through(filter, Api.CHAT, json.replace('\'', '"'));

        assertThat(tree(sent).get("provider")).isEqualTo(json(written));
    }

    @Test
    void a_null_is_as_good_as_absent() {
        assertThat(expanded(Api.CHAT, "fp8,x", "{'provider':null}"))
                .isEqualTo(json("{'provider':{'quantizations':['fp8'],'only':['x'],'order':['x']}}"));
        assertThat(expanded(Api.CHAT, "fp8", "{'provider':{'quantizations':null}}"))
                .isEqualTo(json("{'provider':{'quantizations':['fp8']}}"));
    }

    /** All that comes out but the model, which must be the bare one. */
    private static JsonNode expanded(Api api, String tags, String others) {
        String members = others.substring(1, others.length() - 1);
        String json = "{'model':'m$" + tags + "'" + (members.isEmpty() ? "" : "," + members) + "}";
        ObjectNode sent = (ObjectNode) tree(through(FILTER, api, json.replace('\'', '"')));
        assertThat(sent.get("model").textValue()).isEqualTo("m");
        return sent.without("model");
    }

    private static JsonNode json(String json) {
        return tree(json.replace('\'', '"'));
    }
}
