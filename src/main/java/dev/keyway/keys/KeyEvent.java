package dev.keyway.keys;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A change of a key's state, for the keys log.
 *
 * @param message the seeds' event words: {@code Key Rotation}, {@code Rate Limit Hit}, {@code Key Reactivated} …
 * @param key the key's id
 * @param reason one word; null without one
 * @param until when it may be used again; null when it may be now
 */
public record KeyEvent(
        String message,
        String key,
        @Nullable String reason,
        @Nullable Instant until) {}
