package dev.keyway.wire;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SseParserTest {
    private static final String LONG_STREAM = """
            : hello


            data: one

            event: ping
            data: {"t":"è 潮"}

            id: 7
            retry: 10
            data:two
            data:  lines
            data

            : x
            data:

            event: lonely

            datas: no
            data: [DONE]

            event: last
            data: end
            """;

    @Test
    void events_have_their_type_and_joined_data() {
        assertThat(parse(LONG_STREAM.getBytes(UTF_8), 4096))
                .containsExactly(
                        "message|one",
                        "ping|{\"t\":\"è 潮\"}",
                        "message|two\n lines\n",
                        "message|",
                        "message|[DONE]",
                        "last|end");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void any_line_end_and_any_cut_in_two_give_the_same_events(String lineEnd) {
        byte[] stream = ("\uFEFF" + LONG_STREAM.replace("\n", lineEnd)).getBytes(UTF_8);
        List<String> expected = parse(LONG_STREAM.getBytes(UTF_8), 4096);

        for (int cut = 0; cut <= stream.length; cut++) {
            Recorder recorder = new Recorder();
            SseParser parser = new SseParser(SseParser.MAX_DATA, recorder);
            parser.feed(ByteBuffer.wrap(stream, 0, cut));
            parser.feed(ByteBuffer.wrap(stream, cut, stream.length - cut));
            parser.end();
            assertThat(recorder.events).describedAs("cut at %d", cut).isEqualTo(expected);
        }
        assertThat(parse(stream, 1)).isEqualTo(expected);
    }

    @Test
    void any_chunking_of_hostile_bytes_equals_one_chunk() {
        Random random = new Random(7);
        String[] words = {"data", "event", ":", " ", "\n", "\r", "\r\n", "\n\n", "\uFEFF", "è", "\0", "{\"a\":1}", "id"
        };

        for (int round = 0; round < 2000; round++) {
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (int i = 0; i < 40; i++) {
                stream.writeBytes(
                        random.nextInt(8) == 0
                                ? new byte[] {(byte) random.nextInt(256)}
                                : words[random.nextInt(words.length)].getBytes(UTF_8));
            }
            byte[] bytes = stream.toByteArray();
            List<String> expected = parse(bytes, bytes.length);
            assertThat(parse(bytes, 1)).isEqualTo(expected);
            assertThat(parse(bytes, 1 + random.nextInt(9))).isEqualTo(expected);
        }
    }

    @Test
    void a_cut_byte_order_mark_is_skipped_and_a_false_one_is_not() {
        byte[] marked = "\uFEFFdata: a\n\n".getBytes(UTF_8);
        byte[] half = "\u00EF\u00BBdata: a\n\ndata: b\n\n".getBytes(ISO_8859_1);

        assertThat(parse(marked, 1)).containsExactly("message|a");
        assertThat(parse(half, 1)).containsExactly("message|b");
    }

    @Test
    void an_event_over_the_limit_is_passed_on_in_pieces_and_flagged() {
        String data = "0123456789".repeat(3);
        for (int size = 1; size < 40; size++) {
            Recorder recorder = new Recorder();
            SseParser parser = new SseParser(16, recorder);
            byte[] stream = ("data: " + data + "\ndata: x\n\ndata: next\n\n").getBytes(UTF_8);
            feed(parser, stream, size);

            assertThat(recorder.events).containsExactly("message|<oversize>", "message|next");
            assertThat(recorder.excess.toString(UTF_8)).isEqualTo(data + "\nx");
        }
    }

    @Test
    void data_of_exactly_the_limit_are_kept() {
        Recorder recorder = new Recorder();
        feed(
                new SseParser(SseParser.MAX_DATA, recorder),
                ("data:" + "a".repeat(1 << 20) + "\n\n").getBytes(UTF_8),
                999);

        assertThat(recorder.events).containsExactly("message|" + "a".repeat(1 << 20));
        assertThat(recorder.excess.size()).isZero();
    }

    @Test
    void endless_names_and_types_are_cut() {
        byte[] stream = ("x".repeat(100_000) + ": y\nevent: " + "t".repeat(100_000) + "\ndata: a\n\n").getBytes(UTF_8);

        assertThat(parse(stream, 333)).containsExactly("t".repeat(64) + "|a");
    }

    @Test
    void direct_and_read_only_buffers_are_read_without_moving_them() {
        byte[] stream = ("data: " + "z".repeat(20_000) + "\n\n").getBytes(UTF_8);
        ByteBuffer direct = ByteBuffer.allocateDirect(stream.length + 3)
                .position(3)
                .put(stream)
                .position(3);

        for (ByteBuffer chunk : List.of(direct, ByteBuffer.wrap(stream).asReadOnlyBuffer())) {
            int position = chunk.position();
            Recorder recorder = new Recorder();
            new SseParser(SseParser.MAX_DATA, recorder).feed(chunk);

            assertThat(recorder.events).containsExactly("message|" + "z".repeat(20_000));
            assertThat(chunk.position()).isEqualTo(position);
        }
    }

    private static List<String> parse(byte[] stream, int size) {
        Recorder recorder = new Recorder();
        SseParser parser = new SseParser(SseParser.MAX_DATA, recorder);
        feed(parser, stream, Math.max(1, size));
        parser.end();
        return recorder.events;
    }

    private static void feed(SseParser parser, byte[] stream, int size) {
        for (int at = 0; at < stream.length; at += size) {
            parser.feed(ByteBuffer.wrap(stream, at, Math.min(size, stream.length - at)));
        }
    }

    private static final class Recorder implements SseParser.Sink {
        private final List<String> events = new ArrayList<>();
        private final ByteArrayOutputStream excess = new ByteArrayOutputStream();

        @Override
        public void onEvent(SseEvent event) {
            String data = new String(event.dataBytes(), UTF_8);
            events.add(event.type() + "|" + (event.oversize() ? "<oversize>" : data));
            assertThat(event.isDone()).isEqualTo(data.equals("[DONE]"));
        }

        @Override
        public void onExcess(byte[] data, int from, int to) {
            excess.write(data, from, to - from);
        }
    }
}
