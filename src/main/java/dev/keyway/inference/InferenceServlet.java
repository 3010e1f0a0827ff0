package dev.keyway.inference;

import dev.keyway.access.CorsHeaders;
import dev.keyway.exchange.Api;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.Header;
import dev.keyway.exchange.OwnHeaders;
import dev.keyway.filter.RequestFilter;
import dev.keyway.upstream.Passage;
import dev.keyway.upstream.Pipeline;
import dev.keyway.upstream.ServletDoors;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * {@code POST /inference} and {@code POST /inference/stream}: a chat request that is checked as a whole before it goes, and
 * an answer of few members. Keys, retries, limits and logs are those of every other request.
 */
public final class InferenceServlet extends HttpServlet {
    /** Within the context. */
    public static final List<String> PATHS = List.of(
            "/v1" + Api.INFERENCE,
            "/v1" + Api.INFERENCE_STREAM,
            "/api/v1" + Api.INFERENCE,
            "/api/v1" + Api.INFERENCE_STREAM);

    private static final long serialVersionUID = 1L;
    private static final String METHODS = "POST, OPTIONS";

    private final transient ServletDoors doors;
    private final transient Function<HttpServletRequest, Rules> rules;
    private final transient Predicate<String> knownModels;

    /**
     * What holds for a request.
     *
     * @param pipeline that of every other request
     */
    public record Rules(Pipeline pipeline, InferenceOptions options, CorsHeaders cors) {}

    /** @param knownModels whether OpenRouter has a model, as far as one knows */
    public InferenceServlet(
            ServletDoors doors, Function<HttpServletRequest, Rules> rules, Predicate<String> knownModels) {
        this.doors = doors;
        this.rules = rules;
        this.knownModels = knownModels;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        ServletDoors.closeIfTorn(request);
        Rules now = rules.apply(request);
        if (request.getMethod().equals("OPTIONS")) {
            options(request, response, now.cors());
            return;
        }
        if (!request.getMethod().equals("POST")) {
            throw new ApiException(
                            ErrorCode.METHOD_NOT_ALLOWED,
                            "Method " + request.getMethod() + " is not allowed here; allowed: " + METHODS)
                    .withHeader("Allow", METHODS);
        }
        Exchange exchange = (Exchange) request.getAttribute(Exchange.ATTRIBUTE);
        if (exchange.api() != Api.CHAT) {
            // Spelt with escapes that a container decodes: the path as it came decides what is done with a body.
            throw new ApiException(
                    ErrorCode.NOT_FOUND, "Route " + request.getMethod() + " " + exchange.path() + " not found");
        }
        boolean stream = exchange.route().equals(Api.INFERENCE_STREAM);
        String id = exchange.id().value();
        long maxAnswer = now.options().maxAnswer();
        doors.open(
                request,
                response,
                exchange,
                pipeline(now, stream),
                new Passage(Api.CHAT.path(), client -> new InferenceAnswer(client, id, maxAnswer)));
    }

    private Pipeline pipeline(Rules now, boolean stream) {
        List<RequestFilter> filters = new ArrayList<>();
        filters.add(new InferenceRequest(stream));
        filters.addAll(now.pipeline().filters());
        filters.add(new KnownModel(knownModels));
        return now.pipeline()
                .with(filters)
                .withMaxBody(Math.min(
                        now.options().maxBody(), now.pipeline().options().maxBody()));
    }

    private static void options(HttpServletRequest request, HttpServletResponse response, CorsHeaders cors) {
        response.setStatus(HttpServletResponse.SC_NO_CONTENT);
        OwnHeaders.protect(response);
        for (Header header :
                cors.onOptions(request.getHeader("Origin"), request.getHeader("Access-Control-Request-Headers"))) {
            response.setHeader(header.name(), header.value());
        }
        response.setHeader("Allow", METHODS);
    }
}
