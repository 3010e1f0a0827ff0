package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.observe.LogFiles.Line;
import dev.keyway.observe.LogFiles.Log;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LogFilesTest {
    @TempDir
    Path directory = Path.of("");

    private final HandClock clock = new HandClock("2026-11-20T12:00:00Z");
    private final FullDisk disk = new FullDisk();
    private LogFolder folder = new LogFolder(directory);

    @BeforeEach
    void openFolder() {
        folder = new LogFolder(directory);
    }

    @Test
    void files_of_the_day_are_there_from_the_start() throws IOException {
        files(LogOptions.DEFAULTS).beat();

        assertThat(folder.names())
                .containsExactly("errors-2026-11-20.log", "keys-2026-11-20.log", "requests-2026-11-20.log");
    }

    @Test
    void line_can_be_read_as_soon_as_the_writer_rests() throws IOException {
        LogFiles files = files(LogOptions.DEFAULTS);

        files.read(line("{\"n\":1}"));
        files.rest();

        assertThat(folder.text("requests-2026-11-20.log")).isEqualTo("{\"n\":1}\n");
    }

    @Test
    void line_after_midnight_goes_to_the_next_day() throws IOException {
        LogFiles files = files(LogOptions.DEFAULTS);
        clock.set("2026-11-20T23:59:59.999Z");
        files.read(line("before"));

        clock.move(Duration.ofMillis(1));
        files.read(line("after"));
        files.rest();

        assertThat(folder.text("requests-2026-11-20.log")).isEqualTo("before\n");
        assertThat(folder.text("requests-2026-11-21.log")).isEqualTo("after\n");
    }

    @Test
    void quiet_midnight_switches_too() throws IOException {
        LogFiles files = files(LogOptions.DEFAULTS);
        files.beat();

        clock.set("2026-11-21T00:00:00Z");
        files.beat();

        assertThat(folder.names()).contains("requests-2026-11-21.log", "errors-2026-11-21.log", "keys-2026-11-21.log");
    }

    @Test
    void midnight_is_that_of_the_zone() throws IOException {
        clock.set("2026-11-20T23:30:00Z");
        LogFiles files =
                new LogFiles(directory, LogOptions.DEFAULTS, clock, ZoneId.of("Europe/Berlin"), FullDisk::append);

        files.beat();

        assertThat(folder.names()).contains("requests-2026-11-21.log").doesNotContain("requests-2026-11-20.log");
    }

    @Test
    void full_file_becomes_a_numbered_part_and_the_live_one_keeps_its_name() throws IOException {
        LogFiles files = files(sizes(10, 1000));

        for (int i = 1; i <= 5; i++) {
            files.read(line("line" + i));
        }
        files.rest();

        assertThat(folder.text("requests-2026-11-20.1.log")).isEqualTo("line1\n");
        assertThat(folder.text("requests-2026-11-20.4.log")).isEqualTo("line4\n");
        assertThat(folder.text("requests-2026-11-20.log")).isEqualTo("line5\n");
    }

    @Test
    void restart_goes_on_in_the_live_file_and_after_the_last_part() throws IOException {
        folder.put("requests-2026-11-20.log", 8);
        folder.put("requests-2026-11-20.11.log", 8);
        LogFiles files = files(sizes(10, 1000));

        files.read(line("next"));
        files.rest();

        assertThat(folder.text("requests-2026-11-20.12.log")).isEqualTo("xxxxxxx\n");
        assertThat(folder.text("requests-2026-11-20.log")).isEqualTo("next\n");
    }

    /** After kill -9 or a full disk the file ends inside a line, which swallowed the first one of the next run. */
    @Test
    void torn_line_of_a_killed_process_is_ended_first() throws IOException {
        Files.writeString(directory.resolve("requests-2026-11-20.log"), "{\"torn\":");
        LogFiles files = files(LogOptions.DEFAULTS);

        files.read(line("whole"));
        files.rest();

        assertThat(folder.text("requests-2026-11-20.log")).isEqualTo("{\"torn\":\nwhole\n");
    }

    @Test
    void day_1_is_deleted_on_day_15_even_when_nothing_is_written() throws IOException {
        clock.set("2026-11-01T12:00:00Z");
        LogFiles files = files(LogOptions.DEFAULTS);
        files.beat();

        clock.set("2026-11-14T23:59:59Z");
        files.beat();
        assertThat(folder.names()).contains("requests-2026-11-01.log");

        clock.set("2026-11-15T00:00:00Z");
        files.beat();
        assertThat(folder.names()).noneMatch(name -> name.contains("2026-11-01"));
        assertThat(folder.names()).contains("requests-2026-11-14.log", "requests-2026-11-15.log");
    }

    /** Symptom: a clock that was set wrong for a second cost the logs of two weeks. */
    @Test
    void clock_that_leaps_over_days_deletes_nothing_before_its_next_midnight() throws IOException {
        LogFiles files = files(sizes(10, 1000));
        files.beat();

        clock.set("2027-11-20T12:00:00Z");
        files.beat();
        files.read(line("line1"));
        files.read(line("line2"));
        files.rest();
        assertThat(folder.names()).contains("requests-2026-11-20.log", "requests-2027-11-20.1.log");

        clock.set("2027-11-21T00:00:00Z");
        files.beat();
        assertThat(folder.names()).contains("requests-2027-11-20.log").noneMatch(name -> name.contains("2026-11-20"));
    }

    @Test
    void old_files_are_deleted_at_the_start_and_foreign_ones_never() throws IOException {
        folder.put("requests-2026-10-01.log", 5);
        folder.put("errors-2026-10-01.3.log", 5);
        folder.put("requests-2026-10-01.log.bak", 5);
        folder.put("access-2026-10-01.log", 5);
        folder.put("requests-2026-13-41.log", 5);
        Files.createDirectory(directory.resolve("keys-2026-10-01.log"));

        files(LogOptions.DEFAULTS).beat();

        assertThat(folder.names())
                .containsExactly(
                        "access-2026-10-01.log",
                        "errors-2026-11-20.log",
                        "keys-2026-10-01.log",
                        "keys-2026-11-20.log",
                        "requests-2026-10-01.log.bak",
                        "requests-2026-11-20.log",
                        "requests-2026-13-41.log");
    }

    @Test
    void beyond_the_total_the_oldest_goes_first() throws IOException {
        folder.put("requests-2026-11-18.1.log", 40);
        folder.put("requests-2026-11-18.2.log", 40);
        folder.put("requests-2026-11-18.log", 40);
        folder.put("errors-2026-11-19.log", 40);

        files(sizes(1000, 100)).beat();

        assertThat(folder.names())
                .contains("requests-2026-11-18.log", "errors-2026-11-19.log")
                .doesNotContain("requests-2026-11-18.1.log", "requests-2026-11-18.2.log");
    }

    @Test
    void total_holds_within_a_busy_day() throws IOException {
        LogFiles files = files(sizes(10, 30));

        for (int i = 0; i < 100; i++) {
            files.read(line("line%03d".formatted(i)));
        }
        files.rest();

        assertThat(folder.names())
                .filteredOn(name -> name.startsWith("requests"))
                .hasSizeLessThan(5);
        assertThat(folder.text("requests-2026-11-20.log")).isEqualTo("line099\n");
        assertThat(folder.text("requests-2026-11-20.99.log"))
                .describedAs("numbers go on where the newest part ended")
                .isEqualTo("line098\n");
    }

    @Test
    void failing_disk_costs_counted_lines_until_it_works_again() throws IOException {
        LogFiles files = files(LogOptions.DEFAULTS);
        files.beat();
        disk.full = true;

        files.read(line("lost1"));
        files.rest();
        files.read(line("lost2"));
        files.beat();
        disk.full = false;
        files.beat();
        files.read(line("kept"));
        files.rest();

        assertThat(folder.text("requests-2026-11-20.log")).isEqualTo("kept\n");
        assertThat(files.lost()).isEqualTo(2);
    }

    @Test
    @SuppressWarnings("try") // the console is open while the block runs
    void failing_disk_is_told_once_and_so_is_its_recovery() throws IOException {
        ByteArrayOutputStream console = new ByteArrayOutputStream();
        try (Logging logging =
                Logging.configure(LogOptions.DEFAULTS, new PrintStream(console, true, StandardCharsets.UTF_8))) {
            LogFiles files = files(LogOptions.DEFAULTS);
            disk.full = true;
            for (int second = 0; second < 5; second++) {
                files.beat();
                for (Log log : Log.values()) {
                    files.read(new Line(log, "lost"));
                }
                files.rest();
            }
            disk.full = false;
            files.beat();
            files.read(line("kept"));
            files.rest();
        }

        assertThat(console.toString(StandardCharsets.UTF_8).lines())
                .satisfiesExactly(
                        first -> assertThat(first).contains("WARN", "not writable", "No space left on device"),
                        second -> assertThat(second).contains("INFO", "writable again", "lines_lost=15"));
    }

    @Test
    void directory_that_cannot_be_made_costs_lines_and_nothing_else() throws IOException {
        Path taken = Files.writeString(directory.resolve("logs"), "a file, no folder");
        LogFiles files = new LogFiles(taken, LogOptions.DEFAULTS, clock, ZoneOffset.UTC, FullDisk::append);

        files.beat();
        files.read(line("lost"));
        files.rest();
        files.end();

        assertThat(files.lost()).isEqualTo(1);
    }

    @Test
    void file_taken_away_is_made_anew() throws IOException {
        LogFiles files = files(LogOptions.DEFAULTS);
        files.beat();
        Files.delete(directory.resolve("requests-2026-11-20.log"));

        files.beat();
        files.read(line("kept"));
        files.rest();

        assertThat(folder.text("requests-2026-11-20.log")).isEqualTo("kept\n");
    }

    /** Symptom: behind a logrotate with "create" the lines of a whole day went into the file it had renamed. */
    @Test
    void file_replaced_by_another_is_left_for_it() throws IOException {
        LogFiles files = files(LogOptions.DEFAULTS);
        files.read(line("old"));
        files.rest();
        Path live = directory.resolve("requests-2026-11-20.log");
        Files.move(live, directory.resolve("rotated"));
        Files.createFile(live);

        files.beat();
        files.read(line("new"));
        files.rest();

        assertThat(folder.text("requests-2026-11-20.log")).isEqualTo("new\n");
        assertThat(folder.text("rotated")).isEqualTo("old\n");
    }

    @Test
    void file_that_was_emptied_may_become_full_again() throws IOException {
        LogFiles files = files(sizes(10, 1000));
        files.read(line("line1"));
        files.rest();
        Files.write(directory.resolve("requests-2026-11-20.log"), new byte[0]);

        files.beat();
        files.read(line("line2"));
        files.rest();

        assertThat(folder.text("requests-2026-11-20.log")).isEqualTo("line2\n");
        assertThat(folder.names()).doesNotContain("requests-2026-11-20.1.log");
    }

    @Test
    void what_a_failing_disk_cost_stands_in_the_errors_log_afterwards() throws IOException {
        LogFiles files = files(LogOptions.DEFAULTS);
        files.beat();
        disk.full = true;
        files.read(line("lost1"));
        files.rest();
        files.read(line("lost2"));
        assertThat(files.failure()).contains("No space left on device");

        disk.full = false;
        files.beat();
        files.read(line("kept"));
        files.rest();
        files.rest();

        assertThat(files.failure()).isEmpty();
        assertThat(folder.text("errors-2026-11-20.log")).contains("\"lines_lost\"", "\"lines\":2");
    }

    private LogFiles files(LogOptions options) {
        return new LogFiles(directory, options, clock, ZoneOffset.UTC, disk);
    }

    private static LogOptions sizes(long maxFileSize, long maxTotal) {
        return new LogOptions(null, 14, maxFileSize, maxTotal, "INFO", "INFO");
    }

    private static Line line(String json) {
        return new Line(Log.REQUESTS, json);
    }

    /** Files whose writes fail while the disk is full. */
    private static final class FullDisk implements DailyFile.Opener {
        private boolean full;

        @Override
        public OutputStream open(Path file) throws IOException {
            OutputStream real = append(file);
            return new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    write(new byte[] {(byte) b}, 0, 1);
                }

                @Override
                public void write(byte[] bytes, int from, int length) throws IOException {
                    if (full) {
                        throw new IOException("No space left on device");
                    }
                    real.write(bytes, from, length);
                }

                @Override
                public void close() throws IOException {
                    real.close();
                }
            };
        }

        static OutputStream append(Path file) throws IOException {
            return Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        }
    }
}
