package dev.keyway.observe;

import dev.keyway.exchange.Exchange;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers {@code GET} and {@code HEAD /metrics/raw} with {@link Metrics}. */
public final class MetricsServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial") // a servlet is never serialised
    private final Metrics metrics;

    public MetricsServlet(Metrics metrics) {
        this.metrics = metrics;
    }

    /** @throws ApiException 405 for every method but GET and HEAD */
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String method = request.getMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            throw new ApiException(
                            ErrorCode.METHOD_NOT_ALLOWED,
                            "Method " + Redactor.cut(method, 20)
                                    + " is not allowed for /metrics/raw, only GET and HEAD")
                    .withHeader("Allow", "GET, HEAD");
        }
        byte[] body = metrics.text();
        response.setStatus(HttpServletResponse.SC_OK);
        response.setHeader("Content-Type", Metrics.CONTENT_TYPE);
        response.setHeader("Cache-Control", "no-store");
        if (method.equals("HEAD")) {
            response.setContentLength(body.length);
        } else {
            response.getOutputStream().write(body);
            if (request.getAttribute(Exchange.ATTRIBUTE) instanceof Exchange exchange) {
                exchange.written(body.length);
            }
        }
    }
}
