package dev.keyway.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Every fault that README names has a test, and every way to start Keyway ends with its heap. */
class MachineFaultsPageTest {
    private static final Path PAGE = Path.of("etc/decisions/0028-own-faults.md");
    private static final Pattern PROOF = Pattern.compile("`([A-Z]\\w+)#(\\w+)`");
    /** A line that starts the gateway, or a server that may have one. */
    private static final Pattern START =
            Pattern.compile("^(?! *#).*\\bjava\\b.*(KeywayCommand|-jar \\S*start\\.jar$).*$", Pattern.MULTILINE);

    private static final String OPTION = "-XX:+ExitOnOutOfMemoryError";

    @Test
    void every_row_of_the_table_has_tests_that_are_there() throws IOException {
        List<String> faults = Readme.block("machine")
                .group(1)
                .lines()
                .skip(2)
                .map(row -> row.split(" \\| ", -1)[0])
                .toList();
        List<String> rows = Files.readString(PAGE)
                .lines()
                .filter(line -> line.startsWith("| ") && line.contains("`"))
                .toList();

        assertThat(rows).extracting(row -> row.split(" \\| ", -1)[0]).isEqualTo(faults);
        assertThat(rows)
                .allSatisfy(row -> assertThat(PROOF.matcher(row).results().map(MachineFaultsPageTest::isThere))
                        .isNotEmpty()
                        .containsOnly(true));
    }

    private static boolean isThere(MatchResult proof) {
        try (Stream<Path> files = Files.walk(Path.of("src/test/java"))) {
            String file = proof.group(1) + ".java";
            Path source = files.filter(path -> path.endsWith(file)).findFirst().orElseThrow();
            String name = Path.of("src/test/java").relativize(source).toString();
            Class<?> type = Class.forName(name.substring(0, name.length() - 5).replace('/', '.'));
            return Arrays.stream(type.getDeclaredMethods()).map(Method::getName).anyMatch(proof.group(2)::equals);
        } catch (IOException | ReflectiveOperationException e) {
            throw new AssertionError(proof.group(), e);
        }
    }

    @Test
    void every_start_script_ends_the_process_with_its_heap() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of("deploy"))) {
            List<String> starts = files.filter(Files::isRegularFile)
                    .flatMap(MachineFaultsPageTest::starts)
                    .toList();

            assertThat(starts)
                    .describedAs("the launcher of package and image; Jetty")
                    .hasSizeGreaterThanOrEqualTo(2)
                    .allMatch(line -> line.contains(OPTION));
        }
        assertThat(Files.readString(Path.of("etc/tomcat/setenv.sh"))).contains(OPTION);
    }

    private static Stream<String> starts(Path file) {
        try {
            // A line may go on in the next one.
            String text = Files.readString(file).replace("\\\n", "");
            return START.matcher(text).results().map(MatchResult::group);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
