package dev.keyway.keys.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyway.keys.KeyStateStore;
import dev.keyway.keys.StoredKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FileKeyStateStoreTest extends KeyStateStoreContract {
    @TempDir
    private Path home;

    @Override
    KeyStateStore fresh() {
        return KeyStateStores.open(home, KeyStoreOptions.DEFAULTS, InstantSource.fixed(Keys.NOW));
    }

    @Override
    KeyStateStore after(KeyStateStore closed) {
        return fresh();
    }

    private Path folder() {
        return home.resolve("data");
    }

    private Path file() {
        return folder().resolve("keys.json");
    }

    private Path written(String text) throws IOException {
        Files.createDirectories(folder());
        return Files.writeString(file(), text);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder())) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private KeyStateStore on(FileSteps steps) {
        return new FileKeyStateStore(home, null, InstantSource.fixed(Keys.NOW), steps);
    }

    @Test
    void people_can_read_the_file_one_key_a_line() throws IOException {
        try (KeyStateStore store = fresh()) {
            store.load();
            keep(store, () -> List.of(Keys.active("sk-or-v1-two"), Keys.ALL_KINDS.get(4)));
        }

        assertThat(Files.readAllLines(file()))
                .containsExactly(
                        "{ \"version\" : 1, \"keys\" : [",
                        "  { \"id\" : \"k_" + Keys.active("sk-or-v1-two").id().substring(2)
                                + "\", \"key\" : \"sk-or-v1-two\", \"source\" : \"file\", \"state\" : \"active\" },",
                        "  { \"id\" : \"k_89abcdef\", \"source\" : \"config\", \"state\" : \"cooling\", \"reason\" :"
                                + " \"refused\", \"until\" : \"2026-11-27T20:10:00Z\", \"failures\" : 1, \"failed\" : 1 }",
                        "] }");
    }

    @Test
    void only_its_owner_may_read_the_file_or_look_into_the_folder() throws IOException {
        try (KeyStateStore store = fresh()) {
            store.load();
            keep(store, () -> Keys.ALL_KINDS);
        }

        assertThat(rights(file())).isEqualTo("rw-------");
        assertThat(rights(folder())).isEqualTo("rwx------");
    }

    private static String rights(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    @Test
    void a_file_and_a_folder_open_to_others_are_closed_to_them_and_that_is_told() throws IOException {
        written("{\"version\": 1, \"keys\": []}");
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r--r--"));
        Files.setPosixFilePermissions(folder(), PosixFilePermissions.fromString("rwxr-xr-x"));

        try (LogLines log = LogLines.of(KeyFile.class);
                KeyStateStore store = fresh()) {
            store.load();

            assertThat(log.lines())
                    .containsExactly(
                            "WARN keys were open to other users, closed now: path=" + folder() + " rights=rwxr-xr-x",
                            "WARN keys were open to other users, closed now: path=" + file() + " rights=rw-r--r--");
        }
        assertThat(rights(file())).isEqualTo("rw-------");
        assertThat(rights(folder())).isEqualTo("rwx------");
    }

    @Test
    void what_is_saved_during_a_write_shares_the_next_one() throws Exception {
        CountDownLatch writing = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        AtomicInteger asked = new AtomicInteger();
        try (KeyStateStore store = fresh()) {
            store.load();
            CompletionStage<Void> first = store.save(() -> {
                writing.countDown();
                await(go);
                return List.of();
            });
            await(writing);

            List<CompletableFuture<Void>> others = new ArrayList<>();
            for (int i = 0; i < 1000; i++) {
                int served = i;
                others.add(store.save(() -> {
                            asked.incrementAndGet();
                            return List.of(Keys.served("sk-or-v1-one", served));
                        })
                        .toCompletableFuture());
            }
            assertThat(others).noneMatch(CompletableFuture::isDone);
            go.countDown();

            first.toCompletableFuture().get(20, TimeUnit.SECONDS);
            CompletableFuture.allOf(others.toArray(CompletableFuture<?>[]::new)).get(20, TimeUnit.SECONDS);
            assertThat(asked).hasValue(1);
        }
        try (KeyStateStore again = fresh()) {
            assertThat(again.load()).containsExactly(Keys.served("sk-or-v1-one", 999));
        }
    }

    @ParameterizedTest
    @EnumSource(BreakingSteps.Step.class)
    void a_write_that_fails_is_told_once_and_the_next_save_tries_again_with_a_new_file(BreakingSteps.Step step)
            throws IOException {
        BreakingSteps disk = new BreakingSteps();
        try (LogLines log = LogLines.of(FileKeyStateStore.class);
                KeyStateStore store = on(disk)) {
            store.load();
            keep(store, () -> List.of(Keys.active("sk-or-v1-one")));
            disk.breakAt(step);

            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> keep(store, () -> Keys.ALL_KINDS))
                        .hasRootCauseInstanceOf(IOException.class)
                        .cause()
                        .hasMessage("key file " + file() + " could not be written: No space left on device");
            }
            assertThat(files()).containsExactly("keys.json");
            assertThat(store.failure()).isEqualTo("No space left on device");
            disk.mend();
            keep(store, () -> Keys.ALL_KINDS);

            assertThat(store.failure()).isEmpty();
            assertThat(log.lines())
                    .containsExactly(
                            "WARN key file could not be written, a restart forgets changes until it is; tried again: file="
                                    + file() + " error=No space left on device",
                            "INFO key file is written again: file=" + file());
            assertThat(disk.created()).hasSize(5).doesNotHaveDuplicates();
        }
        try (KeyStateStore again = fresh()) {
            assertThat(again.load()).isEqualTo(Keys.ALL_KINDS);
        }
    }

    @Test
    void a_state_that_could_not_be_read_back_is_not_written() throws IOException {
        try (KeyStateStore store = fresh()) {
            store.load();
            keep(store, () -> Keys.ALL_KINDS);
            StoredKey twice = Keys.active("sk-or-v1-one");

            assertThatThrownBy(() -> keep(store, () -> List.of(twice, twice)))
                    .hasMessageContaining("a second key has the id " + twice.id());
        }
        try (KeyStateStore again = fresh()) {
            assertThat(again.load()).isEqualTo(Keys.ALL_KINDS);
        }
    }

    @Test
    void a_state_that_fails_to_be_told_fails_its_save_and_not_the_next() throws IOException {
        try (KeyStateStore store = fresh()) {
            store.load();

            assertThatThrownBy(() -> keep(store, () -> {
                        throw new IllegalArgumentException("no state");
                    }))
                    .hasCauseInstanceOf(IOException.class);
            keep(store, () -> Keys.ALL_KINDS);
        }
        try (KeyStateStore again = fresh()) {
            assertThat(again.load()).isEqualTo(Keys.ALL_KINDS);
        }
    }

    @Test
    void a_file_that_could_not_be_read_is_never_written_over() throws IOException {
        String broken = "{\"version\": 1, \"keys\": [";
        written(broken);
        try (KeyStateStore store = fresh()) {
            assertThatThrownBy(store::load).isInstanceOf(IOException.class);

            assertThatThrownBy(() -> keep(store, () -> Keys.ALL_KINDS))
                    .hasMessageContaining("the key file was not read, so it is not written over");
        }
        assertThat(file()).hasContent(broken);
    }

    @Test
    void leftovers_of_a_crash_are_tidied_up_and_nothing_else_is() throws IOException {
        written("{\"version\": 1, \"keys\": []}");
        Files.writeString(file().resolveSibling("keys.json.1f-2e.tmp"), "{\"vers");
        Files.writeString(file().resolveSibling("keys.json.node-backup-2026-11-27"), "[]");
        Files.writeString(file().resolveSibling("mine.tmp"), "");

        try (KeyStateStore store = fresh()) {
            assertThat(store.load()).isEmpty();
        }

        assertThat(files()).containsExactly("keys.json", "keys.json.node-backup-2026-11-27", "mine.tmp");
    }

    @Test
    void a_file_that_is_none_is_refused_with_what_to_do() throws IOException {
        Files.createDirectories(file());

        try (KeyStateStore store = fresh()) {
            assertThatThrownBy(store::load)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("key file " + file() + " can't be read")
                    .hasMessageContaining("it must be a file that the user who runs Keyway may read and write");
        }
    }

    @Test
    void a_folder_that_is_none_is_refused_with_what_to_do() throws IOException {
        Files.writeString(home.resolve("data"), "");

        try (KeyStateStore store = fresh()) {
            assertThatThrownBy(store::load)
                    .isInstanceOf(IOException.class)
                    .hasMessageStartingWith("folder " + home.resolve("data") + " for the key file can't be used");
        }
    }

    /** Tomcat told of a leak where it ended a moment later. */
    @RepeatedTest(20)
    void its_thread_ends_with_it() throws Exception {
        KeyStateStore store = fresh();
        store.load();
        keep(store, List::of);
        List<Thread> threads = Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("keyway-key-file"))
                .toList();

        store.close();

        assertThat(threads).isNotEmpty();
        assertThat(threads).noneMatch(Thread::isAlive);
    }
}
