package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MachineFaultsTest {
    @TempDir
    Path directory = Path.of("");

    private final AtomicReference<String> reason = new AtomicReference<>("");

    @Test
    void a_fault_is_told_once_when_it_begins_and_once_when_it_is_over() throws IOException {
        try (DailyLogs logs = new DailyLogs(
                new LogOptions(directory, 14, 1000, 10_000, "INFO", "INFO"),
                new HandClock("2026-11-20T12:00:00Z"),
                ZoneOffset.UTC)) {
            MachineFaults faults = new MachineFaults(logs);
            faults.watch("key_file", reason::get);
            faults.look();
            assertThat(faults.now()).isEmpty();

            reason.set("No space left on device");
            faults.look();
            reason.set("Read-only file system");
            faults.look();
            assertThat(faults.now()).containsExactly("key_file");

            reason.set("");
            faults.look();
            faults.look();
            assertThat(faults.now()).isEmpty();
        }

        assertThat(new LogFolder(directory).text("errors-2026-11-20.log").lines())
                .satisfiesExactly(
                        begun -> assertThat(begun)
                                .contains(
                                        "\"level\":\"WARN\"",
                                        "\"event\":\"machine_fault\"",
                                        "\"fault\":\"key_file\"",
                                        "\"error\":\"No space left on device\""),
                        over -> assertThat(over).contains("\"level\":\"INFO\"", "\"event\":\"machine_fault_over\""));
    }
}
