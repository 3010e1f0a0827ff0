package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.access.AccessKey;
import dev.keyway.wire.Secret;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code admin.secret} and what else opens pages of Keyway's own. */
class AdminSettingsTest {
    private static final String SECRET = "sixteen-letters!";

    @TempDir
    private Path folder;

    private ConfigKit kit() {
        return new ConfigKit(folder);
    }

    @Test
    void a_secret_of_16_characters_is_kept_as_its_hash_and_shown_as_set() {
        ConfigKit kit = kit().yaml("admin:", "  secret: " + SECRET);

        assertThat(kit.config().admin().secret())
                .isEqualTo(new AccessKey("admin", HexFormat.of().formatHex(Secret.sha256(SECRET))));
        assertThat(kit.shown("admin.secret")).isEqualTo("(set)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"''", "'   '", "fifteen-letters", "\"sixteen letters!\""})
    void an_empty_or_short_secret_is_an_error_and_not_repeated(String written) {
        assertThat(kit().yaml("admin:", "  secret: " + written).problems())
                .singleElement()
                .satisfies(problem ->
                        assertThat(problem).contains("admin.secret").doesNotContain("fifteen", "sixteen letters"));
    }

    @Test
    void the_secret_of_administrators_opens_nothing_else() {
        assertThat(kit().yaml("admin: {secret: " + SECRET + "}", "server: {access_key: " + SECRET + "}")
                        .problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem).contains("admin.secret", "an access key"));
        assertThat(kit().yaml("admin: {secret: " + SECRET + "}", "metrics: {access_key: " + SECRET + "}")
                        .problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem).contains("admin.secret", "metrics.access_key"));
        assertThat(kit().yaml(
                                "admin: {secret: sk-or-a-key-of-the-pool}",
                                "openrouter: {keys: [sk-or-a-key-of-the-pool]}")
                        .problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem).contains("admin.secret", "openrouter.keys"));
    }

    @Test
    void the_metrics_have_a_key_of_their_own_and_switches_that_work() {
        GatewayConfig config = kit().yaml(
                        "metrics: {access_key: a-key-for-scrapers-only, open: true}",
                        "server: {enable_system_metrics: false}",
                        "openrouter: {enable_token_counting: false}")
                .config();

        assertThat(config.metricsAccess().accessKey()).isNotNull();
        assertThat(config.metricsAccess().open()).isTrue();
        assertThat(config.metrics().system()).isFalse();
        assertThat(config.metrics().tokens()).isFalse();
    }
}
