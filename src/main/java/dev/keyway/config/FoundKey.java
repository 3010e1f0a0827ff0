package dev.keyway.config;

import dev.keyway.wire.Secret;
import org.jspecify.annotations.Nullable;

/**
 * One upstream key in a file of another proxy.
 *
 * @param place {@code .env:3 OPENROUTER_API_KEY}, {@code config.yml:7} or {@code keys.json:2}
 * @param label a name for people; null without one
 * @param account keys of one account share its limits; null when nothing is known about it
 * @param active false: it was switched off there
 */
public record FoundKey(
        String place,
        Secret secret,
        @Nullable String label,
        @Nullable String account,
        boolean active) {}
