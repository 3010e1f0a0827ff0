package dev.keyway.keys;

import org.jspecify.annotations.Nullable;

/**
 * What the upstream said when a free tier was out, told again from memory until it is not.
 *
 * @param body at most 64 KiB, no key of the pool in it
 * @param contentType of the body; null when the upstream gave none
 * @param reset its {@code X-RateLimit-Reset}, as it came; null without one
 */
@SuppressWarnings("ArrayRecordComponent") // never compared as a record
public record FreeTierRefusal(
        byte[] body, @Nullable String contentType, @Nullable String reset) {}
