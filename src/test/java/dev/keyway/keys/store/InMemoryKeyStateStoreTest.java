package dev.keyway.keys.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.keys.KeyStateStore;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class InMemoryKeyStateStoreTest extends KeyStateStoreContract {
    @Override
    KeyStateStore fresh() {
        return KeyStateStores.open(null, KeyStoreOptions.DEFAULTS, InstantSource.fixed(Keys.NOW));
    }

    @Override
    KeyStateStore after(KeyStateStore closed) {
        return closed;
    }

    @Test
    void a_save_is_done_at_once_and_asks_for_nothing() {
        boolean[] asked = {false};

        var stage = fresh().save(() -> {
            asked[0] = true;
            return Keys.ALL_KINDS;
        });

        assertThat(stage.toCompletableFuture()).isCompleted();
        assertThat(asked[0]).isFalse();
    }
}
