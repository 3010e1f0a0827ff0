package dev.keyway.keys;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/** Where the keys that were added, and the state of all keys, outlive the process. Safe for many threads. */
public interface KeyStateStore extends AutoCloseable {
    /**
     * What was kept; empty when nothing was yet. Called once, before the first {@link #save}.
     *
     * @throws IOException when it can't be read or must not be: the message says which file, what is wrong and what to do
     */
    List<StoredKey> load() throws IOException;

    /**
     * Keeps what the supplier gives, which is asked on the store's own thread some time after this call; never waits.
     * Several calls may share one write.
     *
     * @return done when a state at least as new as that of this call would survive a crash of the process; failed, with
     *     an {@link IOException}, when it could not be kept
     */
    CompletionStage<Void> save(Supplier<List<StoredKey>> state);

    /** Why the last state could not be kept, for the log; empty when it was, or none was given yet. */
    default String failure() {
        return "";
    }

    /** Keeps what is still to be kept, and gives back thread and files. */
    @Override
    void close();
}
