package dev.keyway.keys;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/** A store that keeps what it is given in memory, at once or when told to. */
final class RecordingStore implements KeyStateStore {
    private final AtomicInteger saves = new AtomicInteger();
    private volatile List<StoredKey> kept = List.of();
    private volatile CompletableFuture<Void> next = CompletableFuture.completedFuture(null);

    /** From now on what is saved is kept when this is completed. */
    CompletableFuture<Void> hold() {
        next = new CompletableFuture<>();
        return next;
    }

    int saves() {
        return saves.get();
    }

    List<StoredKey> kept() {
        return kept;
    }

    @Override
    public List<StoredKey> load() {
        return kept;
    }

    @Override
    public CompletionStage<Void> save(Supplier<List<StoredKey>> state) {
        saves.incrementAndGet();
        return next.thenRun(() -> kept = state.get());
    }

    @Override
    public void close() {}
}
