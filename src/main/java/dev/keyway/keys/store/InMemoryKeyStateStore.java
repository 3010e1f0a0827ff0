package dev.keyway.keys.store;

import dev.keyway.keys.KeyStateStore;
import dev.keyway.keys.StoredKey;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Keeps nothing over the end of the process, for a home that can't be written to: a save is done at once, because no file
 * will ever know more. The state is asked for when it is loaded, so a save costs nothing.
 */
final class InMemoryKeyStateStore implements KeyStateStore {
    private volatile Supplier<List<StoredKey>> latest = List::of;
    private volatile boolean closed;

    @Override
    public List<StoredKey> load() {
        return List.copyOf(latest.get());
    }

    @Override
    public CompletionStage<Void> save(Supplier<List<StoredKey>> state) {
        if (closed) {
            return CompletableFuture.failedStage(new IOException("the key store is closed"));
        }
        latest = state;
        return CompletableFuture.completedStage(null);
    }

    @Override
    public void close() {
        closed = true;
    }
}
