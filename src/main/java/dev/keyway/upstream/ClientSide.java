package dev.keyway.upstream;

import dev.keyway.exchange.Header;
import dev.keyway.wire.ApiException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The client's end of a run, one for each door: told either {@link #refuse}, or {@link #head} and then content until
 * {@link #end} or {@link #tear}. Calls come one after the other and must not wait.
 */
public interface ClientSide {
    /** The number of the selector its connection lives on, of those that the upstream's live on too; -1: none of them. */
    default int lane() {
        return -1;
    }

    /**
     * The answer begins; nothing can be tried again from here on.
     *
     * @param atOnce whether the head goes out before any content does, as for event streams
     */
    void head(int status, List<Header> headers, boolean atOnce);

    /** The next bytes, which stay as they are until {@code after} is run: they were flushed or given up. */
    void content(ByteBuffer bytes, Runnable after);

    /** The answer is whole; {@code done} is run after its last byte was handed over, never if the client left before. */
    void end(Runnable done);

    /**
     * No answer: an own error instead, also of one whose head was told, but neither at once nor with any content;
     * {@code done} as with {@link #end}.
     */
    void refuse(ApiException error, List<Header> headers, Runnable done);

    /** The answer broke off: the client must see that it is not whole. */
    void tear();
}
