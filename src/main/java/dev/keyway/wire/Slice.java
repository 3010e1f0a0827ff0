package dev.keyway.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A stretch of an array that nobody writes to any more.
 *
 * @param from index of the first byte
 * @param to index behind the last one
 */
@SuppressWarnings("ArrayRecordComponent") // a view of shared bytes; slices are never compared
record Slice(byte[] array, int from, int to) {
    static final Slice EMPTY = of("");
    static final Slice COMMA = of(",");

    static Slice of(String ascii) {
        return of(ascii.getBytes(StandardCharsets.US_ASCII));
    }

    static Slice of(byte[] bytes) {
        return new Slice(bytes, 0, bytes.length);
    }

    int length() {
        return to - from;
    }

    ByteBuffer buffer() {
        return ByteBuffer.wrap(array, from, length()).slice().asReadOnlyBuffer();
    }

    static List<ByteBuffer> buffers(List<Slice> parts) {
        List<ByteBuffer> buffers = new ArrayList<>(parts.size());
        for (Slice part : parts) {
            buffers.add(part.buffer());
        }
        return buffers;
    }

    /** The same bytes in as few slices as can be: empty ones left out, neighbours joined. */
    static List<Slice> joined(List<Slice> parts) {
        List<Slice> joined = new ArrayList<>();
        @Nullable Slice last = null;
        for (Slice part : parts) {
            if (part.length() == 0) {
                continue;
            }
            if (last != null && last.array == part.array && last.to == part.from) {
                last = new Slice(last.array, last.from, part.to);
                joined.set(joined.size() - 1, last);
            } else {
                last = part;
                joined.add(part);
            }
        }
        return joined;
    }

    /** The same bytes in one slice; copies when there is more than one. */
    static Slice single(List<Slice> parts) {
        if (parts.size() == 1) {
            return parts.get(0);
        }
        long length = 0;
        for (Slice part : parts) {
            length += part.length();
        }
        byte[] all = new byte[Math.toIntExact(length)];
        int at = 0;
        for (Slice part : parts) {
            System.arraycopy(part.array, part.from, all, at, part.length());
            at += part.length();
        }
        return of(all);
    }
}
