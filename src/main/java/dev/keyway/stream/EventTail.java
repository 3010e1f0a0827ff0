package dev.keyway.stream;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Keeps the unfinished last line of an event stream back, so that the client is never left in the middle of a line when
 * the upstream breaks off. All bytes come out verbatim and in order.
 *
 * <p>The line that is held is a copy of at most 1 MiB; a longer one is let go as it comes. Where a CR is the last byte
 * that came it counts as a line's end and goes out at once, and a LF that follows it belongs to it. Not thread-safe.
 */
public final class EventTail implements EventFlow {
    private static final int FIRST_BUFFER = 256;
    private static final byte[] NOTHING = {};

    private byte[] held = NOTHING;
    private int heldLength;
    private LineEnd last = LineEnd.NONE;
    private boolean insideEvent;
    private boolean lineLetGo;

    private enum LineEnd {
        NONE(""),
        LF("\n"),
        CR("\r"),
        CRLF("\r\n");

        private final String text;

        LineEnd(String text) {
            this.text = text;
        }
    }

    /** Gives slices of the chunk, before them the line that was held and is finished now. */
    @Override
    public List<ByteBuffer> push(ByteBuffer chunk) {
        int lineEnd = lastLineEnd(chunk);
        if (lineEnd < chunk.position()) {
            return withoutLineEnd(chunk);
        }
        note(chunk, lineEnd);
        lineLetGo = chunk.limit() - lineEnd - 1 > MAX_HELD;
        if (lineLetGo) {
            return afterHeld(chunk.slice());
        }
        List<ByteBuffer> lines = afterHeld(chunk.slice(chunk.position(), lineEnd + 1 - chunk.position()));
        hold(chunk, lineEnd + 1);
        return lines;
    }

    @Override
    public ByteBuffer rest() {
        ByteBuffer line = ByteBuffer.wrap(held, 0, heldLength);
        held = NOTHING;
        heldLength = 0;
        return line;
    }

    @Override
    public boolean insideEvent() {
        return insideEvent || lineLetGo;
    }

    /**
     * What closes the event that was relayed in part: an empty line, with the line end the stream itself used last, so
     * that a lone CR and our LF can't melt into one; nothing when no event is open.
     */
    @Override
    public String closing() {
        if (lineLetGo) {
            return "\n\n";
        }
        return insideEvent ? last.text : "";
    }

    private static int lastLineEnd(ByteBuffer chunk) {
        int at = chunk.limit() - 1;
        while (at >= chunk.position() && chunk.get(at) != '\n' && chunk.get(at) != '\r') {
            at--;
        }
        return at;
    }

    private void note(ByteBuffer chunk, int lineEnd) {
        int start = chunk.position();
        boolean lineBegun = heldLength > 0 || lineLetGo;
        boolean afterCr = last == LineEnd.CR && !lineBegun;
        int ending = lineEnd;
        if (chunk.get(lineEnd) == '\r') {
            last = LineEnd.CR;
        } else if (lineEnd > start && chunk.get(lineEnd - 1) == '\r') {
            last = LineEnd.CRLF;
            ending = lineEnd - 1;
        } else if (lineEnd == start && afterCr) {
            last = LineEnd.CRLF;
            return;
        } else {
            last = LineEnd.LF;
        }
        boolean blank = ending > start ? isLineEnd(chunk.get(ending - 1)) : !lineBegun;
        insideEvent = !blank;
    }

    private static boolean isLineEnd(byte b) {
        return b == '\n' || b == '\r';
    }

    private List<ByteBuffer> withoutLineEnd(ByteBuffer chunk) {
        if (!chunk.hasRemaining()) {
            return List.of();
        }
        if (lineLetGo) {
            return List.of(chunk.slice());
        }
        if (chunk.remaining() > MAX_HELD - heldLength) {
            lineLetGo = true;
            return afterHeld(chunk.slice());
        }
        hold(chunk, chunk.position());
        return List.of();
    }

    private List<ByteBuffer> afterHeld(ByteBuffer bytes) {
        return heldLength == 0 ? List.of(bytes) : List.of(rest(), bytes);
    }

    private void hold(ByteBuffer chunk, int from) {
        int size = chunk.limit() - from;
        if (size == 0) {
            return;
        }
        if (size > held.length - heldLength) {
            int wanted = Math.max(heldLength + size, Math.max(FIRST_BUFFER, 2 * held.length));
            held = Arrays.copyOf(held, Math.min(MAX_HELD, wanted));
        }
        chunk.get(from, held, heldLength, size);
        heldLength += size;
    }
}
