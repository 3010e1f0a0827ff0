package dev.keyway.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.wire.SseEvent;
import dev.keyway.wire.SseParser;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventTailTest {
    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void all_bytes_come_out_verbatim_and_only_whole_lines_before_the_end(String lineEnd) {
        byte[] stream = Fixtures.text("chat-stream-truncated.sse")
                .replace("\n", lineEnd)
                .getBytes(UTF_8);

        for (List<ByteBuffer> chunks : Fixtures.cuts(stream)) {
            EventTail tail = new EventTail();
            ByteArrayOutputStream relayed = new ByteArrayOutputStream();
            for (ByteBuffer chunk : chunks) {
                tail.push(chunk).forEach(part -> write(part, relayed));
                String soFar = relayed.toString(UTF_8);
                assertThat(soFar.isEmpty() || soFar.endsWith("\n") || soFar.endsWith("\r"))
                        .isTrue();
            }
            write(tail.rest(), relayed);
            assertThat(relayed.toByteArray()).isEqualTo(stream);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void broken_at_any_byte_the_client_sees_whole_events_and_then_the_one_written_last(String lineEnd) {
        byte[] stream = ": hi\n\nevent: a\ndata: 1\ndata: 2\n\ndata: 3\n\ndata: 4\n"
                .replace("\n", lineEnd)
                .getBytes(UTF_8);

        for (int size = 1; size <= 3; size++) {
            for (int broken = 0; broken <= stream.length; broken++) {
                EventTail tail = new EventTail();
                ByteArrayOutputStream relayed = new ByteArrayOutputStream();
                for (ByteBuffer chunk : Fixtures.chunks(Arrays.copyOf(stream, broken), size)) {
                    tail.push(chunk).forEach(part -> write(part, relayed));
                }
                relayed.writeBytes((tail.closing() + "event: error\ndata: over\n\n").getBytes(UTF_8));
                List<String> seen = events(relayed.toByteArray());
                assertThat(seen.get(seen.size() - 1))
                        .describedAs("broken at %d, chunks of %d", broken, size)
                        .isEqualTo("error|over");
                assertThat(seen.subList(0, seen.size() - 1)).isSubsetOf("a|1", "a|1\n2", "message|3", "message|4");
            }
        }
    }

    @Test
    void an_event_is_open_until_its_empty_line() {
        EventTail tail = new EventTail();

        assertThat(tail.insideEvent()).isFalse();
        assertThat(state(tail, "data: a")).isEqualTo("<>false");
        assertThat(state(tail, "b\n")).isEqualTo("<data: ab\n>true");
        assertThat(tail.closing()).isEqualTo("\n");
        assertThat(state(tail, "\n")).isEqualTo("<\n>false");
        assertThat(tail.closing()).isEmpty();
        assertThat(state(tail, "data: c\r")).isEqualTo("<data: c\r>true");
        assertThat(tail.closing()).isEqualTo("\r");
        assertThat(state(tail, "\n")).describedAs("the other half of a CRLF").isEqualTo("<\n>true");
        assertThat(tail.closing()).isEqualTo("\r\n");
        assertThat(state(tail, "\r")).isEqualTo("<\r>false");
        assertThat(state(tail, "\n")).isEqualTo("<\n>false");
        assertThat(state(tail, "\r\n")).isEqualTo("<\r\n>false");
        assertThat(state(tail, "data: d\r\n\r\ndata")).isEqualTo("<data: d\r\n\r\n>false");
        assertThat(state(tail, ": e\n")).isEqualTo("<data: e\n>true");
    }

    @Test
    void slices_share_the_chunks_memory() {
        byte[] chunk = "data: a\n\ndat".getBytes(UTF_8);

        List<ByteBuffer> relayed = new EventTail().push(ByteBuffer.wrap(chunk));

        assertThat(relayed).hasSize(1);
        assertThat(relayed.get(0).array()).isSameAs(chunk);
        assertThat(relayed.get(0).remaining()).isEqualTo(9);
    }

    @Test
    void what_was_given_away_is_not_written_over() {
        EventTail tail = new EventTail();
        tail.push(buffer("data: first"));
        ByteBuffer first = tail.push(buffer("\ndata: other")).get(0);
        tail.push(buffer("\ndata: third"));

        assertThat(UTF_8.decode(first).toString()).isEqualTo("data: first");
    }

    @Test
    void a_line_over_the_limit_is_let_go_as_it_comes() {
        EventTail tail = new EventTail();
        ByteBuffer half = buffer("x".repeat(600_000));

        assertThat(tail.push(half)).isEmpty();
        assertThat(length(tail.push(half))).isEqualTo(1_200_000);
        assertThat(tail.insideEvent()).isTrue();
        assertThat(tail.closing()).isEqualTo("\n\n");
        assertThat(length(tail.push(half))).isEqualTo(600_000);
        assertThat(state(tail, "\n\ndata")).isEqualTo("<\n\n>false");
        assertThat(state(tail, "\n")).isEqualTo("<data\n>true");
    }

    @Test
    void a_huge_tail_in_one_chunk_is_let_go_too() {
        EventTail tail = new EventTail();
        tail.push(buffer("dat"));

        assertThat(length(tail.push(buffer("a: 1\n" + "y".repeat(EventTail.MAX_HELD + 1)))))
                .isEqualTo(3 + 5 + EventTail.MAX_HELD + 1);
        assertThat(tail.insideEvent()).isTrue();
        assertThat(tail.rest().remaining()).isZero();
    }

    @Test
    void hostile_bytes_come_out_verbatim() {
        Random random = new Random(11);
        byte[] alphabet = {'\n', '\r', 'a', ':', ' ', (byte) 0xC3, 0};

        for (int round = 0; round < 3000; round++) {
            byte[] bytes = new byte[random.nextInt(40)];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = alphabet[random.nextInt(alphabet.length)];
            }
            EventTail tail = new EventTail();
            ByteArrayOutputStream relayed = new ByteArrayOutputStream();
            for (ByteBuffer chunk : Fixtures.chunks(bytes, 1 + random.nextInt(6))) {
                tail.push(chunk).forEach(part -> write(part, relayed));
            }
            write(tail.rest(), relayed);
            assertThat(relayed.toByteArray()).isEqualTo(bytes);
        }
    }

    private static String state(EventTail tail, String chunk) {
        ByteArrayOutputStream relayed = new ByteArrayOutputStream();
        tail.push(buffer(chunk)).forEach(part -> write(part, relayed));
        return "<" + relayed.toString(UTF_8) + ">" + tail.insideEvent();
    }

    private static List<String> events(byte[] stream) {
        List<String> events = new ArrayList<>();
        SseParser parser = new SseParser(SseParser.MAX_DATA, new SseParser.Sink() {
            @Override
            public void onEvent(SseEvent event) {
                events.add(event.type() + "|" + new String(event.dataBytes(), UTF_8));
            }
        });
        parser.feed(ByteBuffer.wrap(stream));
        return events;
    }

    private static int length(List<ByteBuffer> parts) {
        return parts.stream().mapToInt(ByteBuffer::remaining).sum();
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static void write(ByteBuffer part, ByteArrayOutputStream to) {
        byte[] copy = new byte[part.remaining()];
        part.duplicate().get(copy);
        to.writeBytes(copy);
    }
}
