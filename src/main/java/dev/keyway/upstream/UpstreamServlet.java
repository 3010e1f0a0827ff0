package dev.keyway.upstream;

import dev.keyway.access.CorsHeaders;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.OwnHeaders;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.ee10.proxy.AsyncProxyServlet;
import org.jspecify.annotations.Nullable;

/**
 * The proxy: everything under {@code /v1} and {@code /api/v1} goes to the same path of the upstream.
 *
 * <p>Of Jetty's proxy servlet it keeps the life cycle and the rule about which requests have a body; the reading, the
 * attempts and the writing are Keyway's own, since a body must be whole before it can be rewritten and sent again, and
 * every event must be flushed by itself.
 */
public final class UpstreamServlet extends AsyncProxyServlet {
    private static final long serialVersionUID = 1L;

    /** Set while a response is being broken off: the container then closes the connection. */
    static final String TEAR = UpstreamServlet.class.getName() + ".tear";

    /** Request attribute: set when the request's body could not be read, for whoever renders the container's error. */
    public static final String UNREADABLE = UpstreamServlet.class.getName() + ".unreadable";

    /** TRACE would echo the key, CONNECT is not for an origin. */
    private static final Set<String> REFUSED_METHODS = Set.of("TRACE", "CONNECT");

    private static final Pattern BROKEN_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");

    private final transient UpstreamClient client;
    private final transient ServletDoors doors;
    private final transient Function<HttpServletRequest, Pipeline> pipelines;
    private final transient Function<HttpServletRequest, CorsHeaders> cors;

    /**
     * A servlet over a started client, which its owner stops.
     *
     * @param pipelines what each request goes by, asked once for each
     */
    public UpstreamServlet(
            UpstreamClient client,
            ServletDoors doors,
            Function<HttpServletRequest, Pipeline> pipelines,
            Function<HttpServletRequest, CorsHeaders> cors) {
        this.client = client;
        this.doors = doors;
        this.pipelines = pipelines;
        this.cors = cors;
    }

    @Override
    protected HttpClient createHttpClient() {
        return client.http();
    }

    @Override
    public void destroy() {
        // The client is stopped by the one who started it.
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        ServletDoors.closeIfTorn(request);
        Exchange exchange = (Exchange) request.getAttribute(Exchange.ATTRIBUTE);
        if (REFUSED_METHODS.contains(request.getMethod())) {
            throw new ApiException(
                            ErrorCode.METHOD_NOT_ALLOWED,
                            "Method " + request.getMethod() + " is not allowed here; allowed: " + CorsHeaders.METHODS)
                    .withHeader("Allow", CorsHeaders.METHODS);
        }
        if (exchange.route().isEmpty()) {
            throw new ApiException(
                    ErrorCode.NOT_FOUND, "Route " + request.getMethod() + " " + exchange.path() + " not found");
        }
        checkQuery(request.getQueryString());
        if (request.getMethod().equals("OPTIONS")) {
            response.setStatus(HttpServletResponse.SC_NO_CONTENT);
            OwnHeaders.protect(response);
            cors.apply(request)
                    .onOptions(request.getHeader("Origin"), request.getHeader("Access-Control-Request-Headers"))
                    .forEach(header -> response.setHeader(header.name(), header.value()));
            return;
        }
        doors.open(request, response, exchange, pipelines.apply(request), Passage.STRAIGHT);
    }

    @Override
    protected boolean hasContent(HttpServletRequest request) {
        return ServletDoors.hasContent(request);
    }

    /** The HTTP client takes a stray percent sign for a failed connection, and sends '?' for what is not Latin-1. */
    private static void checkQuery(@Nullable String query) {
        if (query != null && query.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
            throw new ApiException(
                    ErrorCode.VALIDATION,
                    "The query string holds a character that is not printable ASCII; it must be percent-encoded");
        }
        if (query != null && BROKEN_ESCAPE.matcher(query).find()) {
            throw new ApiException(
                    ErrorCode.VALIDATION, "The query string holds a percent sign without two hex digits after it");
        }
    }

    /** Closes the connection of a response that can't be finished; the container may log it, so it says nothing else. */
    static final class TornException extends IOException {
        private static final long serialVersionUID = 1L;

        TornException() {
            super("the answer broke off");
        }

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }
}
