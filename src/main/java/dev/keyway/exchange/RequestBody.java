package dev.keyway.exchange;

import dev.keyway.wire.JsonBody;

/** What a request carries to the upstream. */
public sealed interface RequestBody {
    /** Nothing. */
    record Empty() implements RequestBody {}

    /** A JSON object, read whole; can be rewritten and sent again. */
    record Json(JsonBody json) implements RequestBody {}

    /**
     * Bytes that pass unread, once.
     *
     * @param length in bytes, -1 when the client did not say
     */
    record Streamed(long length) implements RequestBody {}
}
