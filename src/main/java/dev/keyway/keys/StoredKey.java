package dev.keyway.keys;

import dev.keyway.wire.Secret;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A key as it is kept over a restart.
 *
 * @param id {@code k_…}
 * @param secret null for a key of configuration or environment: of those only the state is kept
 * @param reason why it is not active, one word; null while it is
 * @param until when it is used again by itself; null while active, or when that is not known
 * @param failures failures in a row
 * @param refusals how often in a row the key was refused: doubles its rest
 * @param freeUntil until when its account's free tier is out; null: it is not
 * @param lastUsed when it last served
 * @param served how many requests it served
 * @param failed how many it failed
 * @param retired since when it is neither configured nor stored, and only its state is remembered; null while it is
 */
public record StoredKey(
        String id,
        @Nullable Secret secret,
        @Nullable String label,
        @Nullable String account,
        KeySource source,
        KeyState state,
        @Nullable String reason,
        @Nullable Instant until,
        int failures,
        int refusals,
        @Nullable Instant freeUntil,
        @Nullable Instant lastUsed,
        long served,
        long failed,
        @Nullable Instant retired) {
    /** One that is of the pool. */
    public StoredKey(
            String id,
            @Nullable Secret secret,
            @Nullable String label,
            @Nullable String account,
            KeySource source,
            KeyState state,
            @Nullable String reason,
            @Nullable Instant until,
            int failures,
            int refusals,
            @Nullable Instant freeUntil,
            @Nullable Instant lastUsed,
            long served,
            long failed) {
        this(
                id, secret, label, account, source, state, reason, until, failures, refusals, freeUntil, lastUsed,
                served, failed, null);
    }

    /** The state alone, of a key that is of the pool no more since then. */
    StoredKey retiredAt(Instant since) {
        return new StoredKey(
                id, null, label, account, source, state, reason, until, failures, refusals, freeUntil, lastUsed, served,
                failed, since);
    }
}
