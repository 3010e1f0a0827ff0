package dev.keyway.stream;

import java.nio.ByteBuffer;

/** Decides about each complete event of a stream whether the client gets it; an event is never edited. */
@FunctionalInterface
public interface EventSieve {
    /**
     * Whether the client gets this event.
     *
     * @param event its bytes, the empty line that ends it included; a block of comments is an event too. To be read by
     *     index, its position stays.
     */
    boolean passes(ByteBuffer event);
}
