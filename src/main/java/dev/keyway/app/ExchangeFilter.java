package dev.keyway.app;

import dev.keyway.exchange.Api;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.Outcome.Ended;
import dev.keyway.exchange.OutcomeListener.Arrival;
import dev.keyway.exchange.OwnHeaders;
import dev.keyway.exchange.RequestId;
import dev.keyway.observe.Outcomes;
import dev.keyway.upstream.EarlyRefusal;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorBody;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The outermost filter: gives the request its id, its {@link Exchange} and its {@link Snapshot}, renders every error thrown before the request
 * went asynchronous, and closes the exchange of a request that did not.
 */
final class ExchangeFilter implements Filter {
    private final Outcomes outcomes;
    private final Supplier<Snapshot> snapshots;
    private final ScheduledExecutorService timer;
    private final GatewayFile file;
    private final BooleanSupplier stopping;

    /**
     * @param snapshots asked once for each request
     * @param timer bounds how long the body of a refused request is read on
     * @param stopping whether clients should come back on another connection, which a load balancer leads elsewhere
     */
    ExchangeFilter(
            Outcomes outcomes,
            Supplier<Snapshot> snapshots,
            ScheduledExecutorService timer,
            GatewayFile file,
            BooleanSupplier stopping) {
        this.file = file;
        this.stopping = stopping;
        this.outcomes = outcomes;
        this.snapshots = snapshots;
        this.timer = timer;
    }

    @Override
    public void doFilter(ServletRequest servletRequest, ServletResponse servletResponse, FilterChain chain)
            throws IOException, ServletException {
        HttpServletRequest request = (HttpServletRequest) servletRequest;
        HttpServletResponse response = (HttpServletResponse) servletResponse;
        String path = Paths.withinContext(request);
        Exchange exchange = new Exchange(
                RequestId.of(request.getHeader(RequestId.HEADER)),
                request.getMethod(),
                path,
                Paths.route(path),
                outcomes);
        request.setAttribute(Exchange.ATTRIBUTE, exchange);
        Snapshot snapshot = snapshots.get();
        snapshot.serve(request);
        exchange.configuration(snapshot.config().hash());
        file.arrived(request);
        outcomes.arrival(new Arrival(exchange.id(), exchange.method(), path));
        OwnHeaders.stamp(response, exchange);
        if (exchange.route().isEmpty()) {
            // Outside the data API nothing but Keyway answers.
            OwnHeaders.protect(response);
        }
        closeIfStopping(request, response);
        for (Header header : snapshot.access().cors().onAnswer(request.getHeader("Origin"))) {
            response.setHeader(header.name(), header.value());
        }
        try {
            Framing.check(request);
            chain.doFilter(request, response);
            // Not "was it asynchronous": a quick answer is complete by now and says no.
            if (!exchange.isHandedOver()) {
                exchange.end(response.getStatus(), Ended.COMPLETE, null);
            }
        } catch (ApiException e) {
            refuse(request, response, exchange, e);
        } catch (RuntimeException | ServletException e) {
            refuse(
                    request,
                    response,
                    exchange,
                    new ApiException(ErrorCode.INTERNAL, "Keyway failed on this request", e));
        }
    }

    /** Whether a client is still sending, which would be reset before it has read why it was refused. */
    private static boolean isSending(HttpServletRequest request) {
        boolean hasBody = request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
        boolean waitsForLeave = request.getHeader("Expect") != null;
        return hasBody && !waitsForLeave && request.isAsyncSupported() && !request.isAsyncStarted();
    }

    private void closeIfStopping(HttpServletRequest request, HttpServletResponse response) {
        // HTTP/2 knows no such header and takes an answer that has it for malformed.
        if (stopping.getAsBoolean() && request.getProtocol().startsWith("HTTP/1.")) {
            response.setHeader("Connection", "close");
        }
    }

    private void refuse(HttpServletRequest request, HttpServletResponse response, Exchange exchange, ApiException error)
            throws IOException {
        if (!response.isCommitted()) {
            response.resetBuffer();
            response.setStatus(error.code().status());
            OwnHeaders.protectError(response);
            error.headers().forEach(response::setHeader);
            OwnHeaders.stamp(response, exchange);
            // Again: the stop may have begun since, and be why it is refused.
            closeIfStopping(request, response);
            byte[] body = exchange.api() == Api.MESSAGES
                    ? ErrorBody.anthropicJson(error, exchange.id().value())
                    : ErrorBody.json(error, exchange.id().value());
            response.setContentType(ErrorBody.CONTENT_TYPE);
            write(request, response, exchange, body);
        }
        exchange.end(error.code().status(), Ended.ERROR, error);
    }

    private void write(HttpServletRequest request, HttpServletResponse response, Exchange exchange, byte[] body)
            throws IOException {
        if (exchange.method().equals("HEAD")) {
            response.setContentLength(body.length);
            return;
        }
        exchange.written(body.length);
        if (isSending(request)) {
            response.setContentLength(body.length);
            EarlyRefusal.send(request, response, body, timer);
        } else {
            // With its length set, the last byte would be written from here, and wait for a client that reads nothing.
            response.getOutputStream().write(body);
        }
    }
}
