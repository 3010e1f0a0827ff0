package dev.keyway.filter;

import org.jspecify.annotations.Nullable;

/**
 * As what the upstream sees those who ask: {@code identity.*}.
 *
 * @param userAgent {@code User-Agent}
 * @param referer {@code HTTP-Referer}, the address of the app
 * @param title {@code X-OpenRouter-Title} and its older name {@code X-Title}, the name of the app
 */
public record IdentityOptions(Field userAgent, Field referer, Field title) {
    public static final IdentityOptions DEFAULTS =
            new IdentityOptions(Field.clientsElse("Keyway"), Field.clientsElse(null), Field.clientsElse("Keyway"));

    /** Whose value is sent. */
    public enum Mode {
        /** The client's, else the default. */
        PASSTHROUGH,
        /** The one of {@code override_value}, whatever the client sends; without one the default. */
        OVERRIDE,
        /** The default, whatever the client sends. */
        DEFAULT
    }

    /**
     * One of them.
     *
     * @param overrideValue 1 to 256 printable ASCII characters; null: none
     * @param defaultValue the same; null: what has no other value is left out
     */
    public record Field(
            Mode mode,
            @Nullable String overrideValue,
            @Nullable String defaultValue) {
        static Field clientsElse(@Nullable String value) {
            return new Field(Mode.PASSTHROUGH, null, value);
        }
    }
}
