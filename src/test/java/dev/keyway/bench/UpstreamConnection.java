package dev.keyway.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/** One connection to the {@link LoadUpstream}: reads requests, answers them. */
final class UpstreamConnection {
    private static final int MAX_HEAD = 16 * 1024;
    private static final byte[] ANSWER = answer();

    private final SocketChannel channel;
    private final SelectionKey key;
    private final ByteBuffer answer = ByteBuffer.wrap(ANSWER);
    private byte[] head = new byte[1024];
    private int headLength;
    private long bodyLeft;
    private boolean inBody;
    private long intervalNanos;
    private long nextNanos;
    private ByteBuffer unsent = ByteBuffer.allocate(0);

    UpstreamConnection(SocketChannel channel, SelectionKey key) {
        this.channel = channel;
        this.key = key;
    }

    private static byte[] answer() {
        String text = "x".repeat(560);
        String json = "{\"id\":\"gen-1763650000-BenchBenchBenchBench\",\"provider\":\"Fireworks\","
                + "\"model\":\"deepseek/deepseek-r1\",\"object\":\"chat.completion\",\"created\":1763650000,"
                + "\"choices\":[{\"logprobs\":null,\"finish_reason\":\"stop\",\"native_finish_reason\":\"stop\","
                + "\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"" + text + "\",\"refusal\":null}}],"
                + "\"usage\":{\"prompt_tokens\":210,\"completion_tokens\":140,\"total_tokens\":350,\"cost\":0.00041,"
                + "\"cost_details\":{\"upstream_inference_cost\":null},"
                + "\"prompt_tokens_details\":{\"cached_tokens\":0}}}";
        String head =
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + json.length() + "\r\n\r\n";
        return (head + json).getBytes(StandardCharsets.US_ASCII);
    }

    SocketChannel channel() {
        return channel;
    }

    /** When the next event is due. */
    long nextNanos() {
        return nextNanos;
    }

    /** Takes bytes of a request and answers it when it is whole; whether a stream of events must begin. */
    boolean take(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (!inBody && !takeHead(bytes)) {
                return false;
            }
            int taken = (int) Math.min(bodyLeft, bytes.remaining());
            bytes.position(bytes.position() + taken);
            bodyLeft -= taken;
            if (bodyLeft > 0) {
                return false;
            }
            inBody = false;
            headLength = 0;
            if (intervalNanos > 0) {
                return true;
            }
            send(answer.clear());
        }
        return false;
    }

    private boolean takeHead(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            byte next = bytes.get();
            if (headLength == head.length) {
                if (headLength == MAX_HEAD) {
                    throw new IOException("head over " + MAX_HEAD + " bytes");
                }
                head = Arrays.copyOf(head, 2 * headLength);
            }
            head[headLength++] = next;
            if (next == '\n' && headLength >= 4 && head[headLength - 3] == '\n') {
                readHead(new String(head, 0, headLength, StandardCharsets.ISO_8859_1));
                return true;
            }
        }
        return false;
    }

    private void readHead(String text) throws IOException {
        long length = number(text, "content-length: ");
        if (length < 0) {
            throw new IOException("a request without Content-Length");
        }
        bodyLeft = length;
        inBody = true;
        intervalNanos = Math.max(0, number(text, "x-bench-interval: ")) * 1_000_000;
    }

    private static long number(String head, String name) {
        for (int line = head.indexOf('\n') + 1; line > 0; line = head.indexOf('\n', line) + 1) {
            if (head.regionMatches(true, line, name, 0, name.length())) {
                int end = head.indexOf('\r', line);
                return Long.parseLong(head.substring(line + name.length(), end).toLowerCase(Locale.ROOT));
            }
        }
        return -1;
    }

    /** Sends the head of a stream and its first event. */
    void begin(EventBytes events, long now) throws IOException {
        send(events.first(now));
        nextNanos = now + intervalNanos;
    }

    void sendEvent(EventBytes events, long now) throws IOException {
        // Who does not keep up misses events: what waits would be measured as the server's delay.
        if (!unsent.hasRemaining()) {
            send(events.next(now));
        }
        nextNanos += intervalNanos;
    }

    private void send(ByteBuffer bytes) throws IOException {
        channel.write(bytes);
        if (bytes.hasRemaining()) {
            unsent = ByteBuffer.allocate(bytes.remaining()).put(bytes).flip();
            key.interestOps(SelectionKey.OP_READ | SelectionKey.OP_WRITE);
        }
    }

    void onWritable() throws IOException {
        channel.write(unsent);
        if (!unsent.hasRemaining()) {
            key.interestOps(SelectionKey.OP_READ);
        }
    }
}
