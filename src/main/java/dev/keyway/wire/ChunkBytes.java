package dev.keyway.wire;

import java.nio.ByteBuffer;

/**
 * Shows the bytes of a chunk as sections of an array, whatever kind of buffer it is: a heap buffer's own array, else
 * pieces of at most 8 KiB copied into one array that is used again. Not thread-safe.
 */
public final class ChunkBytes {
    private static final int SCRATCH = 8 * 1024;
    private byte[] scratch = {};

    /** Takes the bytes from {@code from} up to but without {@code to}; the array belongs to somebody else. */
    public interface Section {
        void take(byte[] bytes, int from, int to);
    }

    /** Hands all remaining bytes on, in order; position and limit of the chunk stay. */
    public void each(ByteBuffer chunk, Section section) {
        if (chunk.hasArray()) {
            int from = chunk.arrayOffset() + chunk.position();
            section.take(chunk.array(), from, from + chunk.remaining());
            return;
        }
        if (scratch.length < Math.min(SCRATCH, chunk.remaining())) {
            scratch = new byte[Math.min(SCRATCH, Math.max(chunk.remaining(), 2 * scratch.length))];
        }
        for (int at = chunk.position(); at < chunk.limit(); ) {
            int length = Math.min(scratch.length, chunk.limit() - at);
            chunk.get(at, scratch, 0, length);
            section.take(scratch, 0, length);
            at += length;
        }
    }
}
