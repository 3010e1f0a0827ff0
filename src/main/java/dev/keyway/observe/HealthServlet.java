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
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Answers {@code GET} and {@code HEAD} of three pages, never with a call to the upstream. {@code uptime} is in whole
 * seconds; {@code kms_status} is up while a key is usable.
 *
 * <ul>
 *   <li>{@code /health}: always 200, what the process knows of itself.
 *   <li>{@code /health/live}: always 200; who gets no answer may restart the process.
 *   <li>{@code /health/ready}: 200 while new requests are wanted here, 503 with a reason from the beginning of a stop on.
 *       Neither keys that rest nor a silent upstream make it 503: all nodes of a fleet would vanish at once, and their
 *       clients would hear of it from the load balancer, not from Keyway.
 * </ul>
 *
 * <p>The request id is that of the {@link Exchange} in the request's attribute, left out without one.
 */
public final class HealthServlet extends HttpServlet {
    /** URL patterns within the context. */
    public static final List<String> PATHS = List.of("/health", "/health/live", "/health/ready");

    private static final long serialVersionUID = 1L;
    private static final String RETRY_AFTER_SECONDS = "5";
    private static final String DEGRADED = "degraded";
    private static final JsonMapper JSON = JsonMapper.builder().build();

    @SuppressWarnings("serial") // a servlet is never serialised
    private final Facts facts;

    private final long startedNanos = System.nanoTime();

    /**
     * What the gateway knows of itself; all must answer at once.
     *
     * @param keyUsable whether a request could be given a key now
     * @param stopping whether it has been told to stop
     * @param faults what the machine refuses now, for which {@code status} is {@code degraded}
     */
    public record Signs(BooleanSupplier keyUsable, BooleanSupplier stopping, Supplier<List<String>> faults) {}

    public HealthServlet(
            HealthOptions options, VersionInfo version, Signs signs, UpstreamPulse upstream, InstantSource clock) {
        this.facts = new Facts(options, version, signs, upstream, clock);
    }

    /** @throws ApiException 405 for every method but GET and HEAD */
    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String method = request.getMethod();
        String path = request.getServletPath();
        if (!method.equals("GET") && !method.equals("HEAD")) {
            throw new ApiException(
                            ErrorCode.METHOD_NOT_ALLOWED,
                            "Method " + Redactor.cut(method, 20) + " is not allowed for " + path
                                    + ", only GET and HEAD")
                    .withHeader("Allow", "GET, HEAD");
        }
        boolean unready =
                path.equals("/health/ready") && facts.signs().stopping().getAsBoolean();
        if (unready) {
            response.setStatus(HttpServletResponse.SC_SERVICE_UNAVAILABLE);
            response.setHeader("Retry-After", RETRY_AFTER_SECONDS);
        }
        byte[] body = JSON.writeValueAsBytes(
                switch (path) {
                    case "/health/live" -> live(request);
                    case "/health/ready" -> unready ? unready(request) : links(live(request));
                    default -> health(request);
                });
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
        List<String> faults = facts.signs().faults().get();
        ObjectNode health = timed(faults.isEmpty() ? facts.options().status() : DEGRADED)
                .put("version", facts.version().version())
                .put("environment", facts.options().environment());
        links(withId(health, request));
        if (!faults.isEmpty()) {
            faults.forEach(health.putArray("faults")::add);
        }
        return health;
    }

    private ObjectNode live(HttpServletRequest request) {
        return withId(timed(facts.options().status()), request);
    }

    private ObjectNode unready(HttpServletRequest request) {
        return links(withId(timed("unavailable").put("reason", "stopping"), request));
    }

    private ObjectNode timed(String status) {
        return JSON.createObjectNode()
                .put("status", status)
                .put(
                        "timestamp",
                        facts.clock().instant().truncatedTo(ChronoUnit.MILLIS).toString())
                .put("uptime", TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startedNanos));
    }

    private static ObjectNode withId(ObjectNode health, HttpServletRequest request) {
        return request.getAttribute(Exchange.ATTRIBUTE) instanceof Exchange exchange
                ? health.put("request_id", exchange.id().value())
                : health;
    }

    private ObjectNode links(ObjectNode health) {
        return health.put("kms_status", facts.signs().keyUsable().getAsBoolean() ? "up" : "down")
                .put("openrouter_status", facts.upstream().status());
    }

    private record Facts(
            HealthOptions options, VersionInfo version, Signs signs, UpstreamPulse upstream, InstantSource clock) {}
}
