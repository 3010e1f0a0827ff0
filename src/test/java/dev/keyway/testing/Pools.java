package dev.keyway.testing;

import dev.keyway.keys.KeyListener;
import dev.keyway.keys.KeyPool;
import dev.keyway.keys.KeyPoolOptions;
import dev.keyway.keys.store.KeyStateStores;
import dev.keyway.keys.store.KeyStoreOptions;
import java.time.InstantSource;
import java.util.List;
import java.util.random.RandomGenerator;

/** Key pools for tests in which no process ends. */
public final class Pools {
    private Pools() {}

    /** With the configured keys, all active, one clock for everything, and no file. */
    public static KeyPool of(
            KeyPoolOptions options, InstantSource clock, RandomGenerator random, KeyListener listener) {
        return new KeyPool(
                options,
                clock,
                clock,
                random,
                listener,
                List.of(),
                KeyStateStores.open(null, KeyStoreOptions.DEFAULTS, clock));
    }
}
