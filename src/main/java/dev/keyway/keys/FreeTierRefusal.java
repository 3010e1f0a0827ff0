package dev.keyway.keys;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the upstream said when a free tier was out, told again from memory until it is not.
 *
 * @param body no key of the pool in it
 * @param contentType of the body; null when the upstream gave none
 * @param reset its {@code X-RateLimit-Reset}, as it came; null without one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a record
public record FreeTierRefusal(
        byte[] body, @Nullable String contentType, @Nullable String reset) {
    /** One is kept for each account; what OpenRouter says is a twentieth of it. */
    static final int MOST_BYTES = 8 * 1024;

    /** For when what the upstream said is not known any more, or a probe found out: its shape, and milliseconds since 1970. */
    static FreeTierRefusal inOurWords(Instant until) {
        String reset = Long.toString(until.toEpochMilli());
        String body = "{\"error\":{\"message\":\"Rate limit exceeded: the free tier of this account is used up\","
                + "\"code\":429,\"metadata\":{\"headers\":{\"X-RateLimit-Remaining\":\"0\",\"X-RateLimit-Reset\":\""
                + reset + "\"},\"limit_source\":\"openrouter_free_tier\",\"provider_name\":null}}}";
        return new FreeTierRefusal(body.getBytes(StandardCharsets.UTF_8), "application/json", reset);
    }
}
