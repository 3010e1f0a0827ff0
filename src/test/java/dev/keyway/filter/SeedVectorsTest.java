package dev.keyway.filter;

import static dev.keyway.filter.FilterTesting.expanded;
import static dev.keyway.filter.FilterTesting.tree;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.exchange.Api;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What users of the systems that Keyway replaces rely on, as the JSON that must reach the upstream. */
class SeedVectorsTest {
    @Test
    void think_with_a_word_sets_the_effort_and_usage_is_asked_for() {
        JsonNode sent = chat("{'model':'openai/o3-mini$think.high'}");

        assertThat(sent)
                .isEqualTo(json("{'model':'openai/o3-mini','reasoning':{'enabled':true,'effort':'high'},"
                        + "'usage':{'include':true}}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "think.1000 | {'enabled':true,'max_tokens':1000}",
                "think.off  | {'enabled':false}",
                "think.no   | {'enabled':false}"
            })
    void think_takes_a_budget_and_is_switched_off(String tag, String reasoning) {
        JsonNode sent = chat("{'model':'m$" + tag + "'}");

        assertThat(sent.get("model").textValue()).isEqualTo("m");
        assertThat(sent.get("reasoning")).isEqualTo(json(reasoning));
    }

    @Test
    void formats_become_quantizations_without_doubles() {
        JsonNode sent = chat("{'model':'moonshotai/kimi-k2$fp8,bf16,fp8'}");

        assertThat(sent.get("provider")).isEqualTo(json("{'quantizations':['fp8','bf16']}"));
    }

    @Test
    void variant_stays_and_provider_is_both_the_only_one_and_the_first() {
        JsonNode sent = chat("{'model':'deepseek/deepseek-chat-v3.1:free$think,fireworks'}");

        assertThat(sent.get("model").textValue()).isEqualTo("deepseek/deepseek-chat-v3.1:free");
        assertThat(sent.get("reasoning")).isEqualTo(json("{'enabled':true}"));
        assertThat(sent.get("provider")).isEqualTo(json("{'only':['fireworks'],'order':['fireworks']}"));
    }

    @Test
    void zdr_denies_data_collection_and_keeps_what_the_client_put_into_provider() {
        JsonNode sent = chat("{'model':'m$zdr','provider':{'sort':'price'}}");

        assertThat(sent.get("provider")).isEqualTo(json("{'sort':'price','zdr':true,'data_collection':'deny'}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {"cache | {'type':'ephemeral'}", "cache1h | {'type':'ephemeral','ttl':'1h'}"})
    void cache_marks_the_last_text_of_the_conversation(String tag, String control) {
        String mark = ",'cache_control':" + control;
        String text = "{'type':'text','text':'t'}";
        String marked = "{'type':'text','text':'t'" + mark + "}";
        String image = "{'type':'image_url','image_url':{'url':'u'}}";
        String nothing = "{'role':'assistant','content':null}";

        assertThat(messages(tag, user("'t'"))).isEqualTo(json("[" + user("[" + marked + "]") + "]"));
        assertThat(messages(tag, user("[" + text + "," + image + "," + text + "]")))
                .isEqualTo(json("[" + user("[" + text + "," + image + "," + marked + "]") + "]"));
        assertThat(messages(tag, user("'t'") + "," + nothing))
                .isEqualTo(json("[" + user("[" + marked + "]") + "," + nothing + "]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"m$", "m$,,", "m$ ,"})
    void empty_tags_are_no_tags(String model) {
        JsonNode sent = chat("{'model':'" + model + "'}");

        assertThat(sent).isEqualTo(json("{'model':'m','usage':{'include':true}}"));
    }

    @Test
    void blanks_around_tags_do_not_count() {
        JsonNode sent = chat("{'model':'m$ think , fp8 '}");

        assertThat(sent.get("reasoning")).isEqualTo(json("{'enabled':true}"));
        assertThat(sent.get("provider")).isEqualTo(json("{'quantizations':['fp8']}"));
    }

    @Test
    void a_provider_whose_name_begins_like_a_tag_is_a_provider() {
        JsonNode sent = chat("{'model':'m$thinkingmachines'}");

        assertThat(sent.get("provider")).isEqualTo(json("{'only':['thinkingmachines'],'order':['thinkingmachines']}"));
        assertThat(sent.has("reasoning")).isFalse();
    }

    private static String user(String content) {
        return "{'role':'user','content':" + content + "}";
    }

    private static JsonNode messages(String tag, String messages) {
        return chat("{'model':'m$" + tag + "','messages':[" + messages + "]}").get("messages");
    }

    private static JsonNode chat(String json) {
        return expanded(Api.CHAT, json.replace('\'', '"'));
    }

    private static JsonNode json(String json) {
        return tree(json.replace('\'', '"'));
    }
}
