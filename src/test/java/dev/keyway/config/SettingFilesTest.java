package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.config.Setting.Variable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The files under {@code etc} that are made of the table of settings. With {@code -Dkeyway.docs.write=true} they are written
 * anew instead of compared.
 */
class SettingFilesTest {
    private static final Path SCHEMA = Path.of("etc/keyway.schema.json");
    private static final Path ENVIRONMENT = Path.of("etc/keyway.env.example");

    @TempDir
    private Path folder;

    private static void assertFile(Path file, String wanted) throws IOException {
        if (Boolean.getBoolean("keyway.docs.write")) {
            Files.writeString(file, wanted);
        }
        assertThat(Files.readString(file))
                .describedAs("%s; renew it with -Dkeyway.docs.write=true", file)
                .isEqualTo(wanted);
    }

    @Test
    void the_schema_is_what_config_schema_prints() throws IOException {
        assertFile(SCHEMA, ConfigSchema.json() + "\n");
    }

    @Test
    void the_environment_file_names_every_variable() throws IOException {
        List<String> lines = new ArrayList<>(List.of(
                "# Every setting as a variable, with its default: for --env-file, .env in the home folder, or systemd.",
                "# The first name of a setting wins; null and an empty list are what they are without a line."));
        Settings.ALL.forEach(setting -> lines.addAll(lines(setting)));

        assertFile(ENVIRONMENT, String.join("\n", lines) + "\n");
    }

    private static List<String> lines(Setting<?> setting) {
        List<String> lines = new ArrayList<>(List.of("", "# " + setting.description()));
        String value = setting.shownFallback().replaceAll("^\\[|]$", "");
        List<Variable> variables = setting.allVariables();
        for (Variable variable : variables) {
            boolean millis = variable.unit().equals(Duration.ofMillis(1));
            lines.add("#" + variable.name() + "=" + (value.equals("null") ? "" : value)
                    + (millis ? "  # a number alone is milliseconds" : ""));
        }
        return lines;
    }

    @Test
    void the_environment_file_as_it_is_changes_nothing() throws IOException {
        GatewayConfig config = new ConfigKit(folder)
                .file(".env", Files.readAllLines(ENVIRONMENT).toArray(String[]::new))
                .config();

        assertThat(config.settings())
                .allSatisfy(setting -> assertThat(setting.source()).isEqualTo("default"));
    }

    @Test
    void each_default_in_the_environment_file_is_read_back() throws IOException {
        for (Setting<?> setting : Settings.ALL) {
            String line = lines(setting).get(2).substring(1);
            if (line.endsWith("=")) {
                continue;
            }
            GatewayConfig config = new ConfigKit(folder).file(".env", line).config();

            assertThat(config.settings())
                    .filteredOn(shown -> shown.path().equals(setting.path()))
                    .singleElement()
                    .satisfies(shown -> assertThat(shown)
                            .isEqualTo(new SettingValue(
                                    setting.path(), setting.shownFallback(), ".env:1 " + line.replaceAll("=.*", ""))));
        }
    }
}
