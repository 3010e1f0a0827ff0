package dev.keyway.upstream;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/**
 * A body from memory, sent in pieces that a socket takes at once and forgotten piece by piece, so that a long answer
 * does not keep a large question in memory.
 *
 * <p>Slices below {@value #SMALL} bytes are copied together, since each piece is a write of its own; larger ones are sent
 * from where they lie.
 */
final class JsonContent implements Request.Content {
    static final int PIECE = 32 * 1024;
    static final int SMALL = 4 * 1024;

    private final Queue<ByteBuffer> pieces = new ArrayDeque<>();
    private final long length;
    private Content.@Nullable Chunk failure;
    private volatile boolean handedOver;

    JsonContent(List<ByteBuffer> slices) {
        List<ByteBuffer> small = new ArrayList<>();
        long total = 0;
        int waiting = 0;
        for (ByteBuffer slice : slices) {
            int size = slice.remaining();
            total += size;
            if (size >= SMALL || waiting + size > PIECE) {
                join(small, waiting);
                waiting = 0;
            }
            if (size >= SMALL) {
                split(slice);
            } else {
                small.add(slice);
                waiting += size;
            }
        }
        join(small, waiting);
        this.length = total;
    }

    private void join(List<ByteBuffer> small, int size) {
        if (small.size() > 1) {
            ByteBuffer joined = ByteBuffer.allocate(size);
            small.forEach(slice -> joined.put(slice.duplicate()));
            pieces.add(joined.flip());
        } else {
            pieces.addAll(small);
        }
        small.clear();
    }

    private void split(ByteBuffer slice) {
        for (int at = slice.position(); at < slice.limit(); at += PIECE) {
            pieces.add(slice.slice(at, Math.min(PIECE, slice.limit() - at)));
        }
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
        handedOver |= pieces.isEmpty();
        return piece == null ? Content.Chunk.EOF : Content.Chunk.from(piece, pieces.isEmpty());
    }

    /** Whether the last piece was taken to be written; before that the upstream can't have the whole body. */
    boolean isHandedOver() {
        return handedOver;
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
