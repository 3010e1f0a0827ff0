package dev.keyway.keys.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.keys.KeyStateStore;
import dev.keyway.keys.StoredKey;
import dev.keyway.testing.Proof;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What ten thousand keys cost to keep and to load. */
class KeyFileCostIT {
    private static final Proof PROOF = Proof.named("keys-file");
    private static final int KEYS = 10_000;
    /** A stall would be this long, a busy machine is not. */
    private static final Duration MOST = Duration.ofSeconds(10);

    @TempDir
    private Path home;

    @Test
    void ten_thousand_keys_in_clear() throws IOException {
        measure("in clear", null);
    }

    @Test
    void ten_thousand_keys_encrypted() throws IOException {
        measure("encrypted", new Secret("a master key of mine"));
    }

    private void measure(String how, @Nullable Secret master) throws IOException {
        List<StoredKey> keys = Keys.many(KEYS);
        long[] saves = new long[PROOF.size(3, 15)];
        long[] loads = new long[saves.length];
        for (int i = 0; i < saves.length; i++) {
            long start = System.nanoTime();
            try (KeyStateStore store =
                    KeyStateStores.open(home, new KeyStoreOptions(master), InstantSource.fixed(Keys.NOW))) {
                List<StoredKey> loaded = store.load();
                loads[i] = System.nanoTime() - start;
                assertThat(loaded).hasSize(i == 0 ? 0 : KEYS);

                start = System.nanoTime();
                KeyStateStoreContract.keep(store, () -> keys);
                saves[i] = System.nanoTime() - start;
            }
        }
        Arrays.sort(saves);
        Arrays.sort(loads);
        PROOF.report(
                "%d keys %s, %d KiB: a save takes %d ms in the median and %d at most, a load %d and %d",
                KEYS,
                how,
                Files.size(home.resolve("data/keys.json")) / 1024,
                millis(saves[saves.length / 2]),
                millis(saves[saves.length - 1]),
                millis(loads[loads.length / 2]),
                millis(loads[loads.length - 1]));
        assertThat(Duration.ofNanos(saves[saves.length - 1])).isLessThan(MOST);
        assertThat(Duration.ofNanos(loads[loads.length - 1])).isLessThan(MOST);
    }

    private static long millis(long nanos) {
        return Duration.ofNanos(nanos).toMillis();
    }
}
