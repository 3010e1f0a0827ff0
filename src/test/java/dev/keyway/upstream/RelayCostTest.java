package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.sun.management.ThreadMXBean;
import dev.keyway.exchange.Api;
import dev.keyway.exchange.Header;
import dev.keyway.wire.JsonBody;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.eclipse.jetty.io.Content;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What passes by is not copied: memory taken is counted by the JVM, for this thread. */
class RelayCostTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int ROUNDS = 3000;
    private static final int LARGE = 20 * 1024 * 1024;

    @ParameterizedTest
    @EnumSource(names = {"CHAT", "COMPLETIONS", "RESPONSES"})
    void an_ordinary_event_takes_no_memory_that_grows_with_it(Api api) {
        double small = bytesPerEvent(api, 200);
        double large = bytesPerEvent(api, 20_000);

        assertThat(large - small)
                .describedAs("%.0f and %.0f bytes", small, large)
                .isLessThan(200);
    }

    private static double bytesPerEvent(Api api, int text) {
        ResponseHead head = new ResponseHead(200, List.of(new Header("Content-Type", "text/event-stream")));
        AnswerRelay relay = new AnswerRelay(api, head, false);
        ByteBuffer event =
                ByteBuffer.wrap(("data: {\"id\":\"gen-1\",\"model\":\"m\",\"type\":\"response.output_text.delta\","
                                + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + "a".repeat(text)
                                + "\"}}]}\n\n")
                        .getBytes(StandardCharsets.US_ASCII));
        pass(relay, event);
        long before = THREADS.getCurrentThreadAllocatedBytes();
        int slices = pass(relay, event);
        double bytes = (double) (THREADS.getCurrentThreadAllocatedBytes() - before) / ROUNDS;
        assertThat(slices).isEqualTo(ROUNDS);
        return bytes;
    }

    private static int pass(AnswerRelay relay, ByteBuffer event) {
        int slices = 0;
        for (int i = 0; i < ROUNDS; i++) {
            slices += relay.take(event).size();
        }
        return slices;
    }

    @Test
    void a_large_body_is_rewritten_and_cut_into_pieces_without_a_copy_of_it() {
        byte[] bytes = ("{\"model\":\"a$fp8\",\"image\":\"" + "QUJD".repeat(LARGE / 4) + "\"}")
                .getBytes(StandardCharsets.US_ASCII);
        rewritten(bytes);

        long before = THREADS.getCurrentThreadAllocatedBytes();
        long length = rewritten(bytes);
        long taken = THREADS.getCurrentThreadAllocatedBytes() - before;

        assertThat(length).isGreaterThan(LARGE);
        assertThat(taken).isLessThan(LARGE / 20);
    }

    private static long rewritten(byte[] bytes) {
        JsonBody usage = JsonBody.EMPTY.with("include", BooleanNode.TRUE);
        JsonBody body =
                JsonBody.parse(bytes).with("model", TextNode.valueOf("a")).with("usage", usage.asValue());
        JsonContent content = new JsonContent(body.slices());
        long length = 0;
        for (Content.Chunk piece = content.read(); piece != null; piece = piece.isLast() ? null : content.read()) {
            length += piece.remaining();
        }
        return length;
    }
}
