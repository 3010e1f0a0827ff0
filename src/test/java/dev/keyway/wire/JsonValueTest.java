package dev.keyway.wire;

import static dev.keyway.wire.JsonText.parse;
import static dev.keyway.wire.JsonText.sent;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.IntNode;
import dev.keyway.wire.JsonValue.Kind;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonValueTest {
    @ParameterizedTest(name = "{0}")
    @CsvSource({
        "{},OBJECT,an object",
        "[],ARRAY,an array",
        "'\"x\"',STRING,a string",
        "-1,NUMBER,a number",
        "0,NUMBER,a number",
        "true,BOOLEAN,a boolean",
        "false,BOOLEAN,a boolean",
        "null,NULL,null"
    })
    void kind_is_told_by_the_first_byte(String json, Kind kind, String phrase) {
        JsonValue value = member(json);

        assertThat(value.kind()).isEqualTo(kind);
        assertThat(value.kind().phrase()).isEqualTo(phrase);
    }

    @Test
    void elements_are_found_one_after_the_other() {
        List<String> seen = new ArrayList<>();

        for (JsonValue element : member("[ 1.0 ,\"x\",[2 , 3],{\"k\":null} ]").elements()) {
            seen.add(sent(JsonBody.EMPTY.with("e", element)));
        }

        assertThat(seen).containsExactly("{\"e\":1.0}", "{\"e\":\"x\"}", "{\"e\":[2 , 3]}", "{\"e\":{\"k\":null}}");
        assertThat(member("[ ]").elements()).isEmpty();
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            value = {"[] | [7]", "[  ] | [  7]", "[1.0] | [1.0,7]", "[ 1 ,\t2 ] | [ 1 ,\t2,7 ]", "[[ ]] | [[ ],7]"})
    void plus_leaves_the_elements_as_they_are(String before, String after) {
        JsonValue longer = member(before).plus(List.of(JsonValue.of(IntNode.valueOf(7))));

        assertThat(text(longer)).isEqualTo(after);
    }

    @Test
    void replace_changes_one_inner_value() {
        JsonValue outer = member("[ {\"a\": 1.0}, {\"a\": [1e2 , \"x\"]} ]");
        JsonValue inner = requireNonNull(second(outer).object().value("a"));

        JsonValue replaced = outer.replace(inner, JsonValue.of("y"));

        assertThat(text(replaced)).isEqualTo("[ {\"a\": 1.0}, {\"a\": \"y\"} ]");
    }

    @Test
    void replace_refuses_a_value_from_elsewhere() {
        JsonValue outer = member("[1]");

        assertThatThrownBy(() -> outer.replace(member("[1]"), member("2")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void a_value_put_together_can_be_read_and_edited_again() {
        JsonValue outer = member("[ 1 , 2 ]");
        JsonValue edited = outer.replace(second(outer), JsonValue.of("y"));

        JsonValue whole = edited.inOnePiece();

        assertThat(text(whole.replace(second(whole), JsonValue.of("z")))).isEqualTo("[ 1 , \"z\" ]");
        assertThat(second(edited).text()).isEqualTo("y");
    }

    @Test
    void map_elements_changes_only_those_it_is_told_to() {
        JsonValue mapped = member("[ \"a\" , 1.0,\"a\" ]")
                .mapElements(element -> "a".equals(element.text()) ? JsonValue.of("b") : element);

        assertThat(text(mapped)).isEqualTo("[ \"b\" , 1.0,\"b\" ]");
    }

    @Test
    void of_several_members_with_one_name_the_last_counts() {
        JsonBody object = member("{\"x\":1,\"x\":2}").object();

        assertThat(object.node("x")).isEqualTo(IntNode.valueOf(2));
        assertThat(text(object.with("x", IntNode.valueOf(3)).asValue())).isEqualTo("{\"x\":1,\"x\":3}");
        assertThat(text(object.without("x").asValue())).isEqualTo("{}");
    }

    @Test
    void white_space_around_a_body_is_no_part_of_its_value() {
        assertThat(text(parse(" { \"a\":1 } ").asValue())).isEqualTo("{ \"a\":1 }");
    }

    @Test
    void objects_are_counted_by_name_at_any_depth_but_not_in_text() {
        JsonValue value =
                member("[{\"k\":{\"k\" : {}}},{\"\\u006b\":{}},{\"k\":null},\"k\",\"\\\"k\\\":{\",{\"x\":\"k\"}]");

        assertThat(value.countObjects("k", 10)).isEqualTo(3);
        assertThat(value.countObjects("k", 2)).isEqualTo(2);
    }

    private static JsonValue second(JsonValue array) {
        List<JsonValue> elements = new ArrayList<>();
        array.elements().forEach(elements::add);
        return elements.get(1);
    }

    private static JsonValue member(String json) {
        return requireNonNull(parse("{\"v\":" + json + "}").value("v"));
    }

    private static String text(JsonValue value) {
        String body = sent(JsonBody.EMPTY.with("v", value));
        return body.substring("{\"v\":".length(), body.length() - 1);
    }
}
