package dev.keyway.keys.store;

import dev.keyway.keys.KeyStateStore;
import java.nio.file.Path;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/** The stores there are. */
public final class KeyStateStores {
    private KeyStateStores() {}

    /**
     * A store that has read and written nothing yet.
     *
     * <p>The caller holds the lock of the home folder: of two stores on one file each would undo what the other kept.
     *
     * @param home whose {@code data/keys.json} it is; null when nothing can be kept: then in memory alone
     */
    public static KeyStateStore open(@Nullable Path home, KeyStoreOptions options, InstantSource clock) {
        return home == null
                ? new InMemoryKeyStateStore()
                : new FileKeyStateStore(home, options.masterKey(), clock, new DiskSteps());
    }
}
