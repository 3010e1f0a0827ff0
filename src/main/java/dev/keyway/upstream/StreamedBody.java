package dev.keyway.upstream;

import dev.keyway.wire.ApiException;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.eclipse.jetty.client.AsyncRequestContent;
import org.eclipse.jetty.util.Callback;

/** A body that passes unread: the next piece is read from the client when the upstream has taken the last one. */
final class StreamedBody implements ReadListener {
    private static final int PIECE = 16 * 1024;

    private final ServletInputStream input;
    private final long maxBody;
    private final BodyReader.Callback callback;
    private final Sized content;
    private final byte[] buffer = new byte[PIECE];
    private long size;
    private boolean inFlight;
    private boolean done;

    StreamedBody(ServletInputStream input, long declaredLength, long maxBody, BodyReader.Callback callback) {
        this.input = input;
        this.maxBody = maxBody;
        this.callback = callback;
        this.content = new Sized(declaredLength);
    }

    /** Where the HTTP client reads it. */
    AsyncRequestContent content() {
        return content;
    }

    @Override
    public void onDataAvailable() throws IOException {
        pump();
    }

    private synchronized void pump() throws IOException {
        while (!done && !inFlight && input.isReady()) {
            int count = input.read(buffer, 0, PIECE);
            if (count < 0) {
                return;
            }
            size += count;
            callback.onRead(count);
            if (size > maxBody) {
                tooLarge();
                return;
            }
            inFlight = true;
            content.write(ByteBuffer.wrap(buffer, 0, count), Callback.from(this::onTaken, this::onRefused));
        }
    }

    private void tooLarge() {
        done = true;
        ApiException error = BodyReader.tooLarge(maxBody);
        // In this order: the attempt that fails for want of its body must find the request refused already.
        callback.onRefused(error);
        content.fail(error);
    }

    private void onTaken() {
        try {
            synchronized (this) {
                inFlight = false;
                if (input.isFinished()) {
                    finish();
                } else {
                    pump();
                }
            }
        } catch (IOException | RuntimeException e) {
            end(e, () -> callback.onUnreadable(e));
        }
    }

    /** The upstream takes no more, its answer tells why; what the client still sends is not read. */
    private synchronized void onRefused(Throwable failure) {
        done = true;
    }

    @Override
    public synchronized void onAllDataRead() {
        if (!inFlight) {
            finish();
        }
    }

    private void finish() {
        if (!done) {
            done = true;
            content.close();
        }
    }

    @Override
    public void onError(Throwable failure) {
        end(failure, () -> callback.onGone(failure));
    }

    private synchronized void end(Throwable failure, Runnable tell) {
        if (!done) {
            done = true;
            // In this order: an attempt that fails for want of its body must not be blamed on the upstream.
            tell.run();
            content.fail(failure);
        }
    }

    /** Keeps the length the client gave, so that it is not turned into chunks. */
    private static final class Sized extends AsyncRequestContent {
        private final long length;

        Sized(long length) {
            this.length = length;
        }

        @Override
        public long getLength() {
            return length;
        }
    }
}
