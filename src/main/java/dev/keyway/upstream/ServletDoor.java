package dev.keyway.upstream;

import dev.keyway.exchange.Api;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.Outcome.Ended;
import dev.keyway.exchange.OwnHeaders;
import dev.keyway.exchange.RateLimitHeaders;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.filter.RequestFilter;
import dev.keyway.limit.BufferBudget;
import dev.keyway.stream.BrokenEnd;
import dev.keyway.stream.SeenIds;
import dev.keyway.watch.ClientWatch;
import dev.keyway.watch.Departure;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorBody;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.JsonBody;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.eclipse.jetty.client.Request;
import org.jspecify.annotations.Nullable;

/** A client that came through a servlet container: its request becomes a run, the run's answer its response. */
final class ServletDoor implements ClientSide, BodyReader.Callback {
    private static final String LEFT =
            "The client closed its side of the connection before the answer was whole, and so counts as gone";

    /** In bytes; what it takes to read so many is about 0.1 ms. */
    private static final int REWRITTEN_IN_PLACE = 128 * 1024;

    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final Exchange exchange;
    private final AttemptLoop loop;
    private final Pipeline pipeline;
    private final ClientSide side;
    private final AsyncContext async;
    private final ClientWriter writer;
    private final ClientPresence presence;
    private final String method;
    private final int lane;
    private final boolean tomcat;
    private final UpstreamRequest head;
    private @Nullable BodyReader reader;
    private volatile @Nullable Leftover leftover;
    private volatile AttemptLoop.@Nullable Running run;
    /** The head of an answer that has brought nothing yet, so that an error can still stand in its place. */
    private @Nullable Runnable unsetHead;

    private volatile @Nullable Throwable gone;
    private volatile @Nullable ApiException refused;
    /** How much of the answer the client may have. */
    private volatile Shown shown = Shown.NOTHING;

    /** The run is started whatever happens, so what comes before it waits for it. */
    private volatile boolean streaming;
    /** Tomcat has put the response away for an error page of its own, which only a dispatch brings about. */
    private volatile boolean unreadable;

    private enum Shown {
        NOTHING,
        /** Its head, which says that events follow. */
        EVENTS,
        SOME,
        /** Or what is left of it is on its way. */
        ALL
    }

    ServletDoor(
            HttpServletRequest request,
            HttpServletResponse response,
            Exchange exchange,
            AttemptLoop loop,
            Pipeline pipeline,
            Passage passage,
            ClientWatch watch)
            throws IOException {
        this.request = request;
        this.response = response;
        this.exchange = exchange;
        this.loop = loop;
        this.pipeline = pipeline;
        this.side = passage.answers().apply(this);
        this.method = request.getMethod();
        this.lane = request.getAttribute(SelectorHost.LANE) instanceof Integer number ? number : -1;
        this.head = new UpstreamRequest(
                exchange.id(),
                exchange.client(),
                exchange.api(),
                method,
                passage.path() == null ? exchange.route() : passage.path(),
                request.getQueryString(),
                headers(request),
                new RequestBody.Empty(),
                null,
                null);
        this.tomcat = request.getServletContext().getServerInfo().contains("Tomcat");
        exchange.handOver();
        this.async = request.startAsync();
        async.setTimeout(0);
        ServletOutputStream output = response.getOutputStream();
        this.writer = new ClientWriter(async, output, tomcat, exchange::written, this::onClientGone, this::onStop);
        async.addListener(writer);
        output.setWriteListener(writer);
        this.presence = ClientPresence.begin(watch, request, head.headers(), async, this::onLeft);
    }

    /** Starts to read; all that follows is told by the container and the run. */
    void open(BufferBudget budget, boolean hasContent) throws IOException {
        if (exchange.api().rewritten()) {
            openWhole(budget);
        } else if (hasContent) {
            openStreamed();
        } else {
            start(head, null);
        }
    }

    private void start(UpstreamRequest asked, Request.@Nullable Content streamed) {
        try {
            UpstreamRequest outgoing = asked;
            for (RequestFilter filter : pipeline.filters()) {
                outgoing = filter.apply(outgoing);
            }
            started(loop.start(outgoing, pipeline, streamed, exchange, side));
        } catch (ApiException e) {
            streaming = false;
            onRefused(e);
        } catch (RuntimeException e) {
            streaming = false;
            onRefused(new ApiException(ErrorCode.INTERNAL, "Keyway failed on this request", e));
        }
    }

    /** What happened to the client before the run could be told is told now. */
    private void started(AttemptLoop.Running running) {
        run = running;
        ApiException refusal = refused;
        if (refusal != null) {
            running.refuse(refusal);
        }
        Throwable failure = gone;
        if (failure != null) {
            running.clientGone(failure);
        }
    }

    private void openWhole(BufferBudget budget) throws IOException {
        long maxBody = pipeline.options().maxBody();
        long length = request.getContentLengthLong();
        String coding = request.getHeader("Content-Encoding");
        ApiException refusal = BodyReader.refusal(maxBody, length, coding);
        if (refusal != null) {
            refuseByHead(refusal);
            return;
        }
        BodyReader whole = new BodyReader(request.getInputStream(), maxBody, length, coding, budget, worker(), this);
        reader = whole;
        if (!whole.readInPlace()) {
            listen(whole);
        }
    }

    private void refuseByHead(ApiException refusal) throws IOException {
        // Who waits for leave to send has nothing under way, and to ask for the input would give that leave.
        if (request.getHeader("Expect") == null) {
            listen(null);
        }
        onRefused(refusal);
    }

    private void listen(@Nullable ReadListener body) throws IOException {
        Leftover rest = new Leftover(request, body, loop.upstream().timer());
        leftover = rest;
        rest.listen();
    }

    private void openStreamed() throws IOException {
        long maxBody = pipeline.options().maxBody();
        long length = request.getContentLengthLong();
        if (length > maxBody) {
            refuseByHead(BodyReader.tooLarge(maxBody));
            return;
        }
        StreamedBody body = new StreamedBody(request.getInputStream(), length, maxBody, this);
        streaming = true;
        listen(body);
        start(head.withBody(new RequestBody.Streamed(length)), body.content());
    }

    // ---- the client's body

    @Override
    public void onRead(int bytes) {
        exchange.read(bytes);
    }

    /** For what may take long: a thread that reads connections would keep those waiting. */
    private Executor worker() {
        return loop.upstream().http().getExecutor();
    }

    @Override
    public void onBody(byte[] bytes) {
        if (bytes.length <= REWRITTEN_IN_PLACE) {
            rewrite(bytes);
            return;
        }
        try {
            worker().execute(() -> rewrite(bytes));
        } catch (RejectedExecutionException stopping) {
            onStop();
        }
    }

    private void rewrite(byte[] bytes) {
        if (gone != null || refused != null) {
            return;
        }
        exchange.reading(exchange.elapsed());
        try {
            JsonBody json = JsonBody.parse(bytes);
            String model = json.text("model");
            exchange.modelAsked(model);
            UpstreamRequest whole = new UpstreamRequest(
                    head.id(),
                    head.client(),
                    head.api(),
                    head.method(),
                    head.path(),
                    head.query(),
                    decoded(head.headers()),
                    new RequestBody.Json(json),
                    model,
                    null);
            start(whole, null);
        } catch (ApiException e) {
            onRefused(e);
        } catch (RuntimeException e) {
            onRefused(new ApiException(ErrorCode.INTERNAL, "Keyway failed on this request", e));
        }
    }

    /** The body is sent as it was decoded, so its coding must not be announced. */
    private static List<Header> decoded(List<Header> headers) {
        List<Header> kept = new ArrayList<>(headers);
        kept.removeIf(header -> header.is("Content-Encoding"));
        return kept;
    }

    @Override
    public void onRefused(ApiException error) {
        refused = error;
        AttemptLoop.Running running = run;
        if (running != null) {
            running.refuse(error);
        } else if (!streaming) {
            int status = error.code().status();
            refuse(error, List.of(), () -> exchange.end(status, Ended.ERROR, error));
        }
    }

    private void onStop() {
        onRefused(new ApiException(ErrorCode.UNAVAILABLE, "Keyway is shutting down").withHeader("Retry-After", "5"));
    }

    /** Of the body's reader. */
    @Override
    public void onGone(Throwable failure) {
        if (refuseMalformed(failure)) {
            return;
        }
        onClientGone(failure);
        // One who only ended its own side still reads, and must not take what is not there for an answer.
        writer.head(
                () -> {
                    response.setStatus(HttpServletResponse.SC_BAD_REQUEST);
                    response.setHeader("Connection", "close");
                },
                false);
        writer.abandon();
    }

    /** Of the body's reader too: the container does not know, so nobody else would ever end the exchange. */
    @Override
    public void onUnreadable(Throwable failure) {
        unreadable = true;
        request.setAttribute(UpstreamServlet.UNREADABLE, true);
        if (!refuseMalformed(failure)) {
            onClientGone(failure);
            tear();
        }
    }

    private boolean refuseMalformed(Throwable failure) {
        boolean malformed = Leftover.isMalformed(failure);
        if (malformed) {
            onRefused(new ApiException(ErrorCode.VALIDATION, "The request body is malformed HTTP", failure)
                    .withHeader("Connection", "close"));
        }
        return malformed;
    }

    private void onClientGone(Throwable failure) {
        gone = failure;
        release();
        AttemptLoop.Running running = run;
        if (running != null) {
            running.clientGone(failure);
        } else if (!streaming) {
            exchange.end(0, Ended.CLIENT_GONE, failure);
        }
    }

    /** Of the watch: the container knows nothing of it, so the response ends like any other. */
    private void onLeft(Departure how) {
        if (shown == Shown.ALL || writer.isClosed()) {
            return;
        }
        onClientGone(new IOException("the client's connection is " + how.name().toLowerCase(Locale.ROOT)));
        // One who only closed its own side still reads, and must not take what is not there for an answer.
        if (how == Departure.RESET) {
            writer.end(() -> {});
        } else if (shown == Shown.NOTHING) {
            ApiException error = new ApiException(ErrorCode.VALIDATION, LEFT).withHeader("Connection", "close");
            writer.write(ByteBuffer.wrap(errorHead(error, List.of())), () -> {});
            writer.end(() -> {});
        } else if (shown == Shown.EVENTS) {
            byte[] ending = BrokenEnd.of(exchange.api(), SeenIds.NONE, "\n", ErrorCode.UNAVAILABLE, LEFT);
            writer.write(ByteBuffer.wrap(ending), () -> {});
            writer.end(() -> {});
        } else {
            tear();
        }
    }

    // ---- the answer

    @Override
    public void head(int status, List<Header> headers, boolean atOnce) {
        release();
        Runnable setting = () -> {
            response.setStatus(status);
            for (Header header : headers) {
                if (header.is("Content-Type")) {
                    response.setContentType(header.value());
                } else {
                    add(header);
                }
            }
            OwnHeaders.stamp(response, exchange);
        };
        if (atOnce) {
            shown = Shown.EVENTS;
            writer.head(setting, true);
        } else {
            unsetHead = setting;
        }
    }

    private void add(Header header) {
        if (!RateLimitHeaders.replace(header, response)) {
            response.addHeader(header.name(), header.value());
        }
    }

    private void setHead() {
        Runnable setting = unsetHead;
        if (setting != null) {
            shown = Shown.SOME;
            unsetHead = null;
            writer.head(setting, false);
        }
    }

    @Override
    public void content(ByteBuffer bytes, Runnable after) {
        setHead();
        writer.write(bytes, after);
    }

    @Override
    public void end(Runnable done) {
        setHead();
        shown = Shown.ALL;
        writer.end(done);
    }

    @Override
    public void refuse(ApiException error, List<Header> headers, Runnable done) {
        release();
        unsetHead = null;
        if (unreadable && tomcat) {
            done.run();
            tear();
            return;
        }
        shown = Shown.ALL;
        byte[] body = errorHead(error, headers);
        Leftover rest = leftover;
        if (rest != null && rest.isExpected()) {
            rest.refuse(writer, body, done);
            return;
        }
        if (!method.equals("HEAD")) {
            content(ByteBuffer.wrap(body), () -> {});
        }
        writer.end(done);
    }

    /** Sets the head of an error; the body that goes with it. */
    private byte[] errorHead(ApiException error, List<Header> headers) {
        byte[] body = exchange.api() == Api.MESSAGES
                ? ErrorBody.anthropicJson(error, exchange.id().value())
                : ErrorBody.json(error, exchange.id().value());
        writer.head(
                () -> {
                    response.setStatus(error.code().status());
                    headers.forEach(this::add);
                    OwnHeaders.protectError(response);
                    error.headers().forEach(response::setHeader);
                    response.setContentType(ErrorBody.CONTENT_TYPE);
                    response.setContentLength(body.length);
                    OwnHeaders.stamp(response, exchange);
                },
                false);
        return body;
    }

    @Override
    public void tear() {
        // Jetty tells no listener of a request that ends like this.
        presence.end();
        shown = Shown.ALL;
        writer.tear(() -> {
            request.setAttribute(UpstreamServlet.TEAR, true);
            async.dispatch();
        });
    }

    private void release() {
        BodyReader whole = reader;
        if (whole != null) {
            whole.release();
        }
    }

    @Override
    public int lane() {
        return lane;
    }

    private static List<Header> headers(HttpServletRequest request) {
        List<Header> headers = new ArrayList<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            for (String value : Collections.list(request.getHeaders(name))) {
                headers.add(new Header(name, value));
            }
        }
        return headers;
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "client of %s", exchange.id());
    }
}
