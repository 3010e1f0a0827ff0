package dev.keyway.observe;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.exchange.Exchange;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Answers {@code GET} and {@code HEAD /health}: always 200, what the process knows of itself, never a call to the
 * upstream. {@code uptime} is in whole seconds; {@code kms_status} is up while a key is usable.
 *
 * <p>The request id is that of the {@link Exchange} in the request's attribute, left out without one.
 */
public final class HealthServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @SuppressWarnings("serial") // a servlet is never serialised
    private final Facts facts;

    private final long startedNanos = System.nanoTime();

    /** @param keyUsable whether a request could be given a key now; must answer at once */
    public HealthServlet(
            HealthOptions options,
            VersionInfo version,
            BooleanSupplier keyUsable,
            UpstreamPulse upstream,
            InstantSource clock) {
        this.facts = new Facts(options, version, keyUsable, upstream, clock);
    }

    /** @throws ApiException 405 for every method but GET and HEAD */
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String method = request.getMethod();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            throw new ApiException(
                            ErrorCode.METHOD_NOT_ALLOWED,
                            "Method " + Redactor.cut(method, 20) + " is not allowed for /health, only GET and HEAD")
                    .withHeader("Allow", "GET, HEAD");
        }
        byte[] body = JSON.writeValueAsBytes(health(request));
        response.setStatus(HttpServletResponse.SC_OK);
        response.setContentType("application/json");
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

    private ObjectNode health(HttpServletRequest request) {
        ObjectNode health = JSON.createObjectNode()
                .put("status", facts.options().status())
                .put(
                        "timestamp",
                        facts.clock().instant().truncatedTo(ChronoUnit.MILLIS).toString())
                .put("uptime", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedNanos))
                .put("version", facts.version().version())
                .put("environment", facts.options().environment());
        if (request.getAttribute(Exchange.ATTRIBUTE) instanceof Exchange exchange) {
            health.put("request_id", exchange.id().value());
        }
        return health.put("kms_status", facts.keyUsable().getAsBoolean() ? "up" : "down")
                .put("openrouter_status", facts.upstream().status());
    }

    private record Facts(
            HealthOptions options,
            VersionInfo version,
            BooleanSupplier keyUsable,
            UpstreamPulse upstream,
            InstantSource clock) {}
}
