package dev.keyway.exchange;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One send of a request to the upstream and how it ended.
 *
 * @param key id of the pool key used, or of the caller's own; null without a key
 * @param status the upstream's, or the one an error inside a 200 stood for; 0 when no status line came
 * @param reason one word or phrase for the log: {@code ok}, {@code rate_limited}, {@code connect_failed} …
 * @param took from the lease of the key to this end
 */
public record Attempt(@Nullable String key, int status, String reason, Duration took) {}
