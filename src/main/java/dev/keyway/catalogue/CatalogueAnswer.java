package dev.keyway.catalogue;

import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.Outcome.Ended;
import dev.keyway.exchange.OwnHeaders;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorBody;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Answers one request when there is a list; the first answer counts. No thread waits for a client that reads slowly, and
 * one that does holds 16 KiB of its own beside the list that all share.
 */
final class CatalogueAnswer implements WriteListener, AsyncListener {
    private static final Logger LOG = LogManager.getLogger(CatalogueAnswer.class);
    private static final int CHUNK = 16 * 1024;

    private final AsyncContext async;
    private final Exchange exchange;
    private final HttpServletResponse response;
    private final AtomicReference<@Nullable Reply> reply = new AtomicReference<>();
    private final Deque<ByteBuffer> left = new ArrayDeque<>();
    private @Nullable ServletOutputStream output;

    CatalogueAnswer(AsyncContext async, Exchange exchange) {
        this.async = async;
        this.exchange = exchange;
        this.response = (HttpServletResponse) async.getResponse();
    }

    /** Answers with what was found, or why nothing was. */
    void send(@Nullable Reply found, @Nullable Throwable failure) {
        Reply chosen = found == null ? Reply.of(error(failure), exchange.id().value()) : found;
        if (!reply.compareAndSet(null, chosen)) {
            return;
        }
        try {
            write(chosen);
        } catch (IOException | RuntimeException e) {
            end(e);
        }
    }

    private static ApiException error(@Nullable Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof ApiException known
                ? known
                : new ApiException(ErrorCode.INTERNAL, "Keyway failed on this request", cause);
    }

    private void write(Reply chosen) throws IOException {
        response.setStatus(chosen.status());
        for (Header header : chosen.headers()) {
            response.setHeader(header.name(), header.value());
        }
        boolean hasBody = chosen.status() != HttpServletResponse.SC_NOT_MODIFIED;
        if (hasBody) {
            response.setContentType(ErrorBody.CONTENT_TYPE);
            response.setContentLengthLong(chosen.length());
        }
        OwnHeaders.protect(response);
        OwnHeaders.stamp(response, exchange);
        if (!hasBody || exchange.method().equals("HEAD")) {
            end(null);
            return;
        }
        for (ByteBuffer part : chosen.body()) {
            left.add(part.duplicate());
        }
        ServletOutputStream stream = response.getOutputStream();
        output = stream;
        stream.setWriteListener(this);
    }

    @Override
    public void onWritePossible() throws IOException {
        ServletOutputStream stream = output;
        if (stream == null) {
            return;
        }
        while (stream.isReady()) {
            byte[] chunk = chunk();
            if (chunk.length == 0) {
                end(null);
                return;
            }
            stream.write(chunk);
            exchange.written(chunk.length);
        }
    }

    /** An array of its own each time, since the container may still hold the one before; empty at the end. */
    private byte[] chunk() {
        int size = 0;
        for (ByteBuffer part : left) {
            size += part.remaining();
            if (size >= CHUNK) {
                break;
            }
        }
        byte[] chunk = new byte[Math.min(size, CHUNK)];
        int at = 0;
        while (at < chunk.length) {
            ByteBuffer part = left.element();
            int take = Math.min(part.remaining(), chunk.length - at);
            part.get(chunk, at, take);
            at += take;
            if (!part.hasRemaining()) {
                left.remove();
            }
        }
        return chunk;
    }

    private void end(@Nullable Throwable broken) {
        Reply chosen = reply.get();
        if (chosen == null || broken != null) {
            exchange.end(chosen == null ? 0 : chosen.status(), Ended.CLIENT_GONE, broken);
        } else {
            exchange.end(chosen.status(), chosen.error() == null ? Ended.COMPLETE : Ended.ERROR, chosen.error());
        }
        try {
            async.complete();
        } catch (IllegalStateException e) {
            LOG.debug("the container has completed the exchange before", e);
        }
    }

    @Override
    public void onError(Throwable failure) {
        end(failure);
    }

    @Override
    public void onError(AsyncEvent event) {
        Throwable failure = event.getThrowable();
        end(failure == null ? new IOException("the client closed the connection") : failure);
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        if (reply.get() == null) {
            send(null, new ApiException(ErrorCode.TIMEOUT, "OpenRouter's list of models did not come in time"));
        } else {
            end(new IOException("the answer was not read in time"));
        }
    }

    @Override
    public void onComplete(AsyncEvent event) {
        exchange.end(0, Ended.CLIENT_GONE, new IOException("the container ended the exchange"));
    }

    @Override
    public void onStartAsync(AsyncEvent event) {
        // Told of a second cycle, which there is none of.
    }
}
