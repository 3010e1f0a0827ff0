package dev.keyway.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.wire.ApiException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read out of the upstream's list, and that its bytes stay. */
class ModelListTest {
    private static List<String> ids(JsonNode answer) {
        return answer.get("data").findValuesAsText("id");
    }

    @Test
    void a_model_keeps_its_bytes_and_gets_what_it_lacks_behind_them() {
        String row =
                "{ \"id\" : \"a/b\",\n\t\"n\":1.0,\"e\":1e2,\"d\":1,\"d\":2,\"u\":\"\\u00e9\\/\",\"owned_by\":null ,"
                        + "\"top_provider\":{\"is_moderated\": true,\"max_completion_tokens\":16384} }";
        ModelList list = ModelList.parse(("{\"data\":[" + row + "]}").getBytes(StandardCharsets.UTF_8));

        String kept = row.substring(0, row.lastIndexOf('}') - 1);
        assertThat(new String(list.whole(false), StandardCharsets.UTF_8))
                .isEqualTo("{\"object\":\"list\",\"data\":[" + kept
                        + ",\"object\":\"model\",\"is_moderated\":true,\"max_completion_tokens\":16384 }],"
                        + "\"total_count\":1,\"links\":{\"next\":null},"
                        + "\"pagination\":{\"total\":1,\"limit\":1,\"offset\":0,\"hasMore\":false}}");
    }

    @Test
    void what_the_upstream_does_not_tell_is_no_and_unknown() {
        JsonNode model = Lists.ask(Lists.list("{'id':'a/b'}"), "/models/a/b").get("data");

        assertThat(model.toString())
                .isEqualTo("{\"id\":\"a/b\",\"object\":\"model\",\"owned_by\":\"a\",\"is_moderated\":false,"
                        + "\"max_completion_tokens\":null}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>busy</html>",
                "[]",
                "{}",
                "{\"data\":{}}",
                "{\"data\":[]}",
                "{\"data\":[1,{},{\"id\":5},{\"id\":\"\"}]}",
                "{\"data\":[{\"id\":\"a/b\"}]",
                "{\"data\":[{\"id\":\"a/b\"}]} trailing",
                "{\"error\":{\"code\":500,\"message\":\"secret words\"}}"
            })
    void what_is_no_list_or_an_empty_one_is_refused_without_a_quotation(String body) {
        assertThatThrownBy(() -> ModelList.parse(body.getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(ApiException.class)
                .hasMessageNotContainingAny("secret", "busy");
    }

    @Test
    void entries_that_nobody_could_ask_for_are_left_out() {
        assertThat(ids(Lists.ask(Lists.list("{'id':'a/b'}", "{'name':'no id'}", "'text'"), "/models")))
                .containsExactly("a/b");
    }

    @ParameterizedTest(name = "C18: {0} {1} is free: {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "a/b      | {'prompt':'0','completion':'0'}                                | true",
                "a/b      | {'prompt':'0.0','completion':0,'image':'0e-9'}                 | true",
                "a/b      | {'prompt':'0','completion':'0','audio':'1'}                    | true",
                "a/b      | {'prompt':'0'}                                                 | false",
                "a/b      | {'completion':'0'}                                             | false",
                "a/b      | {}                                                             | false",
                "a/b      | {'prompt':'-1','completion':'-1'}                              | false",
                "a/b      | {'prompt':'0','completion':'0','request':'0.01'}               | false",
                "a/b      | {'prompt':'0','completion':'0','image':'0.01'}                 | false",
                "a/b      | {'prompt':'0','completion':'0','web_search':'0.01'}            | false",
                "a/b      | {'prompt':'0','completion':'0','internal_reasoning':'0.000001'}| false",
                "a/b      | {'prompt':'0.000001','completion':'0'}                         | false",
                "a/b      | {'prompt':'0','completion':'0.000001'}                         | false",
                "a/b      | {'prompt':'free','completion':'0'}                             | false",
                "a/b      | {'prompt':null,'completion':'0'}                               | false",
                "a/b:free | {'prompt':'1','completion':'1'}                                | true",
                "a/b:x:free | {'prompt':'1','completion':'1'}                              | false"
            })
    void a_model_is_free_when_all_its_prices_are_zero_or_its_name_says_so(String id, String pricing, boolean free) {
        assertThat(Lists.list("{'id':'" + id + "','pricing':" + pricing + "}").isFree(id))
                .isEqualTo(free);
    }

    @ParameterizedTest
    @CsvSource({
        "a/b, a/b",
        "a/b:free, a/b:free",
        "a/b-2026, a/b",
        "a/b:nitro, a/b",
        "a/b-2026:floor, a/b",
        "a/b:online, a/b",
        "a/b:exacto, a/b",
        "a/b:thinking, ",
        "a/c, ",
        "A/B, ",
        "a/b:, "
    })
    void a_model_is_found_by_id_or_slug_with_the_variants_that_only_route(String asked, String found) {
        ModelList list = Lists.list(
                "{'id':'a/b:free','canonical_slug':'a/b-2026'}",
                "{'id':'a/b','canonical_slug':'a/b-2026'}",
                "{'id':'a/x:free','canonical_slug':'a/b-2026'}");

        assertThat(list.find(asked).map(Model::id).orElse(null)).isEqualTo(found);
    }

    @Test
    void S2_10_the_filters_come_before_the_page() {
        ModelList list = Lists.list(
                "{'id':'OpenAI/one','name':'One'}",
                "{'id':'openai/two','description':'says TWO things'}",
                "{'id':'openrouter/three','name':'third'}",
                "{'id':'x/openai','name':'not by them'}");

        JsonNode page = Lists.ask(list, "/models?provider=OPENai&limit=1&offset=1");
        assertThat(ids(page)).containsExactly("openai/two");
        assertThat(page.get("pagination").toString())
                .isEqualTo("{\"total\":2,\"limit\":1,\"offset\":1,\"hasMore\":false}");
        assertThat(ids(Lists.ask(list, "/models?search=tWo"))).containsExactly("openai/two");
        assertThat(ids(Lists.ask(list, "/models?search=OPENAI")))
                .containsExactly("OpenAI/one", "openai/two", "x/openai");
        assertThat(ids(Lists.ask(list, "/models?search=one%EF%BF%BFone")))
                .describedAs("nothing is found across id and name")
                .isEmpty();
        assertThat(ids(Lists.ask(list, "/models?offset=9"))).isEmpty();
    }

    @Test
    void S2_10_links_lead_through_every_model_once() {
        ModelList list = ModelList.parse(Lists.ofSize(25));
        List<String> seen = new java.util.ArrayList<>();

        String target = "/models?provider=author1&search=model%20&limit=2";
        int pages = 0;
        while (target != null && pages < 10) {
            JsonNode page = Lists.ask(list, target);
            seen.addAll(ids(page));
            pages++;
            assertThat(page.at("/pagination/hasMore").asBoolean())
                    .isEqualTo(!page.at("/links/next").isNull());
            JsonNode next = page.at("/links/next");
            target = next.isNull() ? null : next.asText().substring("/v1".length());
        }

        assertThat(seen).containsExactly("author1/model-1", "author1/model-11", "author1/model-21");
        assertThat(pages).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "limit=0, limit must be a whole number from 1 to 1000",
        "limit=1001, limit must be a whole number from 1 to 1000",
        "limit=-1, limit must be a whole number from 1 to 1000",
        "limit=1.5, limit must be a whole number from 1 to 1000",
        "limit=, limit must be a whole number from 1 to 1000",
        "limit=99999999999, limit must be a whole number from 1 to 1000",
        "offset=-1, offset must be a whole number from 0 on",
        "offset=x, offset must be a whole number from 0 on",
        "search=a&search=b, search must stand only once"
    })
    void S2_10_a_wrong_parameter_is_named_with_what_is_allowed(String query, String message) {
        assertThatThrownBy(() -> Answers.check(Lists.question("/models?" + query), CatalogueOptions.DEFAULTS))
                .isInstanceOfSatisfying(ApiException.class, error -> {
                    assertThat(error.text()).isEqualTo("Validation error");
                    assertThat((List<?>) error.members().get("errors")).hasSize(1);
                    assertThat(error.details()).containsEntry("message", message);
                });
    }

    @Test
    void S2_14_of_two_contexts_of_one_length_the_upstreams_first_comes_first() {
        ModelList list = Lists.list(
                "{'id':'a/short','context_length':1}",
                "{'id':'a/first','context_length':9}",
                "{'id':'a/none','context_length':null}",
                "{'id':'a/second','context_length':9}");

        assertThat(ids(Lists.ask(list, "/models/top"))).containsExactly("a/first", "a/second", "a/short", "a/none");
        assertThat(ids(Lists.ask(list, "/models/top?limit=1"))).containsExactly("a/first");
        assertThat(ids(Lists.ask(ModelList.parse(Lists.ofSize(30)), "/models/top")))
                .hasSize(10);
    }

    @ParameterizedTest
    @CsvSource({
        "/models, All",
        "/models/, All",
        "/models/top, Top",
        "/models%2Ftop, Top",
        "/models/search, Search",
        "/models/providers, Providers",
        "/models/providers/x, OfProvider",
        "/models/a/b, One",
        "/models/a%2Fb, One",
        "/models/a%2fb, One",
        "/models/top/b, One",
        "/models/a/b/parameters, Parameters",
        "/models/a%2Fb/pricing, Pricing",
        "/models/a/b/endpoints, Elsewhere",
        "/models/a%2Fb%2Fendpoints, Elsewhere",
        "/models/count, Elsewhere",
        "/models/user, Elsewhere",
        "/models/user/x, Elsewhere",
        "/models/whatever-comes, Elsewhere",
        "/Models, Elsewhere",
        "/modelsx, Elsewhere",
        "/model/a/b, Elsewhere",
        "/chat/completions, Elsewhere",
        "/, Elsewhere"
    })
    void C3_local_routes_come_first_and_the_upstreams_own_pass(String path, String route) {
        assertThat(Lists.question(path).route().getClass().getSimpleName()).isEqualTo(route);
    }
}
