package dev.keyway.wire;

import java.nio.ByteBuffer;

/**
 * One complete server-sent event that had data.
 *
 * @param type the {@code event:} line's value, cut after 64 bytes; {@code message} without one
 * @param data the {@code data:} lines, joined by line feeds; a view that is good only until the sink's call returns,
 *     always backed by an array; empty when {@code oversize}
 * @param oversize the data were longer than the parser's limit and went to {@link SseParser.Sink#onExcess}
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">server-sent events</a>
 */
public record SseEvent(String type, ByteBuffer data, boolean oversize) {
    /** The type of an event without an {@code event:} line. */
    public static final String DEFAULT_TYPE = "message";

    private static final ByteBuffer DONE = ByteBuffer.wrap(new byte[] {'[', 'D', 'O', 'N', 'E', ']'});

    /** Whether this is the {@code [DONE]} that ends a stream. */
    public boolean isDone() {
        return data.equals(DONE);
    }

    /** The data as an array of its own. */
    public byte[] dataBytes() {
        byte[] copy = new byte[data.remaining()];
        data.get(data.position(), copy);
        return copy;
    }
}
