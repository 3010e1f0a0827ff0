package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code server.trusted_proxies}. */
class TrustedProxiesSettingsTest {
    private static final String ALLOWED = " is not an IP address or a range of them with no bit set behind its prefix"
            + " (examples: 10.0.0.7, 192.168.0.0/16, fd00::/8)";

    @TempDir
    private Path folder;

    private ConfigKit kit() {
        return new ConfigKit(folder);
    }

    @Test
    void nobody_is_trusted_unless_it_is_said() {
        assertThat(kit().config().proxies().trusted()).isEmpty();
        assertThat(kit().shown("server.trusted_proxies")).isEqualTo("[]");
    }

    @Test
    void a_list_in_the_file_and_a_variable_with_commas_mean_the_same() {
        ConfigKit written = kit().yaml("server:", "  trusted_proxies: [10.0.0.7, 192.168.0.0/16, 'fd00::/8']");
        ConfigKit given = kit().variable("KEYWAY_SERVER_TRUSTED_PROXIES", "10.0.0.7, 192.168.0.0/16,fd00::/8");

        assertThat(written.config().proxies()).isEqualTo(given.config().proxies());
        assertThat(written.config().proxies().trusted())
                .extracting(Object::toString)
                .containsExactly("10.0.0.7", "192.168.0.0/16", "fd00:0:0:0:0:0:0:0/8");
    }

    @ParameterizedTest
    @ValueSource(strings = {"loadbalancer", "*", "10.0.0.0/33", "10.0.0.7/8", "[fd00::1]", "true", "1"})
    void what_is_no_address_and_no_range_is_named_with_what_is_allowed(String wrong) {
        assertThat(kit().yaml("server:", "  trusted_proxies: [10.0.0.7, '" + wrong + "']")
                        .problems())
                .containsExactly("keyway.yml:2: server.trusted_proxies: \"" + wrong + "\"" + ALLOWED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0/0", "::/0"})
    void to_trust_everybody_is_possible_and_warned_of(String everybody) {
        assertThat(kit().yaml("server:", "  trusted_proxies: ['" + everybody + "']")
                        .loaded()
                        .warnings())
                .singleElement()
                .satisfies(warning ->
                        assertThat(warning.toString()).contains("server.trusted_proxies", "/0 is everybody"));
    }
}
