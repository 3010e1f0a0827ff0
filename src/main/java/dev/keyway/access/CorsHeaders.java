package dev.keyway.access;

import dev.keyway.exchange.Header;
import dev.keyway.exchange.RateLimitHeaders;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The headers that let pages of allowed origins read an answer; nobody else's get any. */
public final class CorsHeaders {
    /** The methods of the data API, as {@code Allow} lists them. */
    public static final String METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

    private static final int MAX_REQUESTED = 2048;
    private static final String NAME_LIST = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_, ";
    private static final String DEFAULT_HEADERS = "Authorization, Content-Type, X-API-Key, X-Request-ID";
    private static final String READABLE = "X-Request-ID, X-Generation-Id, X-Provider-Name, X-Keyway-Attempts,"
            + " Server-Timing, Retry-After, " + RateLimitHeaders.NAMES;

    private final AllowedOrigins allowed;
    private final boolean credentials;

    /** @param credentials whether pages may send a browser's credentials along; never those that only {@code *} allows */
    public CorsHeaders(List<String> allowedOrigins, boolean credentials) {
        this.allowed = new AllowedOrigins(allowedOrigins);
        this.credentials = credentials;
    }

    /**
     * What an answer carries, to be added to its headers.
     *
     * @param origin the request's {@code Origin}; null without one
     */
    public List<Header> onAnswer(@Nullable String origin) {
        if (allowed.isEmpty()) {
            return List.of();
        }
        // Also on answers to others: a cache must not give them to a page.
        Header vary = new Header("Vary", "Origin");
        if (origin == null || !allowed.contain(origin)) {
            return List.of(vary);
        }
        Header allow = new Header("Access-Control-Allow-Origin", origin);
        Header readable = new Header("Access-Control-Expose-Headers", READABLE);
        return credentials && allowed.name(origin)
                ? List.of(vary, allow, readable, new Header("Access-Control-Allow-Credentials", "true"))
                : List.of(vary, allow, readable);
    }

    /**
     * What the answer to {@code OPTIONS} carries, status 204.
     *
     * @param requestedHeaders the request's {@code Access-Control-Request-Headers}; null without
     */
    public List<Header> onOptions(@Nullable String origin, @Nullable String requestedHeaders) {
        List<Header> headers = new ArrayList<>();
        headers.add(new Header("Allow", METHODS));
        headers.addAll(onAnswer(origin));
        if (origin != null && allowed.contain(origin)) {
            headers.add(new Header("Access-Control-Allow-Methods", METHODS));
            headers.add(new Header("Access-Control-Allow-Headers", permitted(requestedHeaders)));
            headers.add(new Header("Access-Control-Max-Age", "600"));
        }
        return List.copyOf(headers);
    }

    /** The names asked for: SDKs send several of their own, and none of them opens anything. */
    private static String permitted(@Nullable String requested) {
        return requested != null && isListOfNames(requested) ? requested : DEFAULT_HEADERS;
    }

    private static boolean isListOfNames(String text) {
        return !text.isBlank()
                && text.length() <= MAX_REQUESTED
                && text.chars().allMatch(c -> NAME_LIST.indexOf(c) >= 0);
    }
}
