package dev.keyway.keys;

import dev.keyway.wire.Secret;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The pool's settings.
 *
 * @param keys {@code openrouter.keys} in the order written, without duplicates
 * @param strategy {@code openrouter.key_selection_strategy}: a name known to {@link SelectionStrategies}
 * @param same {@code openrouter.key_selection_opts: [same]}: the last key is used again while it is available
 * @param rateLimitCooldown {@code openrouter.rate_limit_cooldown}: how long a key rests after a limit that does not say
 *     until when, default 4 h
 * @param googleRateDelay {@code openrouter.google_rate_delay}: how long an answer waits when it is the provider's limit,
 *     not the key's, default 0
 */
public record KeyPoolOptions(
        List<Entry> keys, String strategy, boolean same, Duration rateLimitCooldown, Duration googleRateDelay) {
    public static final KeyPoolOptions DEFAULTS =
            new KeyPoolOptions(List.of(), "round-robin", false, Duration.ofHours(4), Duration.ZERO);

    public KeyPoolOptions {
        keys = List.copyOf(keys);
    }

    /**
     * One configured key.
     *
     * @param label a name for people; null without one
     * @param account keys of one account share its limits; null when nothing is known about it
     */
    public record Entry(
            Secret secret, @Nullable String label, @Nullable String account, KeySource source) {
        /** One of the configuration. */
        public Entry(Secret secret, @Nullable String label, @Nullable String account) {
            this(secret, label, account, KeySource.CONFIG);
        }
    }

    public KeyPoolOptions withKeys(List<Entry> others) {
        return new KeyPoolOptions(others, strategy, same, rateLimitCooldown, googleRateDelay);
    }
}
