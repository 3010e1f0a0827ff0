package dev.keyway.app;

import dev.keyway.access.CorsHeaders;
import dev.keyway.exchange.Api;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.Outcome.Ended;
import dev.keyway.exchange.OutcomeListener.Arrival;
import dev.keyway.exchange.OwnHeaders;
import dev.keyway.exchange.RequestId;
import dev.keyway.observe.Outcomes;
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

/**
 * The outermost filter: gives the request its id and its {@link Exchange}, renders every error thrown before the request
 * went asynchronous, and closes the exchange of a request that did not.
 */
final class ExchangeFilter implements Filter {
    private final Outcomes outcomes;
    private final CorsHeaders cors;

    ExchangeFilter(Outcomes outcomes, CorsHeaders cors) {
        this.outcomes = outcomes;
        this.cors = cors;
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
        outcomes.arrival(new Arrival(exchange.id(), exchange.method(), path));
        OwnHeaders.stamp(response, exchange);
        for (Header header : cors.onAnswer(request.getHeader("Origin"))) {
            response.setHeader(header.name(), header.value());
        }
        try {
            chain.doFilter(request, response);
            if (!request.isAsyncStarted()) {
                exchange.end(response.getStatus(), Ended.COMPLETE, null);
            }
        } catch (ApiException e) {
            refuse(response, exchange, e);
        } catch (RuntimeException | ServletException e) {
            refuse(response, exchange, new ApiException(ErrorCode.INTERNAL, "Keyway failed on this request", e));
        }
    }

    private static void refuse(HttpServletResponse response, Exchange exchange, ApiException error) throws IOException {
        if (!response.isCommitted()) {
            response.resetBuffer();
            response.setStatus(error.code().status());
            error.headers().forEach(response::setHeader);
            OwnHeaders.stamp(response, exchange);
            byte[] body = exchange.api() == Api.MESSAGES
                    ? ErrorBody.anthropicJson(error, exchange.id().value())
                    : ErrorBody.json(error, exchange.id().value());
            response.setContentType(ErrorBody.CONTENT_TYPE);
            response.setContentLength(body.length);
            if (!exchange.method().equals("HEAD")) {
                response.getOutputStream().write(body);
                exchange.written(body.length);
            }
        }
        exchange.end(error.code().status(), Ended.ERROR, error);
    }
}
