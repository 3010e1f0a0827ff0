package dev.keyway.inference;

import dev.keyway.exchange.Header;
import dev.keyway.upstream.ClientSide;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import dev.keyway.wire.SseEvent;
import dev.keyway.wire.SseParser;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Stands between a run and the client of an inference route and gives what OpenRouter says the shape that this route has:
 * whole answers and errors once they are whole, streams event by event. What is no chat passes as it is, and so does a
 * whole answer over the limit.
 */
final class InferenceAnswer implements ClientSide {
    private static final byte[] DATA = AnswerShape.utf8("data: ");
    private static final byte[] END_OF_EVENT = AnswerShape.utf8("\n\n");
    private static final byte[] NEXT_LINE = AnswerShape.utf8("\ndata: ");
    private static final byte[] COMMENT = AnswerShape.utf8(": keep-alive\n\n");
    private static final String DONE = "[DONE]";

    private final ClientSide client;
    private final String requestId;
    private final long maxAnswer;
    private Shaping shaping = new AsItIs();

    /** @param maxAnswer bytes of a whole answer that are held to be shaped */
    InferenceAnswer(ClientSide client, String requestId, long maxAnswer) {
        this.client = client;
        this.requestId = requestId;
        this.maxAnswer = maxAnswer;
    }

    /** What is done to the content of the answer that has begun. */
    private interface Shaping {
        void content(ByteBuffer bytes, Runnable after);

        void end(Runnable done);

        /** Whether the client has been told nothing yet, so that an error can still stand in its place. */
        default boolean holdsAll() {
            return false;
        }
    }

    @Override
    public int lane() {
        return client.lane();
    }

    @Override
    public void head(int status, List<Header> headers, boolean atOnce) {
        if (status == 200 && atOnce) {
            shaping = new Events();
            client.head(status, headers, true);
        } else if (status == 200 || status >= 400) {
            shaping = new Held(status, headers);
        } else {
            client.head(status, headers, atOnce);
        }
    }

    @Override
    public void content(ByteBuffer bytes, Runnable after) {
        shaping.content(bytes, after);
    }

    @Override
    public void end(Runnable done) {
        shaping.end(done);
    }

    @Override
    public void refuse(ApiException error, List<Header> headers, Runnable done) {
        client.refuse(error, headers, done);
    }

    @Override
    public void tear() {
        if (shaping.holdsAll()) {
            client.refuse(
                    new ApiException(ErrorCode.UPSTREAM, "The upstream broke its answer off"), List.of(), () -> {});
        } else {
            client.tear();
        }
    }

    private final class AsItIs implements Shaping {
        @Override
        public void content(ByteBuffer bytes, Runnable after) {
            client.content(bytes, after);
        }

        @Override
        public void end(Runnable done) {
            client.end(done);
        }
    }

    private final class Held implements Shaping {
        private final int status;
        private final List<Header> headers;
        private final ByteArrayOutputStream held = new ByteArrayOutputStream();

        Held(int status, List<Header> headers) {
            this.status = status;
            this.headers = headers;
        }

        @Override
        public boolean holdsAll() {
            return true;
        }

        @Override
        public void content(ByteBuffer bytes, Runnable after) {
            byte[] piece = copy(bytes);
            held.writeBytes(piece);
            if (held.size() <= maxAnswer) {
                after.run();
                return;
            }
            shaping = new AsItIs();
            client.head(status, headers, false);
            client.content(ByteBuffer.wrap(held.toByteArray()), after);
        }

        @Override
        public void end(Runnable done) {
            byte[] body = held.toByteArray();
            byte[] shaped = status == 200 ? AnswerShape.whole(body) : AnswerShape.error(status, body, requestId);
            List<Header> fields = new ArrayList<>(headers);
            if (shaped != null) {
                fields.removeIf(field -> field.is("Content-Length") || field.is("Content-Type") || field.is("ETag"));
                fields.add(new Header("Content-Type", "application/json"));
                fields.add(new Header("Content-Length", Integer.toString(shaped.length)));
            }
            client.head(status, fields, false);
            client.content(ByteBuffer.wrap(shaped == null ? body : shaped), () -> {});
            client.end(done);
        }
    }

    private final class Events implements Shaping, SseParser.Sink {
        private final SseParser parser = new SseParser(SseParser.MAX_DATA, this);
        private ByteArrayOutputStream out = new ByteArrayOutputStream();
        private boolean excess;
        private @Nullable JsonBody last;
        private @Nullable JsonValue usage;

        @Override
        public void content(ByteBuffer bytes, Runnable after) {
            parser.feed(bytes);
            flush(after);
        }

        private void flush(Runnable after) {
            if (out.size() == 0) {
                after.run();
                return;
            }
            byte[] shaped = out.toByteArray();
            out = new ByteArrayOutputStream();
            client.content(ByteBuffer.wrap(shaped), after);
        }

        @Override
        public void onEvent(SseEvent event) {
            if (event.oversize()) {
                out.writeBytes(END_OF_EVENT);
                excess = false;
                return;
            }
            byte[] data = copy(event.data());
            if (isDone(data)) {
                tellUsage();
                write(data);
                return;
            }
            AnswerShape.Chunk chunk = AnswerShape.chunk(data);
            JsonBody shaped = chunk.event();
            if (shaped == null) {
                write(data);
                return;
            }
            last = shaped;
            usage = chunk.usage() == null ? usage : chunk.usage();
            if (chunk.says() || chunk.usage() == null) {
                write(AnswerShape.bytes(shaped));
            }
        }

        private void tellUsage() {
            JsonBody like = last;
            JsonValue told = usage;
            if (like != null && told != null) {
                usage = null;
                write(AnswerShape.usage(like, told));
            }
        }

        @Override
        public void onComment() {
            out.writeBytes(COMMENT);
        }

        @Override
        public void onExcess(byte[] data, int from, int to) {
            if (!excess) {
                excess = true;
                out.writeBytes(DATA);
            }
            int begin = from;
            for (int i = from; i < to; i++) {
                if (data[i] == '\n') {
                    out.write(data, begin, i - begin);
                    out.writeBytes(NEXT_LINE);
                    begin = i + 1;
                }
            }
            out.write(data, begin, to - begin);
        }

        private void write(byte[] data) {
            onExcess(data, 0, data.length);
            out.writeBytes(END_OF_EVENT);
            excess = false;
        }

        @Override
        public void end(Runnable done) {
            parser.end();
            tellUsage();
            flush(() -> {});
            client.end(done);
        }
    }

    private static boolean isDone(byte[] data) {
        return data.length == DONE.length()
                && new String(data, java.nio.charset.StandardCharsets.US_ASCII).equals(DONE);
    }

    private static byte[] copy(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return copy;
    }
}
