package dev.keyway.app;

import jakarta.servlet.http.HttpServletRequest;
import java.util.List;

/** Which part of a request's path is whose. */
final class Paths {
    /** The longer one first: both end in {@code /v1}. */
    static final List<String> PREFIXES = List.of("/api/v1", "/v1");

    private Paths() {}

    /** The path after the context's, still percent-encoded as it came; begins with a slash. */
    static String withinContext(HttpServletRequest request) {
        return withoutContext(request.getRequestURI(), request.getContextPath());
    }

    /** The same of a URI that an error was raised for. */
    static String withoutContext(String uri, String context) {
        String path = uri.startsWith(context) ? uri.substring(context.length()) : uri;
        return path.isEmpty() ? "/" : path;
    }

    /** The path after {@code /v1} or {@code /api/v1}; empty when it has neither. */
    static String route(String path) {
        for (String prefix : PREFIXES) {
            if (path.startsWith(prefix + "/")) {
                return path.substring(prefix.length());
            }
        }
        return "";
    }
}
