package dev.keyway.keys.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.keys.KeyStateStore;
import dev.keyway.keys.StoredKey;
import dev.keyway.testing.Proof;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Real processes that write the key file are killed in the middle of it. */
class KeyFileKillIT {
    private static final Proof PROOF = Proof.named("keys-crash");
    private static final int SIGKILLED = 128 + 9;
    private static final int MOST_STATES = 30;
    private static final int MOST_MICROSECONDS = 3_000;

    @TempDir
    private Path home;

    private final Random random = new Random(20261127);

    @Test
    @Timeout(value = 14, unit = TimeUnit.MINUTES)
    void a_state_that_was_kept_survives_the_kill_and_the_file_always_loads() throws Exception {
        int kills = PROOF.size(20, 300);
        long kept = 0;
        int cut = 0;
        for (int i = 0; i < kills; i++) {
            long told = killedAfterSome(kept);
            cut += leftovers();

            List<StoredKey> found = load();

            kept = KeyFileVictim.number(found);
            assertThat(found).as("after kill %d", i).isEqualTo(KeyFileVictim.state(kept));
            assertThat(kept).as("after kill %d, told %d", i, told).isBetween(told, told + 1);
        }
        PROOF.report(
                "%d processes killed while they wrote, %d of them within a file: all %d states that were told as kept"
                        + " were there, every file loaded",
                kills, cut, kept);
        assertThat(kept).isGreaterThan(kills);
    }

    /** Starts the next process over the same file, kills it at some moment; the last number it told as kept. */
    private long killedAfterSome(long before) throws IOException, InterruptedException {
        Process victim = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx64m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        KeyFileVictim.class.getName(),
                        home.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long told = before;
        try (BufferedReader lines = victim.inputReader()) {
            for (int i = 1 + random.nextInt(MOST_STATES); i > 0; i--) {
                String line = lines.readLine();
                assertThat(line).as("the process writes until it is killed").isNotNull();
                told = Long.parseLong(line);
            }
            long moment = System.nanoTime() + TimeUnit.MICROSECONDS.toNanos(random.nextInt(MOST_MICROSECONDS));
            while (System.nanoTime() < moment) {
                Thread.onSpinWait();
            }
            // By its handle: the process itself would close what it has printed and nobody has read.
            assertThat(victim.toHandle().destroyForcibly()).isTrue();
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                told = Long.parseLong(line);
            }
        } finally {
            victim.destroyForcibly();
        }
        assertThat(victim.waitFor()).isEqualTo(SIGKILLED);
        return told;
    }

    private int leftovers() throws IOException {
        try (Stream<Path> files = Files.list(home.resolve("data"))) {
            return (int) files.filter(file -> file.toString().endsWith(".tmp")).count();
        }
    }

    private List<StoredKey> load() throws IOException {
        try (KeyStateStore store = KeyStateStores.open(home, KeyStoreOptions.DEFAULTS, InstantSource.system())) {
            List<StoredKey> found = store.load();
            assertThat(leftovers()).as("leftovers are tidied up").isZero();
            return found;
        }
    }
}
