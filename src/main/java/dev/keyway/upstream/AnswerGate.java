package dev.keyway.upstream;

import dev.keyway.stream.AnswerProbe;
import dev.keyway.stream.AnswerProbes;
import dev.keyway.stream.FirstWord;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Holds the first bytes of an answer back while it is not known what becomes of them: at most 64 KiB and one chunk. What
 * is held goes out first, unchanged.
 */
final class AnswerGate {
    /** The gate opens when this much is held. */
    static final int MAX_HELD = 64 * 1024;

    private final ByteArrayOutputStream held = new ByteArrayOutputStream(512);
    private final @Nullable AnswerProbe probe;
    private final AtomicReference<UpstreamAttempt.@Nullable Piece> pending = new AtomicReference<>();

    private AnswerGate(@Nullable AnswerProbe probe) {
        this.probe = probe;
    }

    /** For an error: all of it is wanted. */
    static AnswerGate forError() {
        return new AnswerGate(null);
    }

    /** For a 200, which may be an error all the same. */
    static AnswerGate forAnswer(@Nullable String contentType) {
        return new AnswerGate(AnswerProbes.of(contentType));
    }

    /** Keeps a piece; its successor does not come until {@link #askForMore} or until the gate opens. */
    FirstWord take(UpstreamAttempt.Piece piece) {
        ByteBuffer bytes = piece.bytes();
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(bytes.position(), copy);
        held.writeBytes(copy);
        pending.set(piece);
        return probe == null ? new FirstWord.Pending() : probe.feed(bytes);
    }

    /** The answer ended. */
    FirstWord end() {
        return probe == null ? new FirstWord.Answer() : probe.end();
    }

    boolean isFull() {
        return held.size() >= MAX_HELD;
    }

    byte[] bytes() {
        return held.toByteArray();
    }

    /** May be called by the thread that wrote what was held. */
    void askForMore() {
        UpstreamAttempt.Piece piece = pending.getAndSet(null);
        if (piece != null) {
            piece.releaseAndDemand();
        }
    }

    /** Nothing more is wanted. */
    void release() {
        UpstreamAttempt.Piece piece = pending.getAndSet(null);
        if (piece != null) {
            piece.release();
        }
    }
}
