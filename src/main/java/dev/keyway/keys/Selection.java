package dev.keyway.keys;

import java.time.Duration;
import java.time.Instant;

/** What the pool answers when a request needs a key. */
public sealed interface Selection {
    /**
     * A key to use for one attempt; reported back with {@link KeyPool#report}.
     *
     * @param ticket greater than that of every lease given before; tells failures in a row from failures at one time
     */
    record Lease(UpstreamKey key, long ticket) implements Selection {}

    /** Keys there are, but the free tier of each is out; until {@code retryAt}. */
    record FreeTierOut(Instant retryAt, FreeTierRefusal refusal) implements Selection {}

    /** No key can be used now; one may be from {@code retryAt} on. */
    record Exhausted(Instant retryAt) implements Selection {
        /** What a client is told, with status 503. */
        public static final String MESSAGE = "No available API keys. All API keys are currently disabled due to rate"
                + " limits. Please try again later.";

        /** The value of {@code Retry-After}: whole seconds from now, rounded up, at least 1. */
        public long retryAfterSeconds(Instant now) {
            Duration left = Duration.between(now, retryAt);
            long seconds = left.getNano() > 0 ? left.getSeconds() + 1 : left.getSeconds();
            return Math.max(1, seconds);
        }
    }
}
