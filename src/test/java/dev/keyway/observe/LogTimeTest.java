package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The text kept of a second is never that of another one. */
class LogTimeTest {
    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @Test
    void each_moment_has_its_own_text_whatever_came_before() {
        LogTime time = new LogTime(BERLIN);
        List<String> moments = List.of(
                "2026-10-25T00:59:59.999Z",
                "2026-10-25T01:00:00Z",
                "2026-10-25T01:00:00.001Z",
                "2026-10-25T00:59:59.040Z",
                "1969-12-31T23:59:59.999999Z",
                "1970-01-01T00:00:00Z");
        for (String moment : moments) {
            assertThat(time.text(Instant.parse(moment))).isEqualTo(LogTime.text(Instant.parse(moment), BERLIN));
        }
        assertThat(time.text(Instant.parse("2026-10-25T00:59:59.009Z"))).isEqualTo("2026-10-25T02:59:59.009+02:00");
        assertThat(time.text(Instant.parse("2026-10-25T01:00:00.01Z"))).isEqualTo("2026-10-25T02:00:00.010+01:00");
    }
}
