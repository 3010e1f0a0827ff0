package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.keys.KeyEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeyLogTest {
    @TempDir
    Path directory = Path.of("");

    @Test
    void event_is_one_line_with_the_seeds_words_and_the_keys_id() throws IOException {
        try (DailyLogs logs = new DailyLogs(
                LogOptions.DEFAULTS.withDirectory(directory), new HandClock("2026-11-20T12:00:00Z"), ZoneOffset.UTC)) {
            KeyLog log = new KeyLog(logs);
            log.onKeyEvent(new KeyEvent(
                    "Rate Limit Hit", "k_00000001", "rate_limited", Instant.parse("2026-11-20T16:00:00Z")));
            log.onKeyEvent(new KeyEvent("Key Reactivated", "k_00000001", null, null));
        }

        assertThat(new LogFolder(directory).text("keys-2026-11-20.log")).isEqualTo("""
                        {"time":"2026-11-20T12:00:00.000+00:00","level":"INFO","event":"rate_limit_hit",\
                        "message":"Rate Limit Hit","key":"k_00000001","reason":"rate_limited",\
                        "until":"2026-11-20T16:00:00.000+00:00"}
                        {"time":"2026-11-20T12:00:00.000+00:00","level":"INFO","event":"key_reactivated",\
                        "message":"Key Reactivated","key":"k_00000001"}
                        """);
    }

    /** It was told as INFO, among the everyday changes. */
    @Test
    void reset_that_nobody_can_believe_is_a_warning() throws IOException {
        try (DailyLogs logs = new DailyLogs(
                LogOptions.DEFAULTS.withDirectory(directory), new HandClock("2026-11-20T12:00:00Z"), ZoneOffset.UTC)) {
            new KeyLog(logs).onKeyEvent(new KeyEvent(KeyEvent.RESET_IGNORED, "k_00000001", "Retry-After: past", null));
        }

        assertThat(new LogFolder(directory).text("keys-2026-11-20.log"))
                .contains("\"level\":\"WARN\",\"event\":\"reset_ignored\"");
    }
}
