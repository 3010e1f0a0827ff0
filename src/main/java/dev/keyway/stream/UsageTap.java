package dev.keyway.stream;

import dev.keyway.exchange.Answer;
import dev.keyway.exchange.Api;
import dev.keyway.stream.Opening.Form;
import dev.keyway.wire.ChunkBytes;
import dev.keyway.wire.SseEvent;
import dev.keyway.wire.SseParser;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads model, provider, ids, finish reason, usage and cost from an answer as it flows past, an event stream or one
 * JSON document of any size; anything else is let by unread. It holds one event of at most 1 MiB; a longer one, like a
 * whole answer, is read without being held. Not thread-safe.
 */
public final class UsageTap implements Tap {
    private final Opening opening;
    private final AnswerScan scan;
    private final EventHints hints = new EventHints();
    private final SseParser events = new SseParser(SseParser.MAX_DATA, new Events());
    private final ChunkBytes chunks = new ChunkBytes();
    private @Nullable Form form;
    private FirstWord.@Nullable Failure failure;
    private long progress;

    UsageTap(Api api, @Nullable String contentType) {
        opening = new Opening(contentType);
        scan = new AnswerScan(api);
    }

    @Override
    public void onBytes(ByteBuffer chunk) {
        chunks.each(chunk, this::read);
    }

    @Override
    public void onEnd() {
        if (form == Form.EVENTS) {
            events.end();
        }
    }

    /** What is known so far; complete after {@link #onEnd}. */
    public Answer answer() {
        return scan.answer();
    }

    /** The ids seen so far, for an event that ends a broken stream. */
    public SeenIds seen() {
        return scan.seen(form == Form.JSON ? scan.whole() : scan.ended());
    }

    /** Whether a JSON answer has come to its last brace; nothing but padding is none, and of another form all is whole. */
    public boolean isWhole() {
        return form == Form.JSON ? scan.whole() : form != null;
    }

    /**
     * Whether the answer said that it failed: a member {@code error} that is an object or a string, in it or in one of
     * its choices, the finish reason {@code error}, an error event, a response that {@code failed}.
     */
    public boolean sawError() {
        return scan.sawError();
    }

    /** The error that an event of a stream told, the first one; null without one, and of any other answer. */
    public FirstWord.@Nullable Failure failure() {
        return failure;
    }

    /**
     * A number that grows with each event that has data, or with each chunk of another answer: what a clock for silence
     * looks at. Comments and padding leave it.
     */
    public long progress() {
        return progress;
    }

    private void read(byte[] bytes, int from, int to) {
        int at = from;
        if (form == null) {
            at = opening.skip(bytes, from, to);
            if (at == to) {
                return;
            }
            form = opening.form(bytes[at]);
        }
        if (form == Form.EVENTS) {
            events.feed(bytes, at, to);
            return;
        }
        progress++;
        if (form == Form.JSON && !scan.whole()) {
            scan.feed(bytes, at, to);
        }
    }

    private final class Events implements SseParser.Sink {
        private boolean excess;
        /** The first error was looked at, whatever it was. */
        private boolean told;

        @Override
        public void onEvent(SseEvent event) {
            progress++;
            if (event.type().equals("error")) {
                scan.markError();
            }
            if (event.isDone()) {
                scan.markEnded();
            } else if (!event.oversize()) {
                read(event.data());
            }
            if (scan.sawError() && !told) {
                told = true;
                failure = event.oversize() ? null : ErrorInside.ofLateEvent(event.type(), event.dataBytes());
            }
            excess = false;
        }

        private void read(ByteBuffer data) {
            int from = data.arrayOffset() + data.position();
            int to = from + data.remaining();
            boolean worth = hints.worth(data.array(), from, to);
            scan.sequence(hints.sequenceNumber());
            if (worth || scan.wantsIds()) {
                scan.begin();
                scan.feed(data.array(), from, to);
            }
        }

        @Override
        public void onExcess(byte[] data, int from, int to) {
            if (!excess) {
                excess = true;
                scan.begin();
            }
            scan.feed(data, from, to);
        }
    }
}
