package dev.keyway.exchange;

import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.List;

/** The headers that stand on every answer, whoever wrote its body. {@code Date} is the container's. */
public final class OwnHeaders {
    public static final String SERVER = "Keyway";

    /** Which configuration served the request: only on answers to who may administer, since it depends on secrets. */
    public static final String CONFIGURATION = "X-Keyway-Config";

    /** Of what Keyway says itself: no page is to be made of it, and none of it is to be guessed at. */
    public static final List<Header> SAFETY = List.of(
            new Header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
            new Header("X-Content-Type-Options", "nosniff"),
            new Header("Referrer-Policy", "no-referrer"));

    private static final long HALF_A_MILLI = 500_000;

    private OwnHeaders() {}

    /** Sets {@code Server}, {@code X-Request-ID}, {@code X-Process-Time} and, for administrators, {@value #CONFIGURATION}; call it last before the head goes. */
    public static void stamp(HttpServletResponse response, Exchange exchange) {
        response.setHeader("Server", SERVER);
        response.setHeader(RequestId.HEADER, exchange.id().value());
        response.setHeader("X-Process-Time", seconds(exchange.elapsed()));
        String configuration = exchange.configuration();
        if (configuration != null && exchange.isFromAdmin()) {
            response.setHeader(CONFIGURATION, configuration);
        }
    }

    /**
     * Sets {@link #SAFETY}. For answers whose body is Keyway's own, and none else: the upstream's have the headers that it
     * gave them.
     */
    public static void protect(HttpServletResponse response) {
        for (Header header : SAFETY) {
            response.setHeader(header.name(), header.value());
        }
    }

    /** The same for an own error, which also must not be kept: it may not hold a second later. */
    public static void protectError(HttpServletResponse response) {
        protect(response);
        response.setHeader("Cache-Control", "no-store");
    }

    private static String seconds(Duration time) {
        long millis = (time.toNanos() + HALF_A_MILLI) / (2 * HALF_A_MILLI);
        String fraction = Long.toString(1_000 + millis % 1_000);
        return millis / 1_000 + "." + fraction.substring(1);
    }
}
