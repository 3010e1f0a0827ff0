package dev.keyway.admin;

import dev.keyway.exchange.Compression;
import dev.keyway.exchange.Exchange;
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
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Answers one request, whenever what it asks for is done; the first answer counts. No thread waits, neither for it nor
 * for a client that reads slowly.
 */
final class AdminAnswer implements WriteListener, AsyncListener {
    private static final Logger LOG = LogManager.getLogger(AdminAnswer.class);

    private final AsyncContext async;
    private final Exchange exchange;
    private final HttpServletResponse response;
    private final AtomicReference<@Nullable Reply> reply = new AtomicReference<>();
    private @Nullable ServletOutputStream output;
    private byte[] body = new byte[0];
    private boolean written;

    AdminAnswer(AsyncContext async, Exchange exchange) {
        this.async = async;
        this.exchange = exchange;
        this.response = (HttpServletResponse) async.getResponse();
    }

    /** Answers with what was done, or why it was not. */
    void send(@Nullable Reply done, @Nullable Throwable failure) {
        Reply chosen = done == null ? Reply.of(error(failure), exchange.id().value()) : done;
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
        if (cause instanceof ApiException known) {
            return known;
        }
        return cause instanceof IOException
                ? new ApiException(
                        ErrorCode.INTERNAL,
                        "the change is in force but could not be kept: a restart would undo it until it is; the errors"
                                + " log has the reason",
                        cause)
                : new ApiException(ErrorCode.INTERNAL, "Keyway failed on this request", cause);
    }

    private void write(Reply chosen) throws IOException {
        response.setStatus(chosen.status());
        chosen.headers().forEach(response::setHeader);
        response.setHeader("Cache-Control", "no-store");
        response.setContentType(ErrorBody.CONTENT_TYPE);
        body = Compression.of((HttpServletRequest) async.getRequest(), response, chosen.body());
        response.setContentLength(body.length);
        OwnHeaders.stamp(response, exchange);
        if (exchange.method().equals("HEAD")) {
            end(null);
            return;
        }
        ServletOutputStream stream = response.getOutputStream();
        output = stream;
        stream.setWriteListener(this);
    }

    @Override
    public void onWritePossible() throws IOException {
        Reply chosen = reply.get();
        ServletOutputStream stream = output;
        if (chosen == null || stream == null) {
            return;
        }
        if (!written && stream.isReady()) {
            written = true;
            stream.write(body);
            exchange.written(body.length);
        }
        if (written && stream.isReady()) {
            end(null);
        }
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
            send(null, new ApiException(ErrorCode.TIMEOUT, "what was asked for takes too long; it may still be done"));
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
