package dev.keyway.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Reads server-sent events from bytes that come in chunks of any size; line ends LF, CR and CRLF, a byte order mark,
 * comments and characters may be cut anywhere. It takes any bytes and never throws.
 *
 * <p>It holds the data of one event up to its limit; the data of a longer event are passed on in pieces and not kept.
 * Not thread-safe.
 *
 * @see <a href="https://html.spec.whatwg.org/multipage/server-sent-events.html">server-sent events</a>
 */
public final class SseParser {
    /** The usual limit for the data of one event, 1 MiB. */
    public static final int MAX_DATA = 1 << 20;

    private static final byte[] DATA_FIELD = {'d', 'a', 't', 'a'};
    private static final byte[] EVENT_FIELD = {'e', 'v', 'e', 'n', 't'};
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};
    private static final byte[] LINE_FEED = {'\n'};
    private static final int MAX_NAME = 6;
    private static final int MAX_TYPE = 64;
    private static final int FIRST_BUFFER = 1024;
    private static final int KEPT_BUFFER = 64 * 1024;

    private final Sink sink;
    private final int limit;
    private final ChunkBytes chunks = new ChunkBytes();
    private final byte[] name = new byte[MAX_NAME];
    private final byte[] type = new byte[MAX_TYPE];
    private Place place = Place.FIELD;
    private int nameLength;
    private int typeLength;
    private boolean firstLine = true;
    private boolean afterCr;
    private boolean valueStart;
    private boolean comment;
    private byte[] data = new byte[FIRST_BUFFER];
    private int length;
    private boolean hasData;
    private boolean oversize;
    private String lastType = SseEvent.DEFAULT_TYPE;
    private byte[] lastTypeBytes = {};

    private enum Place {
        FIELD,
        DATA,
        TYPE,
        IGNORED
    }

    /** Told about events as they complete. */
    public interface Sink {
        void onEvent(SseEvent event);

        /** A comment line. */
        default void onComment() {}

        /**
         * A piece of the data of an event that is over the limit: first all that had been held, then each further
         * piece, at last {@link #onEvent} with {@link SseEvent#oversize}.
         */
        default void onExcess(byte[] data, int from, int to) {}
    }

    /** @param limit how many bytes of data of one event are held */
    public SseParser(int limit, Sink sink) {
        this.limit = limit;
        this.sink = sink;
    }

    /** The next bytes; the buffer's position stays. */
    public void feed(ByteBuffer chunk) {
        chunks.each(chunk, this::feed);
    }

    /** The next bytes, from {@code from} up to but without {@code to}; the array is not kept. */
    public void feed(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            if (afterCr) {
                afterCr = false;
                if (bytes[at] == '\n') {
                    at++;
                    continue;
                }
            }
            at = place == Place.FIELD ? field(bytes, at, to) : value(bytes, at, to);
        }
    }

    /** The stream ended: an event that only misses its empty line is told too. */
    public void end() {
        if (place != Place.FIELD || nameLength > 0) {
            endLine((byte) '\n');
        }
        dispatch();
    }

    private int field(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            byte b = bytes[at];
            if (b == ':') {
                beginValue();
                return at + 1;
            }
            if (b == '\n' || b == '\r') {
                endLine(b);
                return at + 1;
            }
            name[nameLength++] = b;
            if (nameLength == MAX_NAME) {
                place = Place.IGNORED;
                return at + 1;
            }
            if (firstLine && isName(BYTE_ORDER_MARK)) {
                firstLine = false;
                nameLength = 0;
            }
        }
        return to;
    }

    private void beginValue() {
        valueStart = true;
        if (isName(DATA_FIELD)) {
            place = Place.DATA;
            if (hasData) {
                append(LINE_FEED, 0, 1);
            }
            hasData = true;
        } else if (isName(EVENT_FIELD)) {
            place = Place.TYPE;
            typeLength = 0;
        } else {
            place = Place.IGNORED;
            comment = nameLength == 0;
        }
    }

    private boolean isName(byte[] field) {
        return Arrays.equals(name, 0, nameLength, field, 0, field.length);
    }

    private int value(byte[] bytes, int from, int to) {
        int start = valueStart && bytes[from] == ' ' ? from + 1 : from;
        valueStart = false;
        int at = start;
        while (at < to && !isLineEnd(bytes[at])) {
            at++;
        }
        if (at > start) {
            take(bytes, start, at);
        }
        if (at == to) {
            return to;
        }
        endLine(bytes[at]);
        return at + 1;
    }

    private static boolean isLineEnd(byte b) {
        return b <= '\r' && (b == '\n' || b == '\r');
    }

    private void take(byte[] bytes, int from, int to) {
        if (place == Place.DATA) {
            append(bytes, from, to);
        } else if (place == Place.TYPE) {
            int fits = Math.min(to - from, MAX_TYPE - typeLength);
            System.arraycopy(bytes, from, type, typeLength, fits);
            typeLength += fits;
        }
    }

    private void append(byte[] bytes, int from, int to) {
        int size = to - from;
        if (!oversize && size > limit - length) {
            oversize = true;
            sink.onExcess(data, 0, length);
            length = 0;
        }
        if (oversize) {
            sink.onExcess(bytes, from, to);
            return;
        }
        if (size > data.length - length) {
            data = Arrays.copyOf(data, Math.min(limit, Math.max(2 * data.length, length + size)));
        }
        System.arraycopy(bytes, from, data, length, size);
        length += size;
    }

    private void endLine(byte end) {
        afterCr = end == '\r';
        if (place == Place.FIELD) {
            if (nameLength == 0) {
                dispatch();
            } else {
                beginValue();
            }
        }
        place = Place.FIELD;
        nameLength = 0;
        firstLine = false;
        if (comment) {
            comment = false;
            sink.onComment();
        }
    }

    private void dispatch() {
        if (hasData) {
            sink.onEvent(new SseEvent(typeName(), ByteBuffer.wrap(data, 0, length), oversize));
        }
        hasData = false;
        oversize = false;
        length = 0;
        typeLength = 0;
        if (data.length > KEPT_BUFFER) {
            data = new byte[FIRST_BUFFER];
        }
    }

    private String typeName() {
        if (typeLength == 0) {
            return SseEvent.DEFAULT_TYPE;
        }
        if (!Arrays.equals(type, 0, typeLength, lastTypeBytes, 0, lastTypeBytes.length)) {
            lastTypeBytes = Arrays.copyOf(type, typeLength);
            lastType = new String(lastTypeBytes, StandardCharsets.UTF_8);
        }
        return lastType;
    }
}
