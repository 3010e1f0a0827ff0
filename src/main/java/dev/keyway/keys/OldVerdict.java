package dev.keyway.keys;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What an upstream answer means for the key it was asked with. */
public sealed interface OldVerdict {
    /** How long a key rests that the upstream does not know or has switched off. */
    Duration UNAUTHORIZED_REST = Duration.ofMinutes(10);

    /** The key served; nothing is wrong. */
    record Served() implements OldVerdict {}

    /** Nothing that could be blamed on the key. */
    record NotTheKey() implements OldVerdict {}

    /** The provider behind the upstream is limiting; the answer waits {@code delay}, the key goes on. */
    record ProviderLimited(Duration delay) implements OldVerdict {}

    /**
     * The key rests until then and another one may answer this request.
     *
     * @param reason one word for the log: {@link #RATE_LIMITED} or {@link #UNAUTHORIZED}
     * @param ignoredReset a reset that was stated but is not to be believed and why, for one WARN; never the stated text
     *     itself, which is the upstream's; null when there was none
     */
    record Rest(Instant until, String reason, @Nullable String ignoredReset) implements OldVerdict {
        public static final String RATE_LIMITED = "rate_limited";
        public static final String UNAUTHORIZED = "unauthorized";

        public Rest(Instant until, String reason) {
            this(until, reason, null);
        }
    }

    /**
     * Judges one answer of the upstream; pure, linear in the body's length, throws on no input.
     *
     * @param status the HTTP status, or for an error inside a 200 the one it stands for
     * @param header looks up a response header by name, in any case; null when it is absent
     * @param body the answer's body or the error event's JSON; may be empty, cut off or no JSON at all; of a body over 64
     *     KiB nothing is read
     */
    static OldVerdict of(
            int status, Function<String, @Nullable String> header, byte[] body, Instant now, KeyPoolOptions options) {
        if (status >= 200 && status < 300) {
            return new Served();
        }
        if (status == 401) {
            return new Rest(now.plus(UNAUTHORIZED_REST), Rest.UNAUTHORIZED);
        }
        UpstreamError error = UpstreamError.read(body);
        if (status != 429 && !error.saysRateLimit(status)) {
            return new NotTheKey();
        }
        if (error.isTheProvidersLimit()) {
            return new ProviderLimited(options.googleRateDelay());
        }
        return restUntilReset(error, header, now, options.rateLimitCooldown());
    }

    private static Rest restUntilReset(
            UpstreamError error, Function<String, @Nullable String> header, Instant now, Duration cooldown) {
        String ignored = null;
        for (StatedReset stated : error.statedResets(header)) {
            StatedReset.Reading reading = stated.read(now);
            if (reading instanceof StatedReset.At at) {
                return new Rest(at.instant(), Rest.RATE_LIMITED, ignored);
            }
            if (ignored == null && reading instanceof StatedReset.Ignored why) {
                ignored = why.reason();
            }
        }
        return new Rest(now.plus(cooldown), Rest.RATE_LIMITED, ignored);
    }
}
