package dev.keyway.limit;

import java.time.Duration;

/**
 * How often.
 *
 * @param window {@code rate_limit.window}: how long requests are counted together, from the first of them on
 * @param maxRequests {@code rate_limit.max_requests}: how many of one client or address within a window
 * @param inferenceMaxRequests {@code rate_limit.inference_max_requests}: the same of the inference routes, which are
 *     counted by themselves
 * @param scope {@code rate_limit.scope}
 */
public record RateLimitOptions(Duration window, int maxRequests, int inferenceMaxRequests, Scope scope) {
    public static final RateLimitOptions DEFAULTS = new RateLimitOptions(Duration.ofMinutes(15), 100, 50, Scope.SEED);

    /** Which routes are limited. */
    public enum Scope {
        /** Those of the REST system that had limits: {@code /api/v1/inference}, the catalogue's below it, {@code /ws}. */
        SEED,
        /** All of the data API. */
        ALL
    }
}
