package dev.keyway.access;

import dev.keyway.wire.ApiException;
import java.util.List;

/** The paths of {@code openrouter.public_endpoints}: readable by anyone, asked of the upstream without any key. */
final class PublicEndpoints {
    private static final List<String> NEVER = List.of("models", "user");
    private final List<RoutePath> endpoints;

    /**
     * Entries without a leading slash get one; empty ones say nothing.
     *
     * @throws IllegalArgumentException when one is no path that a request could have
     */
    PublicEndpoints(List<String> configured) {
        endpoints = configured.stream()
                .map(String::strip)
                .filter(entry -> !entry.isEmpty())
                .map(PublicEndpoints::path)
                .toList();
    }

    private static RoutePath path(String entry) {
        try {
            return RoutePath.of(entry.startsWith("/") ? entry : "/" + entry);
        } catch (ApiException e) {
            throw new IllegalArgumentException("openrouter.public_endpoints: \"" + entry + "\": " + e.text(), e);
        }
    }

    /** Whether a path is one of them or below one; {@code /v1} and {@code /api/v1} are the same. */
    boolean contain(String method, RoutePath path) {
        if (!method.equals("GET") && !method.equals("HEAD")) {
            return false;
        }
        List<String> words = path.words();
        return !startsWith(words, NEVER)
                && endpoints.stream()
                        .anyMatch(endpoint ->
                                endpoint.prefix().isEmpty() == path.prefix().isEmpty()
                                        && startsWith(words, endpoint.words()));
    }

    private static boolean startsWith(List<String> words, List<String> beginning) {
        return words.size() >= beginning.size()
                && words.subList(0, beginning.size()).equals(beginning);
    }
}
