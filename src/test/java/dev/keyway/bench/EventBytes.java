package dev.keyway.bench;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The bytes of one event in the form of a chunk of an answer of OpenRouter, with a place for the time. For one thread. */
final class EventBytes {
    /** As many digits as {@link Long#MAX_VALUE} has. */
    static final int DIGITS = 19;

    /** Stands nowhere else in what the upstream sends. */
    static final byte MARK = '@';

    private static final String EVENT =
            "data: {\"id\":\"gen-1763650000-BenchBenchBenchBench\",\"provider\":\"Fireworks\","
                    + "\"model\":\"deepseek/deepseek-r1\",\"object\":\"chat.completion.chunk\",\"created\":1763650000,"
                    + "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"@0000000000000000000\"},"
                    + "\"finish_reason\":null,\"native_finish_reason\":null,\"logprobs\":null}]}";

    private static final String HEAD = String.join(
            "\r\n",
            "HTTP/1.1 200 OK",
            "Content-Type: text/event-stream",
            "Cache-Control: no-cache",
            "Transfer-Encoding: chunked",
            "",
            "");

    private final byte[] chunk =
            (Integer.toHexString(EVENT.length() + 2) + "\r\n" + EVENT + "\n\n\r\n").getBytes(StandardCharsets.US_ASCII);
    private final int place = new String(chunk, StandardCharsets.US_ASCII).indexOf(MARK) + 1;
    private final byte[] head = HEAD.getBytes(StandardCharsets.US_ASCII);
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(head.length + chunk.length);

    /** The head of the answer and its first event; valid until the next call. */
    ByteBuffer first(long nanos) {
        stamp(nanos);
        return buffer.clear().put(head).put(chunk).flip();
    }

    /** One more event; valid until the next call. */
    ByteBuffer next(long nanos) {
        stamp(nanos);
        return buffer.clear().put(chunk).flip();
    }

    private void stamp(long nanos) {
        long rest = nanos;
        for (int i = DIGITS - 1; i >= 0; i--) {
            chunk[place + i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
