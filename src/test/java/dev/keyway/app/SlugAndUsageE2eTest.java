package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.app.WireClient.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What tags in the model make of a request, seen from the upstream: the acceptance vectors 1 to 7 over HTTP. */
final class SlugAndUsageE2eTest {
    private static final String USAGE = ",'usage':{'include':true}}";

    private static E2e e2e;

    @BeforeAll
    static void start(@TempDir Path home) throws IOException {
        e2e = E2e.start(home);
    }

    @AfterAll
    static void stop() {
        e2e.close();
    }

    private static JsonNode reached(String route, String singleQuoted) throws IOException {
        return e2e.reached(route, singleQuoted.replace('\'', '"'));
    }

    private static JsonNode chatWith(String model) throws IOException {
        return reached(E2e.CHAT, "{'model':'" + model + "','messages':[]}");
    }

    private static JsonNode expected(String model, String members) throws IOException {
        return E2e.json("{'model':'" + model + "','messages':[]" + members + USAGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1", "/api/v1"})
    void vector_1_an_effort_and_the_usage_are_asked_for_on_both_prefixes(String prefix) throws IOException {
        JsonNode reached = reached(prefix + "/chat/completions", "{'model':'openai/o3-mini$think.high','messages':[]}");

        assertThat(reached).isEqualTo(expected("openai/o3-mini", ",'reasoning':{'enabled':true,'effort':'high'}"));
        assertThat(e2e.upstream.received().get(0).target()).isEqualTo("/api/v1/chat/completions");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "m$think.1000 | {'enabled':true,'max_tokens':1000}",
                "m$think.off  | {'enabled':false}",
                "m$think.no   | {'enabled':false}",
                "m$think      | {'enabled':true}",
                "m$Think.High | {'enabled':true,'effort':'high'}"
            })
    void vector_2_a_budget_or_nothing_is_asked_for(String model, String reasoning) throws IOException {
        assertThat(chatWith(model)).isEqualTo(expected("m", ",'reasoning':" + reasoning));
    }

    @Test
    void vector_3_quantizations_stand_once_each() throws IOException {
        assertThat(chatWith("moonshotai/kimi-k2$fp8,bf16,fp8"))
                .isEqualTo(expected("moonshotai/kimi-k2", ",'provider':{'quantizations':['fp8','bf16']}"));
    }

    @Test
    void vector_4_a_variant_stays_in_the_model_and_a_provider_is_asked_for() throws IOException {
        JsonNode reached = chatWith("deepseek/deepseek-chat-v3.1:free$think,fireworks");

        assertThat(reached)
                .isEqualTo(expected(
                        "deepseek/deepseek-chat-v3.1:free",
                        ",'reasoning':{'enabled':true},'provider':{'only':['fireworks'],'order':['fireworks']}"));
    }

    @Test
    void vector_5_zdr_joins_what_the_client_says_of_providers() throws IOException {
        JsonNode reached = reached(E2e.CHAT, "{'model':'m$zdr','messages':[],'provider':{'sort':'price'}}");

        assertThat(reached)
                .isEqualTo(expected("m", ",'provider':{'sort':'price','zdr':true,'data_collection':'deny'}"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "'t'" + " | [{'type':'text','text':'t','cache_control':CONTROL}]",
                "[{'type':'text','text':'a'},{'type':'image_url','image_url':{'url':'u'}},{'type':'text','text':'b'}]"
                        + " | [{'type':'text','text':'a'},{'type':'image_url','image_url':{'url':'u'}},"
                        + "{'type':'text','text':'b','cache_control':CONTROL}]"
            })
    void vector_6_the_last_text_is_the_cache_breakpoint(String content, String marked) throws IOException {
        String before = "{'role':'system','content':'s'}";
        for (List<String> tag : List.of(
                List.of("cache", "{'type':'ephemeral'}"), List.of("cache1h", "{'type':'ephemeral','ttl':'1h'}"))) {
            String ask = "{'model':'m$%s','messages':[%s,{'role':'user','content':%s}]}"
                    .formatted(tag.get(0), before, content);

            JsonNode reached = reached(E2e.CHAT, ask);

            assertThat(reached.path("messages"))
                    .isEqualTo(E2e.json("[%s,{'role':'user','content':%s}]"
                            .formatted(before, marked.replace("CONTROL", tag.get(1)))));
        }
    }

    @Test
    void vector_6_a_message_without_content_leaves_the_breakpoint_to_the_one_before() throws IOException {
        JsonNode reached = reached(
                E2e.CHAT,
                "{'model':'m$cache','messages':[{'role':'user','content':'t'},{'role':'assistant','content':null}]}");

        assertThat(reached.path("messages"))
                .isEqualTo(E2e.json("[{'role':'user','content':[{'type':'text','text':'t',"
                        + "'cache_control':{'type':'ephemeral'}}]},{'role':'assistant','content':null}]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"m$", "m$,,", "m$ , "})
    void vector_7_empty_tags_ask_for_nothing(String model) throws IOException {
        assertThat(chatWith(model)).isEqualTo(expected("m", ""));
    }

    @Test
    void vector_7_blanks_about_tags_do_not_count_and_a_longer_word_is_a_provider() throws IOException {
        assertThat(chatWith("m$ think , fp8 "))
                .isEqualTo(expected("m", ",'reasoning':{'enabled':true},'provider':{'quantizations':['fp8']}"));
        assertThat(chatWith("m$thinkingmachines"))
                .isEqualTo(expected("m", ",'provider':{'only':['thinkingmachines'],'order':['thinkingmachines']}"));
    }

    /** Each API has members of its own for the same wish. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "/completions | think.low,fp8,tier.Flex,cache | {'model':'m','prompt':'p',"
                        + "'reasoning':{'enabled':true,'effort':'low'},'provider':{'quantizations':['fp8']},"
                        + "'service_tier':'flex','usage':{'include':true}}",
                "/responses | think.low,strict,tier.flex,cache1h | {'model':'m','prompt':'p',"
                        + "'reasoning':{'enabled':true,'effort':'low'},'provider':{'allow_fallbacks':false},"
                        + "'service_tier':'flex','cache_control':{'type':'ephemeral','ttl':'1h'}}",
                "/messages | think,zdr | {'model':'m','prompt':'p','thinking':{'type':'adaptive'},"
                        + "'provider':{'zdr':true,'data_collection':'deny'}}",
                "/messages | think.2000,tier.flex | {'model':'m','prompt':'p',"
                        + "'thinking':{'type':'enabled','budget_tokens':2000},'service_tier':'flex'}",
                "/messages | think.off | {'model':'m','prompt':'p','thinking':{'type':'disabled'}}",
                "/messages | think.high | {'model':'m','prompt':'p','thinking':{'type':'adaptive'},"
                        + "'output_config':{'effort':'high'}}"
            })
    void other_apis_get_the_same_wish_in_their_own_members(String route, String tags, String expected)
            throws IOException {
        assertThat(reached("/v1" + route, "{'model':'m$" + tags + "','prompt':'p'}"))
                .isEqualTo(E2e.json(expected));
        assertThat(e2e.upstream.received().get(0).target()).isEqualTo("/api/v1" + route);
    }

    @Test
    void a_cache_tag_on_messages_marks_a_message_and_not_the_system_text() throws IOException {
        JsonNode reached = reached(
                "/v1/messages",
                "{'model':'m$cache','system':'s','messages':[{'role':'user','content':'t'}],'max_tokens':5}");

        assertThat(reached)
                .isEqualTo(E2e.json("{'model':'m','system':'s','messages':[{'role':'user','content':[{'type':'text',"
                        + "'text':'t','cache_control':{'type':'ephemeral'}}]}],'max_tokens':5}"));
    }

    @Test
    void a_think_tag_takes_the_place_of_the_older_members() throws IOException {
        JsonNode reached = reached(
                E2e.CHAT,
                "{'model':'m$think.high','messages':[],'reasoning_effort':'low','include_reasoning':false,"
                        + "'reasoning':{'exclude':true,'max_tokens':5}}");

        assertThat(reached).isEqualTo(expected("m", ",'reasoning':{'exclude':true,'enabled':true,'effort':'high'}"));
    }

    @Test
    void tags_in_models_count_and_are_taken_off() throws IOException {
        JsonNode reached = reached(E2e.CHAT, "{'model':'a$fp8','models':['b','c$fp8'],'messages':[]}");

        assertThat(reached)
                .isEqualTo(E2e.json("{'model':'a','models':['b','c'],'messages':[],"
                        + "'provider':{'quantizations':['fp8']}" + USAGE));
    }

    @Test
    void tags_that_disagree_are_refused() throws IOException {
        e2e.upstream.clear();

        Answer answer = e2e.post(E2e.CHAT, "{\"model\":\"a$fp8\",\"models\":[\"c$fp4\"],\"messages\":[]}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(e2e.upstream.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/embeddings", "/api/v1/rerank", "/v1/images", "/v1/audio/speech", "/v1/videos"})
    void a_tag_where_none_is_known_is_refused_by_name(String target) throws IOException {
        e2e.upstream.clear();

        Answer answer = e2e.post(target, "{\"model\":\"m$think.high\",\"input\":\"confidential\"}");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.message())
                .contains("$think.high", "/chat/completions", "/completions", "/responses", "/messages")
                .doesNotContain("confidential");
        assertThat(e2e.upstream.received()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'include':false,'detail':'x'} | {'include':true,'detail':'x'}",
                "true                           | {'include':true}",
                "null                           | {'include':true}"
            })
    void usage_is_asked_for_whatever_the_client_says(String asked, String expected) throws IOException {
        JsonNode reached = reached(E2e.CHAT, "{'model':'m','usage':" + asked + ",'messages':[]}");

        assertThat(reached.path("usage")).isEqualTo(E2e.json(expected));
    }

    @Test
    void usage_is_not_asked_for_where_the_setting_is_off(@TempDir Path home) throws IOException {
        try (E2e off = E2e.start(home, "usage_injection=false", "slug.provider_field=order")) {
            assertThat(off.reached(E2e.CHAT, "{\"model\":\"m$groq\"}"))
                    .isEqualTo(E2e.json("{'model':'m','provider':{'order':['groq']}}"));
        }
    }
}
