package dev.keyway.exchange;

import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;

/** The headers that stand on every answer, whoever wrote its body. {@code Date} is the container's. */
public final class OwnHeaders {
    public static final String SERVER = "Keyway";

    /** Which configuration served the request: only on answers to who may administer, since it depends on secrets. */
    public static final String CONFIGURATION = "X-Keyway-Config";

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

    private static String seconds(Duration time) {
        long millis = (time.toNanos() + HALF_A_MILLI) / (2 * HALF_A_MILLI);
        String fraction = Long.toString(1_000 + millis % 1_000);
        return millis / 1_000 + "." + fraction.substring(1);
    }
}
