package dev.keyway.stream;

import java.nio.ByteBuffer;

/** Finds out from its first bytes whether a 200 is an answer or an error; one for event streams, one for JSON. */
public interface AnswerProbe {
    /** The next bytes; the buffer's position is left as it was. Once decided, the decision stays. */
    FirstWord feed(ByteBuffer chunk);

    /** The body ended. */
    FirstWord end();
}
