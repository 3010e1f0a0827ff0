package dev.keyway.keys.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.keyway.keys.KeyStateStore;
import dev.keyway.keys.StoredKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a loss of power at any moment leaves, worked out from the order of the steps. */
class PowerCutTest {
    private static final List<StoredKey> OLD = Keys.ALL_KINDS;
    private static final List<StoredKey> NEW = List.of(Keys.served("sk-or-v1-one", 8));

    @TempDir
    private Path home;

    private static void keep(KeyStateStore store, List<StoredKey> keys) {
        KeyStateStoreContract.keep(store, () -> keys);
    }

    private KeyStateStore opened(CrashDisk disk) throws IOException {
        KeyStateStore store = new FileKeyStateStore(home, null, InstantSource.fixed(Keys.NOW), disk);
        store.load();
        return store;
    }

    @Test
    void content_is_on_the_disk_before_its_name_and_the_name_before_anyone_is_told() throws IOException {
        CrashDisk disk = new CrashDisk();
        try (KeyStateStore store = opened(disk)) {
            int before = disk.steps().size();

            keep(store, OLD);

            assertThat(disk.steps().subList(before, disk.steps().size()))
                    .containsExactly(
                            "create temp", "write temp", "force temp", "rename temp to keys.json", "force folder data");
        }
    }

    @Test
    void the_first_start_puts_the_folder_itself_on_the_disk() throws IOException {
        CrashDisk disk = new CrashDisk();
        opened(disk).close();

        assertThat(disk.steps()).containsExactly("force folder " + home.getFileName());
    }

    @Test
    void after_every_step_the_file_is_the_old_or_the_new_one_and_whole() throws IOException {
        Set<String> seen = new HashSet<>();
        for (int steps = 0; steps <= 5; steps++) {
            CrashDisk disk = new CrashDisk();
            try (KeyStateStore store = opened(disk)) {
                keep(store, OLD);
                disk.crashAfter(steps);

                boolean told = catchThrowable(() -> keep(store, NEW)) == null;

                assertThat(told).as("told after %d steps", steps).isEqualTo(steps == 5);
                for (List<Byte> content : disk.possible("keys.json")) {
                    List<StoredKey> found = read(content);
                    assertThat(found).as("after %d steps", steps).isIn(OLD, NEW);
                    seen.add((told ? "told, " : "not told, ") + (found.equals(OLD) ? "old" : "new"));
                }
            }
        }
        assertThat(seen)
                .as("who was told finds the new one; a crash just before may have kept either")
                .containsExactlyInAnyOrder("not told, old", "not told, new", "told, new");
    }

    @Test
    void a_conversion_cut_anywhere_leaves_the_old_file_or_the_new_one_with_its_backup() throws IOException {
        byte[] text = "[{\"key\":\"sk-or-v1-one\"}]".getBytes(StandardCharsets.UTF_8);
        List<String> whole = new ArrayList<>();
        for (int steps = 0; steps <= 9; steps++) {
            CrashDisk disk = new CrashDisk();
            disk.crashAfter(steps);
            KeyFile file = new KeyFile(home, disk);

            var unused = catchThrowable(() -> {
                file.keepBeside(".node-backup-2026-11-27", text);
                file.replace(KeyDocument.write(NEW, null));
            });

            boolean converted = disk.possible("keys.json").stream().anyMatch(found -> !found.isEmpty());
            if (converted) {
                whole.add(steps + " steps");
                assertThat(disk.possible("keys.json.node-backup-2026-11-27"))
                        .as("backup after %d steps", steps)
                        .singleElement()
                        .isEqualTo(new ArrayList<>(boxed(text)));
            }
        }
        assertThat(whole).containsExactly("8 steps", "9 steps");
    }

    private static List<Byte> boxed(byte[] bytes) {
        List<Byte> boxed = new ArrayList<>();
        for (byte b : bytes) {
            boxed.add(b);
        }
        return boxed;
    }

    private static List<StoredKey> read(List<Byte> content) throws IOException {
        byte[] text = new byte[content.size()];
        for (int i = 0; i < text.length; i++) {
            text[i] = content.get(i);
        }
        return KeyDocumentReader.read(Path.of("keys.json"), text, null).keys();
    }
}
