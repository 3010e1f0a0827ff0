package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DailyLogsTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    @TempDir
    Path directory = Path.of("");

    private final HandClock clock = new HandClock("2026-11-20T12:00:00.123456Z");
    private LogFolder folder = new LogFolder(directory);

    @BeforeEach
    void openFolder() {
        folder = new LogFolder(directory);
    }

    @Test
    void line_is_in_the_file_at_once_while_the_log_is_open() {
        try (DailyLogs logs = open()) {
            write(logs, 1);

            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(folder.lines("requests-2026-11-20.log"))
                            .singleElement()
                            .extracting(line -> line.get("n").intValue())
                            .isEqualTo(1));
        }
    }

    @Test
    void quiet_midnight_is_noticed_by_the_thread_itself() {
        try (DailyLogs logs = open()) {
            clock.set("2026-11-21T00:00:00Z");

            await().atMost(SOON).until(() -> folder.names().contains("requests-2026-11-21.log"));
            assertThat(logs.lost()).isZero();
        }
    }

    @Test
    void close_writes_all_that_waits() throws IOException {
        try (DailyLogs logs = open()) {
            for (int i = 0; i < 1000; i++) {
                write(logs, i);
            }
        }

        assertThat(folder.lines("requests-2026-11-20.log")).hasSize(1000);
    }

    @Test
    void time_has_milliseconds_and_the_zones_offset() throws IOException {
        try (DailyLogs logs =
                new DailyLogs(LogOptions.DEFAULTS.withDirectory(directory), clock, ZoneOffset.ofHoursMinutes(5, 30))) {
            write(logs, 1);
        }

        assertThat(folder.lines("requests-2026-11-20.log").get(0).get("time").textValue())
                .isEqualTo("2026-11-20T17:30:00.123+05:30");
    }

    @Test
    void stuck_disk_makes_nobody_wait_and_the_dropped_lines_are_told_once_there_is_room() throws Exception {
        StuckDisk disk = new StuckDisk();
        try (DailyLogs logs =
                new DailyLogs(LogOptions.DEFAULTS.withDirectory(directory), clock, ZoneOffset.UTC, 4, disk)) {
            write(logs, 0);
            disk.stuck.await();

            long before = System.nanoTime();
            for (int i = 1; i <= 10; i++) {
                write(logs, i);
            }

            assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(1));
            assertThat(logs.dropped()).isEqualTo(6);
            disk.freed.countDown();
            await().atMost(SOON)
                    .until(() -> !folder.text("errors-2026-11-20.log").isEmpty());
        }

        JsonNode told = folder.lines("errors-2026-11-20.log").get(0);
        assertThat(told.get("level").textValue()).isEqualTo("WARN");
        assertThat(told.get("message").textValue()).isEqualTo("Lines Dropped");
        assertThat(told.get("lines").intValue()).isEqualTo(6);
        assertThat(folder.lines("requests-2026-11-20.log")).hasSize(5);
    }

    @Test
    void close_gives_up_on_a_stuck_disk() throws Exception {
        StuckDisk disk = new StuckDisk();
        DailyLogs logs = new DailyLogs(LogOptions.DEFAULTS.withDirectory(directory), clock, ZoneOffset.UTC, 4, disk);
        write(logs, 0);
        disk.stuck.await();
        write(logs, 1);

        long before = System.nanoTime();
        logs.close();

        assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(Duration.ofSeconds(5));
        assertThat(logs.dropped()).isEqualTo(1);
        disk.freed.countDown();
    }

    @Test
    void line_after_the_close_is_dropped_and_counted() {
        DailyLogs logs = open();
        logs.close();

        write(logs, 1);

        assertThat(logs.dropped()).isEqualTo(1);
    }

    @Test
    void no_thread_is_left_after_the_close() {
        DailyLogs logs = open();
        write(logs, 1);

        logs.close();

        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("keyway-logs"));
    }

    @Test
    void without_a_directory_nothing_is_written_and_nothing_counted() throws IOException {
        try (DailyLogs logs = new DailyLogs(LogOptions.DEFAULTS, clock, ZoneOffset.UTC)) {
            write(logs, 1);

            assertThat(logs.dropped() + logs.lost()).isZero();
        }

        assertThat(folder.names()).isEmpty();
    }

    @Test
    void others_on_the_machine_cannot_read_the_files() throws IOException {
        open().close();

        assertThat(Files.getPosixFilePermissions(directory.resolve("requests-2026-11-20.log")))
                .doesNotContain(PosixFilePermission.OTHERS_READ, PosixFilePermission.GROUP_WRITE);
    }

    private DailyLogs open() {
        return new DailyLogs(LogOptions.DEFAULTS.withDirectory(directory), clock, ZoneOffset.UTC);
    }

    private static void write(DailyLogs logs, int n) {
        logs.write(LogFiles.Log.REQUESTS, logs.line("INFO", "test", "Test").number("n", n));
    }

    /** A disk whose first write does not come back until it is freed. */
    private static final class StuckDisk implements DailyFile.Opener {
        private final CountDownLatch stuck = new CountDownLatch(1);
        private final CountDownLatch freed = new CountDownLatch(1);

        @Override
        public OutputStream open(Path file) throws IOException {
            OutputStream real = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int from, int length) throws IOException {
                    stuck.countDown();
                    try {
                        freed.await();
                    } catch (InterruptedException e) {
                        throw new IOException("interrupted", e);
                    }
                    real.write(bytes, from, length);
                }

                @Override
                public void close() throws IOException {
                    real.close();
                }
            };
        }
    }
}
