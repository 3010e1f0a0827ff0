package dev.keyway.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigLoader;
import dev.keyway.config.ConfigProblem;
import dev.keyway.config.ConfigResult;
import dev.keyway.config.OldKeys;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One loading of a configuration that a seed describes: {@code keyway.yml} from its beginning, then, each behind a line of
 * its own, {@code === .env}, {@code === environment} and {@code === flags}.
 */
final class ConfigTrial {
    /** Stands in seeds where an OpenRouter key does. */
    static final String POOL_KEY = "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";

    /** Stands in seeds where any other secret does. */
    static final String SECRET = "Qm7dT1xK9vB3nZ5rW8yL2pH6cF4jG0sA1eU7iO3kXbw=";

    /** For where two must differ. */
    static final String OTHER_SECRET = "tB6zR9nC2wK5hX8qV1mJ4yD7gP0fL3sN6aE9uT2iO5k=";

    /** So much of a secret, in one piece, is a leak; a mutation may leave shorter ones, which look like words. */
    private static final int PIECE = 24;

    private static final List<String> MARKS = List.of("=== .env\n", "=== environment\n", "=== flags\n");

    private final Path folder;

    ConfigTrial(Path folder) {
        this.folder = folder;
    }

    /** Loads, and says what came out; fails when it is not an answer that a person can use. */
    ConfigResult load(byte[] seed) throws IOException {
        Map<String, byte[]> sections = sections(seed);
        Path yaml = write("keyway.yml", sections.get(""));
        Path env = write(".env", sections.get(MARKS.get(0)));
        Map<String, String> environment = pairs(sections.get(MARKS.get(1)));
        Map<String, String> flags = pairs(sections.get(MARKS.get(2)));
        flags.put("--home", folder.toString());

        ConfigResult result = new ConfigLoader(ConfigInputs.standalone(flags, environment, Map.of(), folder)).load();

        if (result instanceof ConfigResult.Refused refused) {
            assertThat(refused.problems()).isNotEmpty();
            check(refused.problems());
        } else {
            ((ConfigResult.Loaded) result).warnings().forEach(ConfigTrial::check);
        }
        check(OldKeys.read(yaml, "old.yml", environment).problems());
        check(OldKeys.read(env, "old.env", environment).problems());
        return result;
    }

    private static void check(List<ConfigProblem> problems) {
        for (ConfigProblem problem : problems) {
            assertThat(problem.source()).isNotBlank();
            check(problem.line());
        }
    }

    private static void check(String line) {
        assertThat(line.chars()).noneMatch(c -> Character.isISOControl(c) || c == '\u2028' || c == '\u2029');
        assertThat(line).hasSizeLessThan(2000);
        for (String secret : List.of(POOL_KEY, SECRET, OTHER_SECRET)) {
            for (int from = 0; from + PIECE <= secret.length(); from++) {
                assertThat(line).doesNotContain(secret.substring(from, from + PIECE));
            }
        }
    }

    private Path write(String name, byte @Nullable [] content) throws IOException {
        Path file = folder.resolve(name);
        if (content == null) {
            Files.deleteIfExists(file);
            return file;
        }
        return Files.write(file, content);
    }

    private static Map<String, byte[]> sections(byte[] seed) {
        // One character for one byte, so that the files get the seed's own.
        String text = new String(seed, StandardCharsets.ISO_8859_1);
        Map<String, byte[]> sections = new LinkedHashMap<>();
        String mark = "";
        int from = 0;
        for (int at = 0; at <= text.length(); at = next(text, at)) {
            String found = markAt(text, at);
            if (found != null || at == text.length()) {
                sections.put(mark, text.substring(from, at).getBytes(StandardCharsets.ISO_8859_1));
                mark = String.valueOf(found);
                from = Math.min(text.length(), at + mark.length());
            }
        }
        return sections;
    }

    /** Where the next line begins; behind the end after the last. */
    private static int next(String text, int at) {
        int end = text.indexOf('\n', at);
        return end >= 0 ? end + 1 : at == text.length() ? at + 1 : text.length();
    }

    private static @Nullable String markAt(String text, int at) {
        for (String mark : MARKS) {
            if (text.startsWith(mark, at)) {
                return mark;
            }
        }
        return null;
    }

    private static Map<String, String> pairs(byte @Nullable [] section) {
        Map<String, String> pairs = new LinkedHashMap<>();
        if (section != null) {
            for (String line : new String(section, StandardCharsets.UTF_8).split("\n", -1)) {
                int equals = line.indexOf('=');
                if (equals > 0) {
                    pairs.put(SeedText.of(line.substring(0, equals)), SeedText.of(line.substring(equals + 1)));
                }
            }
        }
        return pairs;
    }
}
