package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HomeTest {
    @TempDir
    private Path folder;

    private ConfigInputs war(String context) {
        return new ConfigInputs(Map.of(), Map.of(), Map.of(), folder, folder.resolve("base"), context);
    }

    private static GatewayConfig load(ConfigInputs inputs) {
        return ((ConfigResult.Loaded) new ConfigLoader(inputs).load()).config();
    }

    @ParameterizedTest
    @CsvSource({"ROOT,keyway", "/keyway,keyway", "'',keyway", "/,keyway", "/llm,llm", "/a/b,a#b", "/llm##2,llm"})
    void a_war_lives_below_its_containers_base_by_its_contexts_name(String context, String name) {
        GatewayConfig config = load(war(context));

        assertThat(config.home()).isEqualTo(folder.resolve("base").resolve(name));
        assertThat(config.logs().directory()).isEqualTo(config.home().resolve("logs"));
    }

    @Test
    void a_war_reads_the_files_of_its_home() throws IOException {
        Path home = Files.createDirectories(folder.resolve("base/keyway"));
        Files.writeString(home.resolve("keyway.yml"), "health: {status: healthy}\n");
        Files.writeString(home.resolve(".env"), "NODE_ENV=test\n");

        GatewayConfig config = load(war("/keyway"));

        assertThat(config.health().status()).isEqualTo("healthy");
        assertThat(config.health().environment()).isEqualTo("test");
    }

    @Test
    void a_home_that_is_no_path_of_this_system_is_a_problem() {
        assertThat(new ConfigKit(folder).flag("--home", "a\0b").problems())
                .containsExactly("--home: \"a·b\" is no path here");
        assertThat(new ConfigKit(folder).variable("KEYWAY_HOME", "\0").problems())
                .containsExactly("KEYWAY_HOME: \"·\" is no path here");
    }

    @Test
    void flag_then_property_then_variable_name_the_home_and_standalone_falls_back_to_the_working_folder() {
        ConfigKit kit = new ConfigKit(folder);
        Path working = kit.config().home();
        Path variable = kit.variable("KEYWAY_HOME", "by-variable").config().home();
        Path property = kit.property("keyway.home", "by-property").config().home();
        Path flag = kit.flag("--home", folder.resolve("by-flag").toString())
                .config()
                .home();

        assertThat(List.of(working, variable, property, flag))
                .containsExactly(
                        folder,
                        folder.resolve("by-variable"),
                        folder.resolve("by-property"),
                        folder.resolve("by-flag"));
    }

    @Test
    void flag_then_variable_then_property_name_the_file_and_keyway_yml_comes_before_config_yml() {
        ConfigKit kit = new ConfigKit(folder).file("config.yml", "server: {port: 1}");
        int config = kit.config().server().port();
        int keyway =
                kit.file("keyway.yml", "server: {port: 2}").config().server().port();
        int property = kit.file("c.yml", "server: {port: 3}")
                .property("keyway.config", "c.yml")
                .config()
                .server()
                .port();
        int variable = kit.file("b.yml", "server: {port: 4}")
                .variable("KEYWAY_CONFIG", "b.yml")
                .config()
                .server()
                .port();
        int flag = kit.file("a.yml", "server: {port: 5}")
                .flag("--config", "a.yml")
                .config()
                .server()
                .port();

        assertThat(List.of(config, keyway, property, variable, flag)).containsExactly(1, 2, 3, 4, 5);
    }

    @Test
    void no_file_at_all_is_fine_but_one_that_was_named_must_be_there() {
        ConfigKit kit = new ConfigKit(folder);
        List<String> none = kit.problems();
        List<String> named =
                kit.flag("--config", "gone.yml").flag("--env-file", "gone.env").problems();

        assertThat(none).isEmpty();
        assertThat(named)
                .containsExactly(
                        "--config: there is no file \"" + folder.resolve("gone.yml") + "\"",
                        "--env-file: there is no file \"" + folder.resolve("gone.env") + "\"");
    }

    @Test
    void a_home_that_can_not_be_written_is_a_warning_and_leaves_the_console_only() {
        Path unwritable = folder.resolve("file/home");

        ConfigResult.Loaded loaded = new ConfigKit(folder)
                .file("file", "")
                .flag("--home", unwritable.toString())
                .loaded();

        assertThat(loaded.config().homeWritable()).isFalse();
        assertThat(loaded.config().logs().directory()).isNull();
        assertThat(loaded.warnings())
                .containsExactly("--home: " + unwritable + " is not writable: console log only, nothing is kept");
    }

    @Test
    void a_home_that_is_a_file_is_a_problem() {
        ConfigKit kit = new ConfigKit(folder).file("home", "x").flag("--home", "home");

        assertThat(kit.problems()).containsExactly("home: \"" + folder.resolve("home") + "\" is not a folder");
    }
}
