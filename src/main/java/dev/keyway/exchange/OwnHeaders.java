package dev.keyway.exchange;

import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Locale;

/** The headers that stand on every answer, whoever wrote its body. {@code Date} is the container's. */
public final class OwnHeaders {
    public static final String SERVER = "Keyway";

    private OwnHeaders() {}

    /** Sets {@code Server}, {@code X-Request-ID} and {@code X-Process-Time}; call it last before the head goes. */
    public static void stamp(HttpServletResponse response, Exchange exchange) {
        response.setHeader("Server", SERVER);
        response.setHeader(RequestId.HEADER, exchange.id().value());
        response.setHeader("X-Process-Time", seconds(exchange.elapsed()));
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.3f", time.toNanos() / 1e9);
    }
}
