package dev.keyway.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Api;
import dev.keyway.exchange.Usage;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.Objects;
import org.junit.jupiter.api.Test;

/** Answers far larger than what may be held, through everything that reads along. */
class ConstantMemoryTest {
    private static final long MIB = 1 << 20;
    private static final long MAX_RETAINED = 16 * MIB;

    @Test
    void a_stream_of_a_gigabyte_leaves_nothing_behind() {
        String event =
                "data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"created\":1795100400,\"model\":\"m\","
                        + "\"provider\":\"P\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"some words "
                        + "of an answer\"},\"finish_reason\":null,\"native_finish_reason\":null}]}\n\n";
        // 16 KiB that end within an event, so that the tail holds something each time.
        String events = event.repeat(70);
        ByteBuffer chunk = buffer(events.substring(40) + events.substring(0, 40));
        Reader reader = new Reader("text/event-stream");
        long before = retained();

        reader.read(buffer(events.substring(0, 40)));
        reader.repeat(chunk, 1024 * MIB);
        reader.read(buffer(event.substring(40)));
        reader.read(buffer(
                "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,\"cost\":0.3}}\n\n"));

        assertThat(retained() - before).isLessThan(MAX_RETAINED);
        assertThat(reader.relayed + reader.tail.rest().remaining()).isEqualTo(reader.sent);
        assertThat(reader.usage()).isEqualTo(new Usage(1, 0, 0, 2, 0, new BigDecimal("0.3")));
    }

    @Test
    void a_whole_answer_of_200_megabytes_leaves_nothing_behind() {
        Reader reader = new Reader("application/json");
        long before = retained();

        reader.read(buffer("\n     \n{\"id\":\"gen-1\",\"choices\":[{\"message\":{\"images\":[\""));
        reader.repeat(buffer("QUFB".repeat(4096)), 200 * MIB);
        reader.read(buffer("\"]},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1,\"completion_tokens\":2,"
                + "\"cost\":0.3}}"));

        assertThat(retained() - before).isLessThan(MAX_RETAINED);
        assertThat(reader.usage()).isEqualTo(new Usage(1, 0, 0, 2, 0, new BigDecimal("0.3")));
    }

    @Test
    void a_line_without_an_end_and_an_event_without_an_end_leave_nothing_behind() {
        Reader line = new Reader("text/event-stream");
        Reader lines = new Reader("text/event-stream");
        long before = retained();

        line.read(buffer("data: {\"id\":\""));
        line.repeat(buffer("QUFB".repeat(4096)), 64 * MIB);
        lines.repeat(buffer("data: {\"usage\":[\n".repeat(1000)), 64 * MIB);

        assertThat(retained() - before).isLessThan(MAX_RETAINED);
        assertThat(line.tail.insideEvent()).isTrue();
        assertThat(lines.tail.insideEvent()).isTrue();
    }

    private static long retained() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    private static final class Reader {
        private final AnswerProbe probe;
        private final UsageTap tap;
        private final EventTail tail = new EventTail();
        private long sent;
        private long relayed;

        Reader(String contentType) {
            probe = AnswerProbes.of(contentType);
            tap = UsageTaps.of(Api.CHAT, contentType);
        }

        void read(ByteBuffer chunk) {
            probe.feed(chunk);
            tap.onBytes(chunk);
            sent += chunk.remaining();
            for (ByteBuffer part : tail.push(chunk)) {
                relayed += part.remaining();
            }
        }

        void repeat(ByteBuffer chunk, long bytes) {
            for (long done = 0; done < bytes; done += chunk.remaining()) {
                read(chunk);
            }
        }

        Usage usage() {
            return Objects.requireNonNull(tap.answer().usage());
        }
    }
}
