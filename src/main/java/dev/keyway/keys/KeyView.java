package dev.keyway.keys;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What may be shown of a key.
 *
 * @param reason why it is not active, one word; null while it is
 * @param until when it is used again by itself; null while active, or when that is not known
 * @param freeUntil until when its account's free tier is out; null: it is not
 * @param failures failures in a row
 * @param lastUsed when it last served a request; null when it has not
 * @param served how many requests it served
 * @param failed how many it failed
 * @param credit what the last probe said; null before one did
 */
public record KeyView(
        String id,
        @Nullable String label,
        @Nullable String account,
        KeySource source,
        KeyState state,
        @Nullable String reason,
        @Nullable Instant until,
        @Nullable Instant freeUntil,
        int failures,
        @Nullable Instant lastUsed,
        long served,
        long failed,
        @Nullable KeyCredit credit) {}
