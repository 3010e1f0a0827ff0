package dev.keyway.exchange;

import jakarta.servlet.http.HttpServletResponse;
import java.util.Locale;
import java.util.Set;

/**
 * The headers by which Keyway tells a client of its own limit, in the older and the newer spelling. Where they stand, the
 * upstream's of the same names do not: nobody could tell whose is whose.
 */
public final class RateLimitHeaders {
    /** For browsers, which must be told what they may read. */
    public static final String NAMES = "X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, RateLimit-Limit,"
            + " RateLimit-Remaining, RateLimit-Reset, RateLimit-Policy";

    private static final String POLICY = "RateLimit-Policy";
    private static final Set<String> LOWER_CASE =
            Set.of(NAMES.toLowerCase(Locale.ROOT).split(", ", -1));

    private RateLimitHeaders() {}

    /**
     * Sets all of them.
     *
     * @param policy such as {@code 100;w=900}
     * @param seconds until the reset
     * @param reset as a Unix time in seconds
     */
    public static void set(
            HttpServletResponse response, String limit, String policy, String remaining, String seconds, String reset) {
        response.setHeader("X-RateLimit-Limit", limit);
        response.setHeader("X-RateLimit-Remaining", remaining);
        response.setHeader("X-RateLimit-Reset", reset);
        response.setHeader("RateLimit-Limit", limit);
        response.setHeader("RateLimit-Remaining", remaining);
        response.setHeader("RateLimit-Reset", seconds);
        response.setHeader(POLICY, policy);
    }

    /** Whether a header of the upstream must not be added to this answer, because Keyway's own stands there. */
    public static boolean replace(Header header, HttpServletResponse response) {
        return LOWER_CASE.contains(header.name().toLowerCase(Locale.ROOT)) && response.containsHeader(POLICY);
    }
}
