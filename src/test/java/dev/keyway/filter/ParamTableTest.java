package dev.keyway.filter;

import static dev.keyway.filter.FilterTesting.through;
import static dev.keyway.filter.FilterTesting.tree;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.docs.Readme;
import dev.keyway.exchange.Api;
import dev.keyway.filter.param.Param;
import dev.keyway.filter.param.Params;
import dev.keyway.wire.JsonBody;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each parameter on each API; single quotes stand for double ones. */
class ParamTableTest {
    private static final RequestFilter FILTER = new SlugFilter(FilterOptions.DEFAULTS);
    private static final List<Api> APIS = List.of(Api.CHAT, Api.COMPLETIONS, Api.RESPONSES, Api.MESSAGES);

    @ParameterizedTest(name = "{0} on {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "temperature=0.7       | CHAT,COMPLETIONS,RESPONSES,MESSAGES | {'temperature':0.7}",
                "temperature=0         | CHAT,COMPLETIONS,RESPONSES,MESSAGES | {'temperature':0.0}",
                "temperature=2.0       | CHAT,COMPLETIONS,RESPONSES,MESSAGES | {'temperature':2.0}",
                "temperature=1e-1      | CHAT,COMPLETIONS,RESPONSES,MESSAGES | {'temperature':0.1}",
                "top_p=.5              | CHAT,COMPLETIONS,RESPONSES,MESSAGES | {'top_p':0.5}",
                "top_k=40              | CHAT,COMPLETIONS,RESPONSES,MESSAGES | {'top_k':40}",
                "top_k=40.0            | CHAT,COMPLETIONS,RESPONSES,MESSAGES | {'top_k':40}",
                "verbosity=low         | CHAT,COMPLETIONS                    | {'verbosity':'low'}",
                "verbosity=high        | RESPONSES                           | {'text':{'verbosity':'high'}}",
                "reasoning_effort=max  | CHAT,COMPLETIONS,RESPONSES          | {'reasoning':{'effort':'max'}}",
                "reasoning_effort=low  | MESSAGES | {'thinking':{'type':'adaptive'},'output_config':{'effort':'low'}}",
            })
    void is_written_where_the_api_has_it(String param, String apis, String written) {
        for (String api : apis.split(",", -1)) {
            assertThat(expanded(Api.valueOf(api), "?" + param, "{}"))
                    .describedAs(api)
                    .isEqualTo(json(written));
        }
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "temperature=3.5",
                "temperature=-0.1",
                "temperature=2.0001",
                "temperature=warm",
                "temperature=NaN",
                "temperature=0x1p3",
                "temperature=1e99",
                "temperature=Infinity",
                "Temperature=1",
                "temperature=1,5",
                "top_p=1.1",
                "top_p=-1",
                "top_k=40.5",
                "top_k=0",
                "top_k=-3",
                "top_k=1e10",
                "top_k=99999999999",
                "verbosity=LOW",
                "verbosity=loud",
                "reasoning_effort=none",
                "reasoning_effort=minimal",
                "reasoning_effort=High",
                "foo=1",
                "invalid",
                "=1",
                "temperature=%zz",
                "temperature=",
                "temperature=%20",
                "temperature",
                "%74emperatur=1",
            })
    void what_can_not_be_written_is_left_out_and_the_request_goes_on(String param) {
        for (Api api : APIS) {
            assertThat(expanded(api, "?" + param, "{'temperature':0.1}"))
                    .describedAs("%s", api)
                    .isEqualTo(json("{'temperature':0.1}"));
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Api.class,
            names = {"EMBEDDINGS", "RERANK", "IMAGES", "SPEECH", "VIDEOS"})
    void an_api_without_tags_has_no_place_for_parameters_but_gets_a_clean_model(Api api) {
        assertThat(expanded(api, "?temperature=1&verbosity=low", "{}")).isEqualTo(json("{}"));
    }

    @Test
    void the_last_of_a_name_counts_and_one_without_a_value_does_not() {
        assertThat(expanded(Api.CHAT, "?top_k=1&top_k=2&top_k=", "{}")).isEqualTo(json("{'top_k':2}"));
        assertThat(expanded(Api.CHAT, "?top_k=1&%74op_k=3?top_k=%34", "{}")).isEqualTo(json("{'top_k':4}"));
    }

    @Test
    void parameters_win_over_the_body() {
        assertThat(expanded(Api.CHAT, "?temperature=0.7&top_p=0.9", "{'temperature':0.1,'x':1.0}"))
                .isEqualTo(json("{'temperature':0.7,'x':1.0,'top_p':0.9}"));
    }

    /** C25: body, then tags, then parameters; effort and budget exclude each other, the client's exclude stays. */
    @ParameterizedTest(name = "{0} into {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "$think.1000?reasoning_effort=high | {}                              | {'enabled':true,'effort':'high'}",
                "?reasoning_effort=high$think.low  | {}                              | {'enabled':true,'effort':'high'}",
                "$think.off?reasoning_effort=low   | {}                              | {'effort':'low'}",
                "?reasoning_effort=low             | {'max_tokens':5,'exclude':true} | {'exclude':true,'effort':'low'}",
                "?reasoning_effort=low             | {'enabled':false}               | {'effort':'low'}",
                "?reasoning_effort=low             | null                            | {'effort':'low'}",
                "?reasoning_effort=low             | 'odd'                           | 'odd'",
                "?reasoning_effort=odd             | {'max_tokens':5}                | {'max_tokens':5}",
            })
    void reasoning_effort_extends_what_is_there(String marks, String reasoning, String written) {
        for (Api api : List.of(Api.CHAT, Api.COMPLETIONS, Api.RESPONSES)) {
            assertThat(expanded(api, marks, "{'reasoning':" + reasoning + "}"))
                    .describedAs("%s", api)
                    .isEqualTo(json("{'reasoning':" + written + "}"));
        }
    }

    @Test
    void reasoning_effort_takes_the_place_of_the_older_members() {
        assertThat(expanded(Api.CHAT, "?reasoning_effort=low", "{'reasoning_effort':'high','include_reasoning':false}"))
                .isEqualTo(json("{'reasoning':{'effort':'low'}}"));
    }

    @Test
    void on_messages_effort_makes_thinking_adaptive_and_keeps_its_display() {
        assertThat(expanded(
                        Api.MESSAGES,
                        "$think.2000?reasoning_effort=high",
                        "{'thinking':{'type':'disabled','display':'omitted'},'output_config':{'x':1}}"))
                .isEqualTo(json("{'thinking':{'type':'adaptive','display':'omitted'},"
                        + "'output_config':{'x':1,'effort':'high'}}"));
    }

    @Test
    void entries_of_models_lose_their_parameters_which_count_nowhere() {
        String sent = through(
                FILTER, Api.CHAT, "{\"model\":\"m?top_k=1\",\"models\":[\"a?top_k=2\",\"b$think?top_k=3\",\"c\"]}");

        assertThat(tree(sent))
                .isEqualTo(json("{'model':'m','models':['a','b','c'],'reasoning':{'enabled':true},'top_k':1}"));
    }

    @Test
    void what_was_left_out_is_told_shortly_and_without_a_key() {
        Params params = new Params(Api.MESSAGES);

        params.write(
                JsonBody.EMPTY,
                List.of(
                        "foo=sk-or-v1-secret",
                        "temperature=sk-or-v1-secret",
                        "verbosity=low",
                        "a%0Ab=1",
                        "x".repeat(100),
                        "6",
                        "7"));

        assertThat(params.told())
                .isEqualTo(
                        "\"" + "x".repeat(40) + "...\" is not name=value; \"6\" is not name=value; \"7\" is not"
                                + " name=value; \"foo\" is unknown; \"(looks like a key)\" must be a number from 0 to 2; 2 more");
    }

    @Test
    void readme_has_the_table_of_parameters() throws IOException {
        List<String> rows = new ArrayList<>();
        rows.add("| parameter | value | " + names() + " |");
        rows.add("| --- | --- | " + "--- | ".repeat(APIS.size() - 1) + "--- |");
        Params.ALL.stream().map(ParamTableTest::row).forEach(rows::add);

        Readme.assertTable("parameters", rows);
    }

    private static String names() {
        return String.join(
                " | ", APIS.stream().map(api -> "`" + api.path() + "`").toList());
    }

    private static String row(Param param) {
        Stream<String> places = APIS.stream().map(param::place).map(place -> place.isEmpty() ? "-" : "`" + place + "`");
        return "| `" + param.name() + "` | " + param.allowed() + " | " + String.join(" | ", places.toList()) + " |";
    }

    @Test
    void the_table_has_every_api_that_takes_parameters() {
        assertThat(Arrays.stream(Api.values())
                        .filter(api -> Params.ALL.stream()
                                .anyMatch(param -> !param.place(api).isEmpty())))
                .containsExactlyElementsOf(APIS);
    }

    /** All that comes out but the model, which must be the bare one. */
    private static JsonNode expanded(Api api, String marks, String others) {
        String members = others.substring(1, others.length() - 1);
        String json = "{'model':'m" + marks + "'" + (members.isEmpty() ? "" : "," + members) + "}";
        ObjectNode sent = (ObjectNode) tree(through(FILTER, api, json.replace('\'', '"')));
        assertThat(sent.get("model").textValue()).isEqualTo("m");
        return sent.without("model");
    }

    private static JsonNode json(String json) {
        return tree(json.replace('\'', '"'));
    }
}
