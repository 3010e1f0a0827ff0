package dev.keyway.app;

import dev.keyway.config.GatewayConfig;
import dev.keyway.keys.KeyStateStore;
import dev.keyway.keys.StoredKey;
import dev.keyway.keys.store.KeyStateStores;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The store of the keys, opened, and what was in it.
 *
 * @param stored as it was at the start
 */
record KeyFile(KeyStateStore store, List<StoredKey> stored) {
    /**
     * Opens and reads it.
     *
     * @param home the lock on the folder, let go of when the file can't be read; null: nothing can be kept
     * @throws IOException when the file can't be read or must not be
     */
    static KeyFile open(GatewayConfig config, @Nullable HomeLock home, InstantSource clock) throws IOException {
        KeyStateStore store = KeyStateStores.open(home == null ? null : config.home(), config.keyStore(), clock);
        try {
            return new KeyFile(store, store.load());
        } catch (IOException e) {
            store.close();
            if (home != null) {
                home.close();
            }
            throw e;
        }
    }
}
