package dev.keyway.wire;

import static dev.keyway.wire.JsonText.parse;
import static dev.keyway.wire.JsonText.sent;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonBodyTest {
    private static final TextNode NEW = TextNode.valueOf("new");

    @Test
    void body_without_edits_is_sent_as_it_came_in_one_slice() {
        String json = " \n{ \"a\" : 1.0 , \"b\":[1e2,\"\\u00e9\"],\"c\":{\"x\":1,\"x\":2} }\r\n";

        JsonBody body = parse(json);

        assertThat(sent(body)).isEqualTo(json);
        assertThat(body.slices()).hasSize(1).allMatch(ByteBuffer::isReadOnly);
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"a\":1,\"m\":2,\"z\":3}     | {\"a\":1,\"m\":\"new\",\"z\":3}",
                "{\"m\" : [1, 2] , \"z\":3}    | {\"m\" : \"new\" , \"z\":3}",
                "{ \"a\":1, \"m\":  null }     | { \"a\":1, \"m\":  \"new\" }",
                "{\"\\u006d\":0}               | {\"\\u006d\":\"new\"}",
                "{}                            | {\"m\":\"new\"}",
                "{  }                          | {\"m\":\"new\"  }",
                "{\"a\":1 }                    | {\"a\":1,\"m\":\"new\" }",
            })
    void with_replaces_in_place_or_appends(String before, String after) {
        JsonBody edited = parse(before).with("m", NEW);

        assertThat(sent(edited)).isEqualTo(after);
    }

    @ParameterizedTest(name = "{0} -> {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"m\":1,\"a\":2,\"z\":3}     | {\"a\":2,\"z\":3}",
                "{\"a\":2,\"m\":1,\"z\":3}     | {\"a\":2,\"z\":3}",
                "{\"a\":2,\"z\":3,\"m\":1}     | {\"a\":2,\"z\":3}",
                "{ \"a\":2 , \"m\":1 }         | { \"a\":2 }",
                "{ \"m\":1 , \"a\":2 }         | { \"a\":2 }",
                "{\"m\":1}                     | {}",
                "{\"a\":1}                     | {\"a\":1}",
                "{}                            | {}",
            })
    void without_takes_the_member_and_one_comma(String before, String after) {
        JsonBody edited = parse(before).without("m");

        assertThat(sent(edited)).isEqualTo(after);
    }

    @Test
    void an_edit_leaves_the_body_it_was_made_from_alone() {
        JsonBody body = parse("{\"a\":1}");

        JsonBody more = body.with("a", NEW).with("b", NEW);
        JsonBody less = body.without("a");

        assertThat(sent(body)).isEqualTo("{\"a\":1}");
        assertThat(sent(more)).isEqualTo("{\"a\":\"new\",\"b\":\"new\"}");
        assertThat(sent(less)).isEqualTo("{}");
    }

    @Test
    void edits_follow_one_another() {
        JsonBody body = parse("{\"a\":1,\"b\":2}");

        assertThat(sent(body.with("b", NEW).with("b", IntNode.valueOf(7)))).isEqualTo("{\"a\":1,\"b\":7}");
        assertThat(sent(body.without("a").with("a", IntNode.valueOf(7)))).isEqualTo("{\"b\":2,\"a\":7}");
        assertThat(sent(body.with("c", NEW).without("c"))).isEqualTo("{\"a\":1,\"b\":2}");
        assertThat(sent(body.without("a").without("b").with("c", NEW))).isEqualTo("{\"c\":\"new\"}");
    }

    @Test
    void members_are_read_by_name() {
        JsonBody body = parse("{\"model\":\"a\\u0062\\n\u00e9\",\"n\":1.50,\"o\":{\"k\":[1]},\"\":null,\"big\":1e400}");

        assertThat(body.names()).containsExactly("model", "n", "o", "", "big");
        assertThat(body.text("model")).isEqualTo("ab\n\u00e9");
        assertThat(body.text("n")).isNull();
        assertThat(body.text("absent")).isNull();
        assertThat(body.node("absent")).isNull();
        assertThat(body.node("n")).hasToString("1.50");
        assertThat(body.node("o")).hasToString("{\"k\":[1]}");
        assertThat(body.has("")).isTrue();
        assertThat(body.has("k")).isFalse();
    }

    @Test
    void edited_members_are_read_as_edited() {
        JsonBody body = parse("{\"a\":1}").with("a", NEW).with("b", IntNode.valueOf(2));

        assertThat(body.text("a")).isEqualTo("new");
        assertThat(body.node("b")).isEqualTo(IntNode.valueOf(2));
        assertThat(body.names()).containsExactly("a", "b");
    }

    @Test
    void half_a_surrogate_pair_survives_being_written() {
        JsonBody body = parse("{\"a\":\"\\ud800\"}");

        JsonBody copied = body.with("b", JsonValue.of(String.valueOf(body.text("a"))));

        assertThat(sent(copied)).isEqualToIgnoringCase("{\"a\":\"\\ud800\",\"b\":\"\\ud800\"}");
    }

    @Test
    void length_is_that_of_what_is_sent() {
        JsonBody body = parse("{\"a\":\"\u00e9\"}").with("b", NEW).without("a");

        assertThat(body.length())
                .isEqualTo(
                        body.slices().stream().mapToLong(ByteBuffer::remaining).sum());
    }

    @Test
    void each_call_of_slices_can_be_read_by_itself() {
        JsonBody body = parse("{\"a\":1}");
        List<ByteBuffer> first = body.slices();
        first.forEach(buffer -> buffer.position(buffer.limit()));

        List<ByteBuffer> second = body.slices();

        assertThat(second).allMatch(ByteBuffer::hasRemaining);
    }
}
