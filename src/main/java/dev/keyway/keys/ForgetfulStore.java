package dev.keyway.keys;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Keeps nothing: for a pool that lives as long as its process. */
final class ForgetfulStore implements KeyStateStore {
    @Override
    public List<StoredKey> load() {
        return List.of();
    }

    @Override
    public CompletionStage<Void> save(Supplier<List<StoredKey>> state) {
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void close() {}
}
