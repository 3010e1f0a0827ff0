package dev.keyway.upstream;

import dev.keyway.exchange.Answer;
import dev.keyway.exchange.Api;
import dev.keyway.stream.BrokenEnd;
import dev.keyway.stream.EventFlow;
import dev.keyway.stream.EventSieves;
import dev.keyway.stream.FirstWord;
import dev.keyway.stream.UsageTap;
import dev.keyway.stream.UsageTaps;
import dev.keyway.wire.ErrorCode;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The committed answer as it flows: what of each chunk may go to the client now, and what was read in passing. */
final class AnswerRelay {
    private final Api api;
    private final @Nullable String generationId;
    private final UsageTap tap;
    private final @Nullable EventFlow events;
    /** Whether it must be one JSON document, if it is no stream. */
    private final boolean json;

    private long progress;

    /** @param stripComments whether the client gets no comments of an event stream */
    AnswerRelay(Api api, ResponseHead head, boolean stripComments) {
        this.api = api;
        this.json = api.rewritten() && head.status() == 200 && !head.isCoded();
        this.generationId = head.value("X-Generation-Id");
        this.tap = UsageTaps.of(api, head.contentType());
        this.events = head.isEventStream() && !head.isCoded() ? EventSieves.flow(api, stripComments) : null;
    }

    /** The bytes to write now, in order; they may share the chunk's memory. */
    List<ByteBuffer> take(ByteBuffer chunk) {
        tap.onBytes(chunk);
        return events == null ? List.of(chunk) : events.push(chunk);
    }

    /** Whether the last chunk taken brought more than comments or padding. */
    boolean progressed() {
        long before = progress;
        progress = tap.progress();
        return progress != before;
    }

    /** The answer came to its proper end: what is left to write. */
    List<ByteBuffer> end() {
        tap.onEnd();
        ByteBuffer rest = events == null ? ByteBuffer.allocate(0) : events.rest();
        return rest.hasRemaining() ? List.of(rest) : List.of();
    }

    /**
     * Whether the answer is as whole as its format shows: a stream of an API that marks its end has come to that mark, or
     * at least to a reason for its finish; a JSON document has come to its last brace.
     */
    boolean isWhole() {
        if (events == null) {
            return !json || tap.isWhole();
        }
        return !api.takesTags() || tap.seen().ended() || tap.answer().finishReason() != null;
    }

    /** Whether a stream's last event has come, so that what happens to the connection after it does not matter. */
    boolean isEnded() {
        return events != null && tap.seen().ended();
    }

    /** Whether a comment of our own can stand behind what was relayed: between two events of a stream that goes on. */
    boolean takesComment() {
        return events != null && !events.insideEvent() && !tap.seen().ended();
    }

    /** How to tell the client that the stream broke off; null when the format has no way to say so. */
    byte @Nullable [] brokenEnd(ErrorCode code, String message) {
        return events == null ? null : BrokenEnd.of(api, tap.seen(), events.closing(), code, message);
    }

    /** The error that an event told; null without one. */
    FirstWord.@Nullable Failure failure() {
        return tap.failure();
    }

    Answer answer() {
        Answer said = tap.answer();
        return generationId == null
                ? said
                : new Answer(said.model(), said.provider(), generationId, said.finishReason(), said.usage());
    }
}
