package dev.keyway.stream;

import dev.keyway.exchange.Api;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The sieves there are, and which of them a stream passes. */
public final class EventSieves {
    private static final byte[] DATA = "data:".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] DONE = "[DONE]".getBytes(StandardCharsets.US_ASCII);

    private EventSieves() {}

    /**
     * How the events of one stream flow.
     *
     * @param stripComments {@code strip_comments} of the client: comments are dropped
     */
    public static EventFlow flow(Api api, boolean stripComments) {
        boolean dropDone = api == Api.MESSAGES;
        if (dropDone && stripComments) {
            return new SievedEvents(event -> !isDone(event) && !isComment(event));
        }
        if (dropDone) {
            return new SievedEvents(event -> !isDone(event));
        }
        return stripComments ? new SievedEvents(event -> !isComment(event)) : new EventTail();
    }

    /** OpenRouter ends a stream of messages with the mark of another API, on which Anthropic's SDK throws. */
    private static boolean isDone(ByteBuffer event) {
        boolean done = false;
        int at = event.position();
        while (at < event.limit()) {
            int end = lineEnd(event, at);
            if (startsWith(event, at, end, DATA)) {
                int value = at + DATA.length;
                value += value < end && event.get(value) == ' ' ? 1 : 0;
                if (done || end - value != DONE.length || !startsWith(event, value, end, DONE)) {
                    return false;
                }
                done = true;
            }
            at = end + 1;
        }
        return done;
    }

    private static boolean isComment(ByteBuffer event) {
        boolean comment = false;
        int at = event.position();
        while (at < event.limit()) {
            int end = lineEnd(event, at);
            if (end > at && event.get(at) != ':') {
                return false;
            }
            comment |= end > at;
            at = end + 1;
        }
        return comment;
    }

    private static int lineEnd(ByteBuffer event, int from) {
        int at = from;
        while (at < event.limit() && event.get(at) != '\n' && event.get(at) != '\r') {
            at++;
        }
        return at;
    }

    private static boolean startsWith(ByteBuffer event, int from, int to, byte[] word) {
        if (to - from < word.length) {
            return false;
        }
        for (int i = 0; i < word.length; i++) {
            if (event.get(from + i) != word[i]) {
                return false;
            }
        }
        return true;
    }
}
