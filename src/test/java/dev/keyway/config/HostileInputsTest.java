package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.Immutable;
import dev.keyway.testing.Proof;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Large files, made to take long: four times the length takes about four times the time. */
class HostileInputsTest {
    private static final int LARGEST = Proof.named("fuzz").size(256 * 1024, 1024 * 1024);
    private static final int SHORT = LARGEST / 4;
    /** Between four, which is linear, and sixteen, which is quadratic. */
    private static final int RATIO = 9;
    /** For what does not grow, in nanoseconds of this thread. */
    private static final long BASE = 40_000_000;

    /** Left for what closes a file, and the last part. */
    private static final int ROOM = 200;

    private static final String LONG_NAME = "x".repeat(45_000);
    /** What took so long took it for its length. */
    private static final long NO_ACCIDENT = 3_000_000_000L;

    private static final int TRIES = 4;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    @TempDir
    private Path folder;

    /** What such a file is filled with. */
    @Immutable
    private interface Part {
        String at(int position);
    }

    /** One way to fill a file. */
    enum Hostile {
        YAML_MANY_NAMES("keyway.yml", "", i -> "k" + i + ": 1\n", ""),
        YAML_MANY_NAMES_BELOW_A_LONG_ONE("keyway.yml", LONG_NAME + ": {", i -> "k" + i + ": ,", "}"),
        YAML_NAMES_TWICE("keyway.yml", "", i -> "a: 1\n", ""),
        YAML_MANY_MODELS("keyway.yml", "model_aliases: [", i -> "a=b,", "]"),
        YAML_MANY_BAD_MODELS("keyway.yml", "model_aliases: [", i -> "(=b,", "]"),
        YAML_MANY_POOL_KEYS("keyway.yml", "openrouter.keys: [", i -> "sk-or-" + i + ",", "]"),
        YAML_MANY_ACCESS_KEYS(
                "keyway.yml",
                "server.access_keys: [",
                i -> "{name: n" + i + ", key: a-key-of-some-length-" + i + "},",
                "]"),
        YAML_MANY_NETWORKS(
                "keyway.yml",
                "server.trusted_proxies: [",
                i -> (10 + (i >> 16)) + "." + (i >> 8 & 255) + "." + (i & 255) + ".1,",
                "]"),
        YAML_MANY_ORIGINS("keyway.yml", "cors.allowed_origins: [", i -> "http://x" + i + ".y,", "]"),
        YAML_MANY_GLOBS("keyway.yml", "server.access_keys: [{name: a, key: b, models: [", i -> "m" + i + ",", "]}]"),
        YAML_DEEP("keyway.yml", "", i -> "[", ""),
        YAML_DEEP_BLOCKS("keyway.yml", "", i -> "- ", ""),
        YAML_OPEN_QUOTE("keyway.yml", "force_model: \"", i -> "a ", ""),
        YAML_LONG_VALUE("keyway.yml", "force_model: ", i -> "a", ""),
        YAML_LONG_NAME("keyway.yml", "", i -> "a", ": 1"),
        YAML_FOLDED_VALUE("keyway.yml", "force_model: \"", i -> "a\n ", "\""),
        YAML_BLANKS("keyway.yml", "a:", i -> " ", "1"),
        YAML_BLANK_LINES("keyway.yml", "", i -> "\n", "a: 1"),
        YAML_COMMENTS("keyway.yml", "", i -> "#\n", "a: 1"),
        YAML_QUESTION_MARKS("keyway.yml", "", i -> "? a\n", ""),
        YAML_COLONS("keyway.yml", "", i -> ": ", ""),
        YAML_TAGS("keyway.yml", "a: [", i -> "!x y,", "]"),
        YAML_ANCHORS("keyway.yml", "a: [", i -> "&" + i + " x,", "]"),
        YAML_ALIASES("keyway.yml", "a: [&a x,", i -> "*a ,", "]"),
        YAML_DOCUMENTS("keyway.yml", "", i -> "---\n", ""),
        YAML_DIRECTIVES("keyway.yml", "", i -> "%A b\n", ""),
        YAML_DIGITS("keyway.yml", "server.port: ", i -> "9", ""),
        YAML_SLASHES("keyway.yml", "openrouter.base_url: http://x", i -> "/", "y"),
        YAML_HALF_A_CREDENTIAL("keyway.yml", "server.host: ", i -> "://x", ""),
        YAML_RANDOM_WORDS("keyway.yml", "server.host: ", i -> "aB1--------------- ", "x"),
        YAML_OPEN_VARIABLES("keyway.yml", "force_model: \"", i -> "${A:-", "\""),
        YAML_VARIABLES("keyway.yml", "force_model: \"", i -> "${A:-b}$${", "\""),
        YAML_VARIABLES_BELOW_A_LONG_NAME(
                "keyway.yml", "openrouter.keys: {" + LONG_NAME + ": [", i -> "\"${B}\",", "]}"),
        ENV_LONG_QUOTES(".env", "PORT=\"", i -> "a\\\"", "\""),
        ENV_OPEN_QUOTE(".env", "PORT=\"", i -> "a", ""),
        ENV_HASHES(".env", "PORT=a", i -> " #", "\u2028x"),
        ENV_HASHES_IN_WORDS(".env", "PORT=a", i -> "a#", ""),
        ENV_BLANKS(".env", "PORT=", i -> " ", "a\u2028x"),
        ENV_BLANKS_BEFORE_NOTHING(".env", "PORT", i -> " ", "x"),
        ENV_EXPORTS(".env", "", i -> "export ", "x"),
        ENV_MANY_NAMES(".env", "", i -> "KEYWAY_" + i + "=1\n", ""),
        ENV_MANY_NUMBERED_KEYS(".env", "", i -> "OPENROUTER_API_KEY_" + i + "=sk-or-" + i + "\n", ""),
        ENV_SERVICE_LINK(".env", "KEYWAY_", i -> "PORT_1_TCP_", "-=1"),
        ENV_COMMAS(".env", "ALLOWED_ORIGINS=", i -> ",", ""),
        ENV_MANY_KEYS(".env", "OPENROUTER_KEYS=", i -> "sk-or-" + i + ",", ""),
        ENV_BRACKETS(".env", "OPENROUTER_KEYS=", i -> "[", ""),
        ENV_NO_VARIABLES(".env", "", i -> "x\n", "");

        private final String file;
        private final String before;
        private final Part part;
        private final String behind;

        Hostile(String file, String before, Part part, String behind) {
            this.file = file;
            this.before = before;
            this.part = part;
            this.behind = behind;
        }

        private String content(int length) {
            StringBuilder text = new StringBuilder(length).append(before);
            for (int i = 0; text.length() + ROOM < length; i++) {
                text.append(part.at(i));
            }
            return text.append(behind).toString();
        }
    }

    @ParameterizedTest
    @EnumSource
    void it_takes_linear_time(Hostile hostile) {
        String few = hostile.content(SHORT);
        String many = hostile.content(LARGEST);
        int length = many.getBytes(StandardCharsets.UTF_8).length;
        assertThat(length).isBetween(LARGEST - 2 * ROOM, LARGEST - 1);
        assertThat(length).isGreaterThan(3 * few.length());

        String measured = "";
        long longest = 0;
        for (int i = 0; i < TRIES && longest < NO_ACCIDENT; i++) {
            long forFew = time(hostile.file, few);
            long forMany = time(hostile.file, many);
            if (forMany < RATIO * forFew + BASE) {
                return;
            }
            longest = forMany;
            measured += forFew / 1_000_000 + " ms, then " + forMany / 1_000_000 + " ms; ";
        }
        throw new AssertionError(measured);
    }

    private long time(String file, String content) {
        ConfigKit kit = new ConfigKit(folder).file(file, content.stripTrailing());
        long start = THREADS.getCurrentThreadCpuTime();
        kit.load();
        return THREADS.getCurrentThreadCpuTime() - start;
    }
}
