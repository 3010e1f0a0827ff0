package dev.keyway.keys;

import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Tells of changes of state and has them kept. */
final class KeyJournal {
    private final PoolClock clock;
    private final KeyListener listener;
    private final KeyStateStore store;
    private final Supplier<Roster> roster;

    /** A journal of the keys that the roster has when it is asked. */
    KeyJournal(PoolClock clock, KeyListener listener, KeyStateStore store, Supplier<Roster> roster) {
        this.clock = clock;
        this.listener = listener;
        this.store = store;
        this.roster = roster;
    }

    void tell(String message, PooledKey key, @Nullable String reason) {
        tell(message, key, reason, null);
    }

    /** Tells of a change that lasts until then, on the pool's clock; null: not known, or no matter. */
    void tell(String message, PooledKey key, @Nullable String reason, @Nullable Instant until) {
        Instant onTheWall = until == null ? null : clock.toWall(until);
        listener.onKeyEvent(new KeyEvent(message, key.id(), reason, onTheWall));
    }

    /** Done when the state as it is now would survive a crash. */
    CompletionStage<Void> save() {
        return store.save(this::stored);
    }

    /** Has the state kept, for whoever does not wait for it: a store that can't write says so itself. */
    void keep() {
        save().exceptionally(failure -> null);
    }

    private List<StoredKey> stored() {
        Roster now = roster.get();
        return Stream.concat(
                        Arrays.stream(now.keys()).map(key -> key.stored(clock)),
                        now.retired().remembered(clock.onTheWall()).stream().map(retired -> retired.stored(clock)))
                .toList();
    }
}
