package dev.keyway.upstream;

import dev.keyway.exchange.Header;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Response;
import org.eclipse.jetty.client.Result;
import org.eclipse.jetty.http.HttpScheme;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.jspecify.annotations.Nullable;

/** One send of a request: hands what the HTTP client says, in order, to the run it belongs to, and measures it. */
final class UpstreamAttempt
        implements Request.BeginListener,
                Request.CommitListener,
                Request.SuccessListener,
                Response.HeadersListener,
                Response.AsyncContentListener,
                Response.SuccessListener,
                Response.CompleteListener {
    private final AttemptRun run;
    private final Request request;
    private final UpstreamClient client;
    private final @Nullable String keyId;
    private final long startNanos = System.nanoTime();
    private volatile int lane = -1;
    private volatile boolean firstOnConnection;
    private volatile long beginNanos;
    private volatile long commitNanos;
    private volatile boolean sentWhole;
    private volatile boolean answered;

    UpstreamAttempt(AttemptRun run, Request request, UpstreamClient client, @Nullable String keyId) {
        this.run = run;
        this.request = request;
        this.client = client;
        this.keyId = keyId;
    }

    /** @param wanted the lane of the client; -1: none */
    void send(int wanted) {
        Lanes lanes = client.lanes();
        if (lanes != null && wanted >= 0) {
            lane = lanes.enter(wanted);
            request.tag(lane);
        }
        // Only our own clocks end an exchange; they know data from padding.
        request.idleTimeout(0, TimeUnit.MILLISECONDS);
        request.onRequestBegin(this);
        request.onRequestCommit(this);
        request.onRequestSuccess(this);
        // As every kind of response listener that it is.
        request.send(this);
    }

    @SuppressWarnings("FutureReturnValueIgnored") // whether it came in time shows in what the client tells next
    void abort(Throwable reason) {
        request.abort(reason);
    }

    @Nullable
    String keyId() {
        return keyId;
    }

    /** Whether the connection is open and the request is being sent. */
    boolean begun() {
        return beginNanos != 0;
    }

    /**
     * Whether the head of the request may have left. The HTTP client says that it has a moment after it did, and the end
     * of the connection can be told before; only a TLS handshake keeps it back for sure.
     */
    boolean sent() {
        boolean mayShakeHands = firstOnConnection && HttpScheme.HTTPS.is(request.getScheme());
        return commitNanos != 0 || (beginNanos != 0 && !mayShakeHands);
    }

    Duration took() {
        return Duration.ofNanos(System.nanoTime() - startNanos);
    }

    /** Waiting for a free connection. */
    Duration queued() {
        return firstOnConnection || beginNanos == 0 ? Duration.ZERO : Duration.ofNanos(beginNanos - startNanos);
    }

    /** Opening the connection, TLS included. */
    Duration connecting() {
        if (!firstOnConnection) {
            return Duration.ZERO;
        }
        return Duration.ofNanos((commitNanos == 0 ? beginNanos : commitNanos) - startNanos);
    }

    @Override
    public void onBegin(Request begun) {
        firstOnConnection = client.fresh().isFirstOn(begun);
        beginNanos = System.nanoTime();
        run.onBegun(this);
    }

    @Override
    public void onCommit(Request committed) {
        commitNanos = System.nanoTime();
    }

    /** The last byte of the request has left. */
    @Override
    public void onSuccess(Request sent) {
        sentWhole = true;
    }

    @Override
    public void onHeaders(Response response) {
        List<Header> headers = new ArrayList<>();
        response.getHeaders().forEach(field -> {
            String value = field.getValue();
            headers.add(new Header(field.getName(), value == null ? "" : value));
        });
        run.onHead(this, response.getStatus(), headers);
    }

    @Override
    public void onContent(Response response, Content.Chunk chunk, Runnable demander) {
        chunk.retain();
        run.onContent(this, new Piece(chunk, demander));
    }

    /** The last byte of the answer has come; it may be so before the upstream has read the whole request. */
    @Override
    public void onSuccess(Response response) {
        if (!HttpStatus.isInterim(response.getStatus())) {
            answered = true;
            if (!sentWhole) {
                run.onAnsweredEarly(this);
            }
        }
    }

    @Override
    public void onComplete(Result result) {
        Lanes lanes = client.lanes();
        if (lanes != null && lane >= 0) {
            lanes.leave(lane);
        }
        client.completing(() -> run.onComplete(this, answered ? null : result.getFailure()));
    }

    /** One chunk of the answer; its memory is given back once, its successor asked for with it. */
    record Piece(Content.Chunk chunk, Runnable demander) {
        ByteBuffer bytes() {
            return chunk.getByteBuffer();
        }

        void release() {
            chunk.release();
        }

        void releaseAndDemand() {
            chunk.release();
            demander.run();
        }
    }
}
