package dev.keyway.keys.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyway.keys.KeyStateStore;
import dev.keyway.keys.StoredKey;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What every store of keys and states does. */
abstract class KeyStateStoreContract {
    private KeyStateStore store = new InMemoryKeyStateStore();

    /** A store that nothing was kept in yet. */
    abstract KeyStateStore fresh() throws IOException;

    /** The store over what this one, which is closed, kept; as far as it keeps anything, this one itself. */
    abstract KeyStateStore after(KeyStateStore closed) throws IOException;

    @AfterEach
    void close() {
        store.close();
    }

    private KeyStateStore opened() throws IOException {
        store = fresh();
        assertThat(store.load()).isEmpty();
        return store;
    }

    private List<StoredKey> reloaded() throws IOException {
        store.close();
        store = after(store);
        return store.load();
    }

    static void keep(KeyStateStore store, Supplier<List<StoredKey>> state) {
        store.save(state).toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    @Test
    void nothing_was_kept_before_the_first_save() throws IOException {
        opened();

        assertThat(reloaded()).isEmpty();
    }

    @Test
    void every_member_of_what_was_saved_is_loaded_as_it_was() throws IOException {
        keep(opened(), () -> Keys.ALL_KINDS);

        assertThat(reloaded()).isEqualTo(Keys.ALL_KINDS);
    }

    @Test
    void the_last_saved_state_counts_even_when_it_is_empty() throws IOException {
        KeyStateStore opened = opened();
        keep(opened, () -> Keys.ALL_KINDS);
        keep(opened, List::of);

        assertThat(reloaded()).isEmpty();
    }

    @Test
    void close_keeps_what_nobody_waited_for() throws IOException {
        var unused = opened().save(() -> Keys.ALL_KINDS);

        assertThat(reloaded()).isEqualTo(Keys.ALL_KINDS);
    }

    @Test
    void a_save_returns_though_the_state_takes_long_to_tell() throws IOException {
        CountDownLatch told = new CountDownLatch(1);

        var stage = opened().save(() -> {
            await(told);
            return Keys.ALL_KINDS;
        });
        told.countDown();

        stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
        assertThat(reloaded()).isEqualTo(Keys.ALL_KINDS);
    }

    static void await(CountDownLatch latch) {
        try {
            if (!latch.await(20, TimeUnit.SECONDS)) {
                throw new IllegalStateException("nobody let go");
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void of_many_threads_no_save_is_lost() throws IOException {
        KeyStateStore opened = opened();
        AtomicLong changes = new AtomicLong();
        Supplier<List<StoredKey>> state = () -> List.of(Keys.served("sk-or-v1-one", changes.get()));

        CompletableFuture<?>[] threads = IntStream.range(0, 8)
                .mapToObj(thread -> CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 50; i++) {
                        changes.incrementAndGet();
                        keep(opened, state);
                    }
                }))
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(threads).orTimeout(60, TimeUnit.SECONDS).join();

        assertThat(reloaded()).containsExactly(Keys.served("sk-or-v1-one", 400));
    }

    @Test
    void after_close_a_save_fails() throws IOException {
        KeyStateStore opened = opened();
        opened.close();

        assertThatThrownBy(() -> keep(opened, () -> Keys.ALL_KINDS)).hasRootCauseInstanceOf(IOException.class);
        assertThat(reloaded()).isEmpty();
    }
}
