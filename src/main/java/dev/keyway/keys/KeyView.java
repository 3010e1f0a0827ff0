package dev.keyway.keys;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What may be shown of a key.
 *
 * @param state {@link #ACTIVE} or {@link #RESTING}
 * @param reason why it rests, one word; null while active
 * @param until when it may be used again; null while active
 * @param lastUsed when it last served a request; null when it has not
 */
public record KeyView(
        String id,
        @Nullable String label,
        @Nullable String account,
        String state,
        @Nullable String reason,
        @Nullable Instant until,
        @Nullable Instant lastUsed) {
    public static final String ACTIVE = "active";
    public static final String RESTING = "resting";
}
