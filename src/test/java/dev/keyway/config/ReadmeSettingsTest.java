package dev.keyway.config;

import dev.keyway.config.Setting.Variable;
import dev.keyway.docs.Readme;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** README's table of settings is {@link Settings#ALL}, row by row. */
class ReadmeSettingsTest {
    @Test
    void table_of_settings_is_that_of_the_code() throws IOException {
        List<String> rows = new ArrayList<>(List.of(
                "| setting | default | other names | a change counts | meaning |", "| --- | --- | --- | --- | --- |"));
        Settings.ALL.stream().map(ReadmeSettingsTest::row).forEach(rows::add);

        Readme.assertTable("settings", rows);
    }

    private static String row(Setting<?> setting) {
        List<String> names = new ArrayList<>();
        setting.variables().stream().map(ReadmeSettingsTest::name).forEach(names::add);
        if (!setting.flag().isEmpty()) {
            names.add("`" + setting.flag() + "`");
        }
        setting.aliases().forEach(alias -> names.add("`" + alias + "`"));
        return "| `" + setting.path() + "` | `" + setting.shownFallback() + "` | " + String.join(", ", names) + " | "
                + (setting.atStart() ? "after a restart" : "at once") + " | " + setting.description() + " |";
    }

    private static String name(Variable variable) {
        return "`" + variable.name() + "`" + (variable.unit().equals(Duration.ofMillis(1)) ? " (ms)" : "");
    }
}
