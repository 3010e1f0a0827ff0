package dev.keyway.keys.store;

import dev.keyway.wire.Secret;
import org.jspecify.annotations.Nullable;

/**
 * The key file's settings.
 *
 * @param masterKey {@code keys.master_key}: seals the keys in the file, 16 characters or more; null: they stand in clear
 */
public record KeyStoreOptions(@Nullable Secret masterKey) {
    /** A shorter one is refused. */
    public static final int LEAST_MASTER_KEY = 16;

    public static final KeyStoreOptions DEFAULTS = new KeyStoreOptions(null);

    /** Does not show even the master key's id: of a passphrase that people chose, a digest helps to guess it. */
    @Override
    public String toString() {
        return "KeyStoreOptions[masterKey=" + (masterKey == null ? "none" : "set") + "]";
    }
}
