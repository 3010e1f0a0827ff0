package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class VersionInfoTest {
    @Test
    void entries_are_read() throws IOException {
        VersionInfo version = read("version=1.2.3\ncommit=abc1234\nbuilt=2026-11-20T00:00:00Z\n");

        assertThat(version).isEqualTo(new VersionInfo("1.2.3", "abc1234", "2026-11-20T00:00:00Z"));
    }

    @Test
    void what_is_missing_or_was_not_filled_in_is_unknown() throws IOException {
        assertThat(VersionInfo.read(null)).isEqualTo(new VersionInfo("unknown", "unknown", "unknown"));
        assertThat(read("version=\ncommit=${git.commit}\n"))
                .isEqualTo(new VersionInfo("unknown", "unknown", "unknown"));
    }

    @Test
    void resource_of_the_build_can_be_read_or_missed() {
        assertThat(VersionInfo.read().version()).isNotBlank();
    }

    private static VersionInfo read(String text) throws IOException {
        return VersionInfo.read(new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1)));
    }
}
