package dev.keyway.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.config.ConfigResult;
import dev.keyway.testing.Proof;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random changes of the example file and of the files of other proxies: each is loaded or refused, and no secret is told.
 * {@code -Dkeyway.fuzz.seed=} repeats a run.
 */
class ConfigMutationsTest {
    private static final Proof PROOF = Proof.named("fuzz");
    private static final int SHORT = 4_000;
    private static final int LONG = 100_000;
    private static final Path SEEDS =
            Path.of("src/test/resources/dev/keyway/fuzz/ConfigLoaderFuzzTestInputs/is_loaded_or_refused");

    private static final List<String> PIECES = List.of(
            ": ",
            "\n",
            "  ",
            "- ",
            "[",
            "]",
            "{",
            "}",
            "\"",
            "'",
            "#",
            "&a ",
            "*a",
            "${",
            "}",
            "$$",
            "=",
            ",",
            "|\n",
            ">\n",
            "!!int ",
            "? ",
            "---\n",
            "\t",
            "\r\n",
            "\u0000",
            "\u2028",
            "\u00e9",
            "\\",
            "~",
            "<<: *a\n",
            "%",
            "0",
            "-1",
            "1e9",
            "9999999999",
            "server",
            "openrouter",
            "keys",
            "secret",
            ".",
            "export ",
            "=== .env\n",
            "=== environment\n",
            "KEYWAY_ADMIN_SECRET=",
            "\"" + ConfigTrial.SECRET + "\"",
            ConfigTrial.POOL_KEY);

    @TempDir
    private Path folder;

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void a_changed_file_is_loaded_or_refused_and_tells_no_secret() throws Exception {
        long seed = Long.getLong("keyway.fuzz.seed", System.nanoTime());
        List<byte[]> files = files();
        Random random = new Random(seed);
        ConfigTrial trial = new ConfigTrial(folder);
        int loaded = 0;
        int runs = PROOF.size(SHORT, LONG);
        for (int i = 0; i < runs; i++) {
            byte[] changed = changed(files, random);
            try {
                loaded += trial.load(changed) instanceof ConfigResult.Loaded ? 1 : 0;
            } catch (RuntimeException | Error e) {
                Path file = Files.write(
                        Files.createDirectories(Path.of("target")).resolve("changed-configuration"), changed);
                throw new AssertionError("run " + i + " of -Dkeyway.fuzz.seed=" + seed + ", kept as " + file, e);
            }
        }

        PROOF.report("seed %d: %d changed configurations, %d loaded, the others refused", seed, runs, loaded);
        assertThat(loaded).isBetween(runs / 20, runs - runs / 10);
    }

    private static List<byte[]> files() throws IOException {
        List<byte[]> files = new ArrayList<>();
        try (Stream<Path> seeds = Files.list(SEEDS)) {
            for (Path seed : seeds.sorted().toList()) {
                files.add(Files.readAllBytes(seed));
            }
        }
        String example = Files.readString(Path.of("etc/keyway.example.yml")).replaceAll("(?m)^( *)#([a-z])", "$1$2");
        String planted = example.replaceFirst("access_key: null", "access_key: " + ConfigTrial.SECRET)
                .replaceFirst("secret: null", "secret: \"" + ConfigTrial.OTHER_SECRET + "\"")
                .replaceFirst("keys: \\[]  # OpenRouter", "keys: [" + ConfigTrial.POOL_KEY + "]  #");
        assertThat(planted).contains(ConfigTrial.SECRET, ConfigTrial.OTHER_SECRET, ConfigTrial.POOL_KEY);
        // As many as the seeds together: it is the file that people change.
        files.addAll(Collections.nCopies(files.size(), planted.getBytes(StandardCharsets.UTF_8)));
        return files;
    }

    private static byte[] changed(List<byte[]> files, Random random) {
        byte[] file = files.get(random.nextInt(files.size()));
        for (int changes = random.nextInt(4); changes >= 0; changes--) {
            byte[] with = random.nextBoolean()
                    ? PIECES.get(random.nextInt(PIECES.size())).getBytes(StandardCharsets.UTF_8)
                    : piece(files.get(random.nextInt(files.size())), random);
            int from = random.nextInt(file.length + 1);
            int to = Math.min(file.length, from + (random.nextBoolean() ? 0 : random.nextInt(30)));
            ByteArrayOutputStream changed = new ByteArrayOutputStream();
            changed.write(file, 0, from);
            changed.writeBytes(with);
            changed.write(file, to, file.length - to);
            file = changed.toByteArray();
        }
        return file;
    }

    private static byte[] piece(byte[] file, Random random) {
        int from = random.nextInt(file.length + 1);
        return Arrays.copyOfRange(file, from, Math.min(file.length, from + random.nextInt(80)));
    }
}
