package dev.keyway.filter;

import static dev.keyway.filter.FilterTesting.through;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Api;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Where {@code $cache} puts its breakpoint, to the byte. */
class CacheBreakpointTest {
    private static final RequestFilter FILTER = new SlugFilter(FilterOptions.DEFAULTS);
    private static final String CONTROL = "\"cache_control\":{\"type\":\"ephemeral\"}";

    @Test
    void string_content_keeps_its_own_escapes_and_all_around_it_its_bytes() {
        String head = "[ {\"role\":\"system\",\"content\":\"s\"} ,\n{ \"n\":1.0,\"content\" : ";
        String text = "\"caf\\u00e9 \\/ \\ud83d\\ude00 \u00e9\"";

        String sent = cached("cache", head + text + " , \"x\":1,\"x\":2 } ]");

        assertThat(sent)
                .isEqualTo(head + "[{\"type\":\"text\",\"text\":" + text + "," + CONTROL + "}]"
                        + " , \"x\":1,\"x\":2 } ]");
    }

    @Test
    void text_part_gets_one_more_member_and_nothing_else_moves() {
        String head =
                "[{\"content\":[{\"type\":\"text\",\"text\":\"a\"}, { \"text\" : \"\\u0062\",\"type\":\"t\\u0065xt\"";

        String sent = cached("cache", head + " } ,{\"type\":\"image_url\",\"image_url\":{}} ]} ]");

        assertThat(sent).isEqualTo(head + "," + CONTROL + " } ,{\"type\":\"image_url\",\"image_url\":{}} ]} ]");
    }

    @Test
    void messages_that_can_not_be_marked_are_passed_over() {
        String head = "[{\"content\":\"first\"},{\"content\":";
        String tail = "},{\"content\":[{\"type\":\"image_url\"}]},{\"content\":[]},{\"content\":null},{\"content\":{}},"
                + "{\"tool_calls\":[]},7,\"text\",null,[]]";

        String sent = cached("cache", head + "\"second\"" + tail);

        assertThat(sent).isEqualTo(head + "[{\"type\":\"text\",\"text\":\"second\"," + CONTROL + "}]" + tail);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "null",
                "\"text\"",
                "7",
                "{}",
                "{\"content\":\"x\"}",
                "[7]",
                "[{\"content\":[7,\"a\",null]}]"
            })
    void odd_messages_are_left_alone(String messages) {
        assertThat(cached("cache", messages)).isEqualTo(messages);
    }

    @Test
    void request_without_messages_is_left_alone() {
        assertThat(through(FILTER, Api.CHAT, "{\"model\":\"m$cache\"}")).isEqualTo("{\"model\":\"m\"}");
    }

    @Test
    void a_breakpoint_of_the_clients_own_at_that_place_is_replaced() {
        String head = "[{\"content\":[{\"cache_control\":";
        String tail = ",\"type\":\"text\",\"text\":\"a\"}]}]";

        String sent = cached("cache1h", head + "{\"type\":\"ephemeral\"}" + tail);

        assertThat(sent).isEqualTo(head + "{\"type\":\"ephemeral\",\"ttl\":\"1h\"}" + tail);
    }

    @Test
    void a_fifth_breakpoint_is_never_set() {
        String marked = "{\"content\":[{\"type\":\"text\",\"text\":\"a\"," + CONTROL + "}]}";
        String plain = "{\"content\":\"b\"}";
        String two = "[" + marked + "," + marked + "," + plain + "]";

        assertThat(cached("cache", two)).contains("\"text\":\"b\"," + CONTROL);
        assertThat(cached("cache", two.replace(plain, marked + "," + marked + "," + plain)))
                .describedAs("four in messages")
                .endsWith("," + plain + "]");
        assertThat(with("\"tools\":[{" + CONTROL + "}],\"system\":[{" + CONTROL + "}]", two))
                .describedAs("two in messages, one each in tools and system")
                .endsWith("," + plain + "]}");
        assertThat(with("\"tools\":[{" + CONTROL + "}]", two))
                .describedAs("three in all")
                .contains("\"text\":\"b\"," + CONTROL);
    }

    @Test
    void text_that_only_speaks_of_breakpoints_does_not_count() {
        String text = "{\"content\":\"\\\"cache_control\\\":{\"}";
        String none = "{\"content\":[{\"type\":\"text\",\"text\":\"a\",\"cache_control\":null}]}";

        String sent = cached("cache", "[" + (text + "," + none + ",").repeat(4) + "{\"content\":\"b\"}]");

        assertThat(sent).endsWith("\"text\":\"b\"," + CONTROL + "}]}]");
    }

    private static String cached(String tag, String messages) {
        String sent = through(FILTER, Api.CHAT, "{\"model\":\"m$" + tag + "\",\"messages\":" + messages + "}");
        String head = "{\"model\":\"m\",\"messages\":";
        assertThat(sent).startsWith(head).endsWith("}");
        return sent.substring(head.length(), sent.length() - 1);
    }

    private static String with(String members, String messages) {
        return through(FILTER, Api.MESSAGES, "{\"model\":\"m$cache\"," + members + ",\"messages\":" + messages + "}");
    }
}
