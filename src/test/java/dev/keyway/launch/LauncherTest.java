package dev.keyway.launch;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LauncherTest {
    @ParameterizedTest
    @CsvSource({"1.8, 8", "9, 9", "11, 11", "17, 17", "25, 25", "x, 0"})
    void the_number_of_a_java_is_read_in_both_notations(String specification, int feature) {
        assertThat(Launcher.feature(specification)).isEqualTo(feature);
    }

    @ParameterizedTest
    @CsvSource({"1.8", "11", "16"})
    void an_older_java_gets_one_line_that_names_both_versions(String specification) {
        assertThat(Launcher.complaint(specification, "/opt/java"))
                .isEqualTo("Keyway needs Java 17 or newer; this is Java " + specification + " in /opt/java");
    }

    @ParameterizedTest
    @CsvSource({"17", "21", "25"})
    void java_17_and_newer_is_fine(String specification) {
        assertThat(Launcher.complaint(specification, "/opt/java")).isEmpty();
    }
}
