package dev.keyway.exchange;

import dev.keyway.exchange.Outcome.Ended;
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
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * An answer of Keyway's own that comes when it is there; the first counts. No thread waits, neither for it nor for a client
 * that reads slowly, and one that does holds 16 KiB beside what is answered.
 */
public final class OwnAnswer implements WriteListener, AsyncListener {
    private static final Logger LOG = LogManager.getLogger(OwnAnswer.class);
    private static final int CHUNK = 16 * 1024;

    private final AsyncContext async;
    private final Exchange exchange;
    private final String tooLate;
    private final HttpServletResponse response;
    private final AtomicReference<@Nullable Content> content = new AtomicReference<>();
    private final Deque<ByteBuffer> left = new ArrayDeque<>();
    private @Nullable ServletOutputStream output;

    private OwnAnswer(AsyncContext async, Exchange exchange, String tooLate) {
        this.async = async;
        this.exchange = exchange;
        this.tooLate = tooLate;
        this.response = (HttpServletResponse) async.getResponse();
    }

    /**
     * What is answered.
     *
     * @param headers beside those that every own answer has
     * @param body JSON as UTF-8 in parts, which are nobody's to write to; empty: none
     * @param compressed whether it may be sent compressed
     * @param error what it tells of, if it tells of an error
     */
    public record Content(
            int status,
            List<Header> headers,
            List<ByteBuffer> body,
            boolean compressed,
            @Nullable ApiException error) {
        public Content {
            headers = List.copyOf(headers);
            body = List.copyOf(body);
        }

        /** An error, which nobody may keep. */
        public static Content of(ApiException error, Exchange exchange) {
            List<Header> headers = new ArrayList<>();
            error.headers().forEach((name, value) -> headers.add(new Header(name, value)));
            headers.add(new Header("Cache-Control", "no-store"));
            byte[] body = ErrorBody.json(error, exchange.id().value());
            return new Content(error.code().status(), headers, List.of(ByteBuffer.wrap(body)), true, error);
        }
    }

    /**
     * Takes a request over.
     *
     * @param within for the answer to be there, and again for the client to read it
     * @param tooLate what the client is told with 504 when it is not
     */
    public static OwnAnswer begin(
            HttpServletRequest request,
            HttpServletResponse response,
            Exchange exchange,
            Duration within,
            String tooLate) {
        AsyncContext async = request.startAsync(request, response);
        async.setTimeout(within.toMillis());
        exchange.handOver();
        OwnAnswer answer = new OwnAnswer(async, exchange, tooLate);
        async.addListener(answer);
        return answer;
    }

    /** Answers, if nothing was answered yet. */
    public void send(Content chosen) {
        if (!content.compareAndSet(null, chosen)) {
            return;
        }
        try {
            write(chosen);
        } catch (IOException | RuntimeException e) {
            end(e);
        }
    }

    private void write(Content chosen) throws IOException {
        response.setStatus(chosen.status());
        for (Header header : chosen.headers()) {
            response.setHeader(header.name(), header.value());
        }
        boolean hasBody = !chosen.body().isEmpty();
        if (hasBody) {
            response.setContentType(ErrorBody.CONTENT_TYPE);
            chosen.body().forEach(part -> left.add(part.duplicate()));
            if (chosen.compressed()) {
                byte[] whole = chunk(size());
                left.clear();
                left.add(ByteBuffer.wrap(Compression.of((HttpServletRequest) async.getRequest(), response, whole)));
            }
            response.setContentLength(size());
        }
        OwnHeaders.protect(response);
        OwnHeaders.stamp(response, exchange);
        if (!hasBody || exchange.method().equals("HEAD")) {
            end(null);
            return;
        }
        ServletOutputStream stream = response.getOutputStream();
        output = stream;
        stream.setWriteListener(this);
    }

    private int size() {
        return left.stream().mapToInt(ByteBuffer::remaining).sum();
    }

    @Override
    public void onWritePossible() throws IOException {
        ServletOutputStream stream = output;
        if (stream == null) {
            return;
        }
        while (stream.isReady()) {
            byte[] chunk = chunk(CHUNK);
            if (chunk.length == 0) {
                end(null);
                return;
            }
            stream.write(chunk);
            exchange.written(chunk.length);
        }
    }

    /** An array of its own each time, since the container may still hold the one before; empty at the end. */
    private byte[] chunk(int most) {
        byte[] chunk = new byte[Math.min(size(), most)];
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
        Content chosen = content.get();
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
        if (content.get() == null) {
            send(Content.of(new ApiException(ErrorCode.TIMEOUT, tooLate), exchange));
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
