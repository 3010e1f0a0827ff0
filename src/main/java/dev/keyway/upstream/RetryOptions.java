package dev.keyway.upstream;

/**
 * What may be sent again, and how often.
 *
 * @param maxAttempts {@code retry.max_attempts}: every send of one request counts, 1 to 10
 * @param ambiguous {@code retry.ambiguous}: what is done when the upstream may have worked on the request and billed it
 * @param budget {@code retry.budget}: sends again that one request pays for, 0 to 1; for those that are drawn on it
 */
public record RetryOptions(int maxAttempts, Ambiguous ambiguous, double budget) {
    public static final RetryOptions DEFAULTS = new RetryOptions(3, Ambiguous.STREAM_ONLY, 0.1);

    /** When a request whose fate is not known is sent again. */
    public enum Ambiguous {
        NEVER,
        /** When it asked for a stream: silence then mostly means that nothing was generated. */
        STREAM_ONLY,
        /** Always, at the risk of a second bill. */
        ONCE
    }
}
