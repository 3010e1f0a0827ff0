package dev.keyway.stream;

import java.nio.ByteBuffer;

/**
 * Reads the answer's body as it flows past: never changes a byte, never waits, bounded memory.
 *
 * <p>Calls come one after the other. A tap that can't read on goes quiet; it never throws.
 */
public interface Tap {
    /** The next bytes; the buffer's position is left as it was and its memory is not kept. */
    void onBytes(ByteBuffer chunk);

    /** The body came to its proper end. */
    void onEnd();
}
