package dev.keyway.keys;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an upstream answer means: for the key it was asked with and for the request.
 *
 * @param reason one word for logs: {@code rate_limited}, {@code unauthorized}, {@code out_of_credit} …
 * @param pause how long the upstream asks to wait before the same account is asked again, or how long the answer is held
 *     for {@link Fate#PROVIDER_LIMITED}; zero when nothing was said
 * @param ignoredReset a reset that was stated but is not to be believed and why, for one WARN; never the stated text
 *     itself, which is the upstream's; null when there was none
 */
@SuppressWarnings("DoNotCallSuggester")
public record KeyVerdict(
        KeyEffect effect,
        Fate fate,
        String reason,
        Duration pause,
        @Nullable String ignoredReset) {
    /**
     * Judges one answer of the upstream; pure, linear in the body's length, throws on no input.
     *
     * @param status the HTTP status, or for an error inside a 200 the one it stands for
     * @param header looks up a response header by name, in any case; null when it is absent
     * @param body the answer's body or the error event's JSON; may be empty, cut off or no JSON at all; of a body over 64
     *     KiB nothing is read
     */
    public static KeyVerdict of(
            int status, Function<String, @Nullable String> header, byte[] body, Instant now, KeyPoolOptions options) {
        throw new UnsupportedOperationException();
    }

    /** What a failure of the connection means for the key: nothing was answered. */
    public static KeyVerdict ofNoAnswer(String reason, Fate fate) {
        return new KeyVerdict(new KeyEffect.Trouble(), fate, reason, Duration.ZERO, null);
    }
}
