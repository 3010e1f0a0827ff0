package dev.keyway.stream;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Decides which bytes of an event stream may go to the client now, and knows whether what went ends between two events,
 * where something may be inserted. No byte is ever changed. Not thread-safe.
 */
public interface EventFlow {
    /** The most that is held back, in bytes; what is longer is let go as it comes. */
    int MAX_HELD = 1 << 20;

    /**
     * The next bytes from the upstream; the chunk's position stays.
     *
     * @return what may be relayed now, in order; it may share the chunk's memory
     */
    List<ByteBuffer> push(ByteBuffer chunk);

    /** Gives what is held away, at the stream's proper end; empty when there is nothing. */
    ByteBuffer rest();

    /** Whether what was relayed ends within an event, so that only an empty line would close it. */
    boolean insideEvent();

    /** What closes the event that was relayed in part; empty when none is open. */
    String closing();
}
