package dev.keyway.keys;

import java.util.Locale;

/** Where a key came from; {@link #word} is how it is written in answers and files. */
public enum KeySource {
    /** {@code openrouter.keys} in YAML or on the command line. */
    CONFIG,
    /** A variable of the environment or of {@code .env}. */
    ENVIRONMENT,
    /** The key file: added by the command line or read from an older system's file. */
    FILE,
    /** The admin API. */
    ADMIN;

    /** In lower case. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether the key lives in the key file, so that it can be removed there. */
    public boolean isStored() {
        return this == FILE || this == ADMIN;
    }
}
