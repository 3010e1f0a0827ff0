package dev.keyway.exchange;

import org.jspecify.annotations.Nullable;

/**
 * What the upstream's answer said about itself, read while it passed; a null was not said.
 *
 * @param model the model that answered, which may differ from the one asked for
 * @param provider the provider's display name
 * @param generationId {@code gen-…}, from {@code X-Generation-Id} or the body
 * @param finishReason the last one that was not null
 * @param usage the last one seen
 */
public record Answer(
        @Nullable String model,
        @Nullable String provider,
        @Nullable String generationId,
        @Nullable String finishReason,
        @Nullable Usage usage) {
    /** Nothing was said. */
    public static final Answer NONE = new Answer(null, null, null, null, null);
}
