package dev.keyway.fuzz;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** Any bytes as the files and variables of a configuration: loaded, or refused with problems that tell no secret. */
class ConfigLoaderFuzzTest {
    @TempDir
    private static Path folder = Path.of("");

    @FuzzTest
    void is_loaded_or_refused(byte[] seed) throws IOException {
        new ConfigTrial(folder).load(seed);
    }
}
