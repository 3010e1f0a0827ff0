package dev.keyway.upstream;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * A body from memory, sent in pieces that a socket takes at once and forgotten piece by piece, so that a long answer
 * does not keep a large question in memory.
 */
final class JsonContent implements Request.Content {
    private static final int PIECE = 32 * 1024;

    private final Queue<ByteBuffer> pieces = new ArrayDeque<>();
    private final long length;
    private Content.@Nullable Chunk failure;

    JsonContent(List<ByteBuffer> slices) {
        long total = 0;
        for (ByteBuffer slice : slices) {
            total += slice.remaining();
            for (int at = slice.position(); at < slice.limit(); at += PIECE) {
                pieces.add(slice.slice(at, Math.min(PIECE, slice.limit() - at)));
            }
        }
        this.length = total;
    }

    @Override
    public String getContentType() {
        return "application/json";
    }

    @Override
    public long getLength() {
        return length;
    }

    @Override
    public synchronized Content.@Nullable Chunk read() {
        if (failure != null) {
            return failure;
        }
        ByteBuffer piece = pieces.poll();
        return piece == null ? Content.Chunk.EOF : Content.Chunk.from(piece, pieces.isEmpty());
    }

    @Override
    public void demand(Runnable demandCallback) {
        demandCallback.run();
    }

    @Override
    public synchronized void fail(Throwable cause) {
        pieces.clear();
        failure = Content.Chunk.from(cause, true);
    }
}
