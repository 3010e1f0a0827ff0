package dev.keyway.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Api;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventSievesTest {
    private static final String EVENTS = """
            event: message_start
            data: {"a":1}

            : processing

            data: "[DONE]"

            id: 1
            : inside
            data: [DONE]
            data: more


            """;
    private static final String DONE = "event: data\ndata: [DONE]\n\n";

    private static String through(EventFlow flow, List<ByteBuffer> chunks) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (ByteBuffer chunk : chunks) {
            flow.push(chunk).forEach(part -> write(part, out));
        }
        write(flow.rest(), out);
        return out.toString(UTF_8);
    }

    private static void write(ByteBuffer part, ByteArrayOutputStream out) {
        byte[] bytes = new byte[part.remaining()];
        part.get(part.position(), bytes);
        out.writeBytes(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void the_stray_end_mark_is_dropped_from_messages_and_nothing_else(String lineEnd) {
        String before = EVENTS.replace("\n", lineEnd);
        byte[] stream = (before + DONE.replace("\n", lineEnd)).getBytes(UTF_8);

        for (List<ByteBuffer> chunks : Fixtures.cuts(stream)) {
            assertThat(through(EventSieves.flow(Api.MESSAGES, false), chunks)).isEqualTo(before);
        }
    }

    @Test
    void the_stray_end_mark_is_dropped_though_its_empty_line_is_missing() {
        for (List<ByteBuffer> chunks : Fixtures.cuts("data: {}\n\ndata:[DONE]\n".getBytes(UTF_8))) {
            assertThat(through(EventSieves.flow(Api.MESSAGES, false), chunks)).isEqualTo("data: {}\n\n");
        }
    }

    @ParameterizedTest
    @EnumSource(names = "MESSAGES", mode = EnumSource.Mode.EXCLUDE)
    void the_end_mark_of_the_other_apis_stays(Api api) {
        byte[] stream = (EVENTS + DONE).getBytes(UTF_8);

        for (boolean strip : List.of(true, false)) {
            for (List<ByteBuffer> chunks : Fixtures.cuts(stream)) {
                assertThat(through(EventSieves.flow(api, strip), chunks)).endsWith(DONE);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void comments_are_dropped_for_who_wants_none_and_events_stay_as_they_are(String lineEnd) {
        byte[] stream = (": one\n: two\n\n" + EVENTS).replace("\n", lineEnd).getBytes(UTF_8);
        String wanted = EVENTS.replace(": processing\n\n", "").replace("\n", lineEnd);

        for (List<ByteBuffer> chunks : Fixtures.cuts(stream)) {
            assertThat(through(EventSieves.flow(Api.CHAT, true), chunks)).isEqualTo(wanted);
        }
    }

    @Test
    void an_event_is_held_until_it_is_complete_and_then_goes_at_once() {
        EventFlow flow = EventSieves.flow(Api.MESSAGES, false);

        assertThat(flow.push(ByteBuffer.wrap("data: a\n".getBytes(UTF_8)))).isEmpty();
        assertThat(flow.insideEvent()).isFalse();
        assertThat(flow.closing()).isEmpty();
        List<ByteBuffer> event = flow.push(ByteBuffer.wrap("\ndata".getBytes(UTF_8)));
        assertThat(UTF_8.decode(event.get(0).duplicate()).toString()).isEqualTo("data: a\n\n");
    }

    @Test
    void whole_events_share_the_chunks_memory() {
        byte[] chunk = "data: a\n\ndata: b\n\n".getBytes(UTF_8);

        List<ByteBuffer> relayed = EventSieves.flow(Api.MESSAGES, false).push(ByteBuffer.wrap(chunk));

        chunk[6] = 'z';
        assertThat(UTF_8.decode(relayed.get(0)).toString()).isEqualTo("data: z\n\n");
        assertThat(relayed).hasSize(2);
    }

    @Test
    void an_event_over_the_limit_is_let_go_as_it_comes_and_the_next_one_is_sieved_again() {
        EventFlow flow = EventSieves.flow(Api.MESSAGES, false);
        ByteBuffer half = ByteBuffer.wrap(("data: " + "x".repeat(600_000)).getBytes(UTF_8));

        assertThat(flow.push(half)).isEmpty();
        assertThat(flow.push(half).stream().mapToInt(ByteBuffer::remaining).sum())
                .isEqualTo(1_200_012);
        assertThat(flow.insideEvent()).isTrue();
        assertThat(flow.closing()).isEqualTo("\n\n");
        assertThat(flow.push(half)).hasSize(1);
        String rest = through(flow, List.of(ByteBuffer.wrap(("\n\n" + DONE + "data: z\n\n").getBytes(UTF_8))));
        assertThat(rest).isEqualTo("\n\ndata: z\n\n");
        assertThat(flow.insideEvent()).isFalse();
    }
}
