package dev.keyway.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExecutableWarCacheTest {
    @TempDir
    Path folder;

    private Instant now = Instant.parse("2026-11-20T12:00:00Z");

    @Test
    void the_jars_of_both_folders_are_unpacked_and_nothing_else() throws IOException {
        Path war = war(
                "one",
                Map.of(
                        "WEB-INF/lib/a.jar",
                        "A",
                        "WEB-INF/lib-standalone/b.jar",
                        "B",
                        "WEB-INF/web.xml",
                        "x",
                        "WEB-INF/lib/deeper/c.jar",
                        "C",
                        "index.html",
                        "y"));

        List<Path> jars = cache().unpacked(war).jars();

        assertThat(jars)
                .extracting(Path::getFileName)
                .extracting(Path::toString)
                .containsExactly("a.jar", "b.jar");
        assertThat(jars.get(0)).hasContent("A");
        assertThat(jars.get(1)).hasContent("B");
    }

    @Test
    void a_second_start_unpacks_nothing() throws IOException {
        Path war = war("one", Map.of("WEB-INF/lib/a.jar", "A"));
        Path first = cache().unpacked(war).jars().get(0);
        FileTime marked = FileTime.from(now.minusSeconds(5000));
        Files.setLastModifiedTime(first, marked);

        Path second = cache().unpacked(war).jars().get(0);

        assertThat(second).isEqualTo(first);
        assertThat(Files.getLastModifiedTime(second)).isEqualTo(marked);
    }

    @Test
    void another_content_is_another_entry_whatever_the_file_is_called() throws IOException {
        Path war = war("one", Map.of("WEB-INF/lib/a.jar", "A"));
        Path before = cache().unpacked(war).jars().get(0);
        war("one", Map.of("WEB-INF/lib/a.jar", "B"));

        Path after = cache().unpacked(war).jars().get(0);

        assertThat(after).isNotEqualTo(before).hasContent("B");
        assertThat(before).hasContent("A");
    }

    @Test
    void a_new_folder_is_for_its_user_alone() throws IOException {
        cache().unpacked(war("one", Map.of("WEB-INF/lib/a.jar", "A")));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root())))
                .isEqualTo("rwx------");
    }

    @Test
    void a_folder_that_others_can_write_to_is_passed_over() throws IOException {
        Files.createDirectory(root());
        Files.setPosixFilePermissions(root(), PosixFilePermissions.fromString("rwxrwxrwx"));
        Path war = war("one", Map.of("WEB-INF/lib/a.jar", "A"));

        assertThatThrownBy(() -> cache().unpacked(war))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can be written to by others");
        assertThat(cache(root(), folder.resolve("next")).unpacked(war).jars().get(0))
                .startsWith(folder.resolve("next"));
        assertThat(root()).isEmptyDirectory();
    }

    @Test
    void a_symbolic_link_is_passed_over() throws IOException {
        Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        Files.createSymbolicLink(root(), elsewhere);
        Path war = war("one", Map.of("WEB-INF/lib/a.jar", "A"));

        assertThatThrownBy(() -> cache().unpacked(war)).hasMessageContaining("is no folder");
        assertThat(elsewhere).isEmptyDirectory();
    }

    @Test
    void a_folder_of_someone_else_is_passed_over() throws IOException {
        Path theirs = Files.createDirectory(root());
        org.junit.jupiter.api.Assumptions.assumeTrue(
                "root".equals(System.getProperty("user.name")), "only root can give a folder away");
        Files.setPosixFilePermissions(theirs, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setOwner(
                theirs, theirs.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody"));
        Path war = war("one", Map.of("WEB-INF/lib/a.jar", "A"));

        assertThatThrownBy(() -> cache().unpacked(war)).hasMessageContaining("belongs to nobody");
        assertThat(theirs).isEmptyDirectory();
    }

    @Test
    void an_entry_that_lost_or_shrank_a_file_is_unpacked_anew() throws IOException {
        Path war = war("one", Map.of("WEB-INF/lib/a.jar", "AAAA", "WEB-INF/lib/b.jar", "BBBB"));
        List<Path> jars = cache().unpacked(war).jars();
        Files.delete(jars.get(0));
        Files.writeString(jars.get(1), "B");

        List<Path> again = cache().unpacked(war).jars();

        assertThat(again).isEqualTo(jars);
        assertThat(again.get(0)).hasContent("AAAA");
        assertThat(again.get(1)).hasContent("BBBB");
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void parallel_starts_all_get_whole_jars() throws Exception {
        int starts = 8;
        Path war =
                war("one", Map.of("WEB-INF/lib/a.jar", "A".repeat(200_000), "WEB-INF/lib/b.jar", "B".repeat(200_000)));
        CyclicBarrier together = new CyclicBarrier(starts);
        Callable<List<Path>> start = () -> {
            together.await();
            return cache().unpacked(war).jars();
        };
        ExecutorService threads = Executors.newFixedThreadPool(starts);
        try {
            List<Future<List<Path>>> running = new ArrayList<>();
            for (int i = 0; i < starts; i++) {
                running.add(threads.submit(start));
            }
            for (Future<List<Path>> one : running) {
                assertThat(one.get())
                        .allSatisfy(jar -> assertThat(Files.size(jar)).isEqualTo(200_000));
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(leftovers()).isEmpty();
        assertThat(entries()).hasSize(1);
    }

    @Test
    void the_three_used_last_stay_and_one_in_use_is_never_taken_away() throws IOException {
        List<Path> jars = new ArrayList<>();
        List<FileChannel> locks = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            now = now.plusSeconds(60);
            ExecutableWarCache.Unpacked unpacked = cache().unpacked(war("w" + i, Map.of("WEB-INF/lib/a.jar", "A" + i)));
            jars.add(unpacked.jars().get(0));
            locks.add(Objects.requireNonNull(unpacked.inUse()));
            if (i > 0) {
                locks.get(i).close();
            }
        }

        assertThat(jars.stream().map(Files::exists)).containsExactly(true, false, false, true, true, true);
        locks.get(0).close();
        now = now.plusSeconds(60);
        cache().unpacked(war("w7", Map.of("WEB-INF/lib/a.jar", "A7")));
        assertThat(jars.stream().map(Files::exists)).containsExactly(false, false, false, false, true, true);
    }

    @Test
    void what_a_killed_start_left_goes_after_a_day() throws IOException {
        Path war = war("one", Map.of("WEB-INF/lib/a.jar", "A"));
        cache().unpacked(war);
        Path left = Files.createDirectory(root().resolve("unpacking-123"));
        Files.writeString(left.resolve("a.jar"), "half");
        Files.setLastModifiedTime(left, FileTime.from(now));

        cache().unpacked(war);
        assertThat(left).describedAs("may still be at work").exists();
        now = now.plus(Duration.ofHours(25));
        cache().unpacked(war);

        assertThat(left).doesNotExist();
    }

    @Test
    void the_folder_is_the_users_cache_else_that_for_temporary_files() throws IOException {
        Path war = war("one", Map.of("WEB-INF/lib/a.jar", "A"));
        Properties system = new Properties();
        system.setProperty("user.home", folder.resolve("home").toString());
        system.setProperty("user.name", "an/na");
        system.setProperty("java.io.tmpdir", folder.toString());
        Map<String, String> xdg = Map.of("XDG_CACHE_HOME", folder.resolve("xdg").toString());

        Path byXdg = ExecutableWarCache.ofCurrentUser(xdg, system)
                .unpacked(war)
                .jars()
                .get(0);
        Path byHome = ExecutableWarCache.ofCurrentUser(Map.of(), system)
                .unpacked(war)
                .jars()
                .get(0);
        system.setProperty("user.home", "?");
        Path byTmp = ExecutableWarCache.ofCurrentUser(Map.of(), system)
                .unpacked(war)
                .jars()
                .get(0);

        assertThat(byXdg).startsWith(folder.resolve("xdg/keyway"));
        assertThat(byHome).startsWith(folder.resolve("home/.cache/keyway"));
        assertThat(byTmp).startsWith(folder.resolve("keyway-an_na"));
    }

    private Path root() {
        return folder.resolve("cache");
    }

    private ExecutableWarCache cache() {
        return cache(root());
    }

    private ExecutableWarCache cache(Path... candidates) {
        return new ExecutableWarCache(List.of(candidates), () -> now);
    }

    private Path war(String name, Map<String, String> files) throws IOException {
        Path war = folder.resolve(name + ".war");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(war))) {
            for (Map.Entry<String, String> file : files.entrySet()) {
                zip.putNextEntry(new ZipEntry(file.getKey()));
                zip.write(file.getValue().getBytes(java.nio.charset.StandardCharsets.UTF_8));
                zip.closeEntry();
            }
        }
        return war;
    }

    private List<Path> entries() throws IOException {
        try (Stream<Path> children = Files.list(root())) {
            return children.toList();
        }
    }

    private List<Path> leftovers() throws IOException {
        return entries().stream()
                .filter(child -> child.getFileName().toString().startsWith("unpacking-"))
                .toList();
    }
}
