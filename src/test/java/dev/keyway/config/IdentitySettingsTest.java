package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.filter.IdentityOptions;
import dev.keyway.filter.IdentityOptions.Field;
import dev.keyway.filter.IdentityOptions.Mode;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentitySettingsTest {
    @TempDir
    private Path folder;

    private ConfigKit kit() {
        return new ConfigKit(folder);
    }

    private static Field field(GatewayConfig config, String name) {
        IdentityOptions identity = config.identity();
        return switch (name) {
            case "user_agent" -> identity.userAgent();
            case "referer" -> identity.referer();
            default -> identity.title();
        };
    }

    @Test
    void the_seeds_yaml_is_read() {
        ConfigResult.Loaded loaded = kit().yaml(
                        "identity: {user_agent: {mode: override, override_value: \"MyApp/1.0.0\"}}")
                .loaded();

        assertThat(loaded.config().identity().userAgent()).isEqualTo(new Field(Mode.OVERRIDE, "MyApp/1.0.0", "Keyway"));
        assertThat(loaded.warnings()).isEmpty();
    }

    @Test
    void both_spellings_of_the_seeds_are_read() {
        IdentityOptions identity = kit().yaml(
                        "identity:",
                        "  url: {mode: override, override_value: https://a.example}",
                        "  title: {mode: default, default_value: Mine}")
                .config()
                .identity();

        assertThat(identity.referer()).isEqualTo(new Field(Mode.OVERRIDE, "https://a.example", null));
        assertThat(identity.title()).isEqualTo(new Field(Mode.DEFAULT, null, "Mine"));
    }

    @Test
    void one_setting_in_both_spellings_is_refused() {
        assertThat(kit().yaml("identity:", "  url: {mode: default}", "  referer: {mode: default}")
                        .problems())
                .containsExactly(
                        "keyway.yml:2: identity.url.mode: the same setting as identity.referer.mode in line 3; keep one");
    }

    @ParameterizedTest
    @CsvSource({
        "user_agent,APP_USER_AGENT,--identity-user-agent",
        "referer,APP_URL,--identity-url",
        "x_title,APP_TITLE,--identity-title"
    })
    void a_value_by_variable_or_flag_means_override_and_the_flag_wins(String name, String variable, String flag) {
        ConfigKit kit = kit().variable(variable, "of the variable");
        GatewayConfig byVariable = kit.config();
        GatewayConfig byFlag = kit.flag(flag, "of the flag").config();

        assertThat(field(byVariable, name).mode()).isEqualTo(Mode.OVERRIDE);
        assertThat(field(byVariable, name).overrideValue()).isEqualTo("of the variable");
        assertThat(field(byFlag, name).mode()).isEqualTo(Mode.OVERRIDE);
        assertThat(field(byFlag, name).overrideValue()).isEqualTo("of the flag");
        assertThat(byFlag.settings())
                .as("config show tells what is in force, and why")
                .contains(new SettingValue("identity." + name + ".mode", "override", flag));
    }

    @ParameterizedTest
    @CsvSource({"user_agent,APP_USER_AGENT_MODE", "referer,APP_URL_MODE", "x_title,APP_TITLE_MODE"})
    void the_mode_by_variable_stands_beside_a_value_of_the_file(String name, String variable) {
        GatewayConfig config = kit().yaml("identity: {" + name + ": {override_value: mine}}")
                .variable(variable, "Override")
                .config();

        assertThat(field(config, name).mode()).isEqualTo(Mode.OVERRIDE);
    }

    @Test
    void a_mode_that_is_written_is_not_overruled_by_a_value_and_that_is_told() {
        ConfigResult.Loaded loaded = kit().yaml("identity: {title: {mode: passthrough}}")
                .variable("APP_TITLE", "Mine")
                .loaded();

        assertThat(loaded.config().identity().title()).isEqualTo(new Field(Mode.PASSTHROUGH, "Mine", "Keyway"));
        assertThat(loaded.warnings())
                .containsExactly(
                        "APP_TITLE: identity.x_title.override_value: is not used, because identity.x_title.mode"
                                + " is passthrough");
    }

    @Test
    void a_value_of_the_file_alone_changes_nothing_and_that_is_told() {
        ConfigResult.Loaded loaded =
                kit().yaml("identity: {title: {override_value: Mine}}").loaded();

        assertThat(loaded.config().identity().title().mode()).isEqualTo(Mode.PASSTHROUGH);
        assertThat(loaded.warnings()).hasSize(1);
    }

    @Test
    void override_without_a_value_is_one_warning() {
        ConfigResult.Loaded loaded =
                kit().yaml("identity:", "  user_agent: {mode: override}").loaded();

        assertThat(loaded.config().identity().userAgent()).isEqualTo(new Field(Mode.OVERRIDE, null, "Keyway"));
        assertThat(loaded.warnings())
                .containsExactly("keyway.yml:2: identity.user_agent.mode: override needs"
                        + " identity.user_agent.override_value; without it the default is sent");
    }

    @Test
    void the_older_names_give_defaults() {
        GatewayConfig config = kit().variable("HTTP_REFERER", "https://a.example")
                .variable("SITE_NAME", "A site")
                .config();

        assertThat(config.identity().referer()).isEqualTo(new Field(Mode.PASSTHROUGH, null, "https://a.example"));
        assertThat(config.identity().title()).isEqualTo(new Field(Mode.PASSTHROUGH, null, "A site"));
    }

    @Test
    void null_is_no_default() {
        assertThat(kit().yaml("identity: {x_title: {default_value: null}}")
                        .config()
                        .identity()
                        .title())
                .isEqualTo(new Field(Mode.PASSTHROUGH, null, null));
    }

    @ParameterizedTest
    @ValueSource(strings = {"caf\u00e9", "a\tb", "a\r\nX-Evil: 1", "\u007fx"})
    void what_no_header_may_hold_is_refused(String value) {
        assertThat(kit().variable("APP_TITLE", value).problems())
                .singleElement()
                .asString()
                .startsWith("APP_TITLE: identity.x_title.override_value: ")
                .endsWith(" is not a header's value of 1 to 256 printable ASCII characters");
    }

    @Test
    void a_value_has_at_most_256_characters() {
        assertThat(kit().variable("APP_TITLE", "x".repeat(256)).problems()).isEmpty();
        assertThat(kit().variable("APP_TITLE", "x".repeat(257)).problems()).hasSize(1);
    }
}
