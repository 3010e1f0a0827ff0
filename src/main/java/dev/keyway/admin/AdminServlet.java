package dev.keyway.admin;

import dev.keyway.access.CorsHeaders;
import dev.keyway.access.RoutePath;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.OwnAnswer;
import dev.keyway.keys.KeyPool;
import dev.keyway.observe.Redactor;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Everything below {@code /admin}: a table of routes, JSON in and out, one error shape, nothing to be cached. Whether the
 * caller may is decided before; what is asked for is read from the path as it came, and an ambiguous one is refused.
 */
public final class AdminServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final Duration WITHIN = Duration.ofMinutes(1);
    private static final int SHOWN_METHOD = 20;

    private final transient List<Route> routes;
    private final transient Function<HttpServletRequest, CorsHeaders> cors;

    /** @param cors of a request */
    public AdminServlet(
            KeyPool pool, KeyTester tester, ConfigDesk config, Function<HttpServletRequest, CorsHeaders> cors) {
        List<Route> all = new ArrayList<>(new KeyRoutes(pool, tester).routes());
        all.addAll(new ConfigRoutes(config).routes());
        this.routes = List.copyOf(all);
        this.cors = cors;
    }

    /** Every route, such as {@code GET /admin/keys/{id}}. */
    public List<String> routes() {
        return routes.stream().map(Route::toString).toList();
    }

    /** @throws ApiException 400, 404, 405, 413, 415 */
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        RoutePath path = RoutePath.of(request);
        List<Route> here =
                routes.stream().filter(route -> route.matches(path.segments())).toList();
        String method = request.getMethod();
        if (here.isEmpty()) {
            throw new ApiException(
                    ErrorCode.NOT_FOUND,
                    "Route " + Redactor.cut(method, SHOWN_METHOD) + " " + Redactor.redact(path.rest()) + " not found");
        }
        Exchange exchange = (Exchange)
                Objects.requireNonNull(request.getAttribute(Exchange.ATTRIBUTE), "the first filter makes the exchange");
        // Fails where no filter has decided who this is: nothing here is open by a forgotten line.
        exchange.client();
        response.setHeader("Cache-Control", "no-store");
        if (method.equals("OPTIONS")) {
            options(request, response, allowed(here));
            return;
        }
        String asked = method.equals("HEAD") ? "GET" : method;
        for (Route route : here) {
            if (route.method().equals(asked)) {
                start(request, response, exchange, route, route.idIn(path.segments()));
                return;
            }
        }
        throw new ApiException(
                        ErrorCode.METHOD_NOT_ALLOWED,
                        "Method " + Redactor.cut(method, SHOWN_METHOD) + " is not allowed here; allowed: "
                                + allowed(here))
                .withHeader("Allow", allowed(here));
    }

    private static String allowed(List<Route> here) {
        TreeSet<String> methods = new TreeSet<>(List.of("OPTIONS"));
        for (Route route : here) {
            methods.add(route.method());
            if (route.method().equals("GET")) {
                methods.add("HEAD");
            }
        }
        return String.join(", ", methods);
    }

    private void options(HttpServletRequest request, HttpServletResponse response, String allowed) {
        response.setStatus(HttpServletResponse.SC_NO_CONTENT);
        for (Header header : cors.apply(request)
                .onOptions(request.getHeader("Origin"), request.getHeader("Access-Control-Request-Headers"))) {
            response.setHeader(header.name(), header.value());
        }
        response.setHeader("Allow", allowed);
    }

    private static void start(
            HttpServletRequest request, HttpServletResponse response, Exchange exchange, Route route, String id)
            throws IOException {
        boolean hasBody = route.takesBody() && hasBody(request);
        if (hasBody) {
            checkHead(request, route.maxBody());
        }
        OwnAnswer answer = OwnAnswer.begin(
                request, response, exchange, WITHIN, "what was asked for takes too long; it may still be done");
        CompletableFuture<byte[]> body = hasBody
                ? new BodyIntake(request.getInputStream(), exchange, route.maxBody()).read()
                : CompletableFuture.completedFuture(new byte[0]);
        var unused = body.thenCompose(bytes -> route.handler().handle(new Route.Call(id, Members.parse(bytes))))
                .whenComplete((content, failure) ->
                        answer.send(content == null ? OwnAnswer.Content.of(Reply.error(failure), exchange) : content));
    }

    private static boolean hasBody(HttpServletRequest request) {
        return request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
    }

    /** Also keeps out what a web page could send without asking first: that is never JSON. */
    private static void checkHead(HttpServletRequest request, int maxBody) {
        String type = request.getContentType() == null ? "" : request.getContentType();
        String bare = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        String coding = request.getHeader("Content-Encoding");
        if (!bare.equals("application/json") || (coding != null && !coding.equalsIgnoreCase("identity"))) {
            throw new ApiException(
                    ErrorCode.UNSUPPORTED_MEDIA_TYPE,
                    "the body must be JSON, sent with Content-Type: application/json and no Content-Encoding");
        }
        if (request.getContentLengthLong() > maxBody) {
            throw BodyIntake.tooLarge(maxBody);
        }
    }
}
