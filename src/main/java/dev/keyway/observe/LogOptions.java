package dev.keyway.observe;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where the logs go and how long they stay.
 *
 * @param directory the {@code logs} folder of the home; null: console only
 * @param retentionDays {@code logs.retention_days}: files of older days are deleted
 * @param maxFileSize {@code logs.max_file_size} in bytes; a fuller file becomes a numbered part
 * @param maxTotal {@code logs.max_total} in bytes of all log files; the oldest are deleted beyond it
 * @param level {@code server.log_level} of Keyway's own lines: DEBUG, INFO, WARN, ERROR or FATAL
 * @param httpLevel {@code server.http_log_level} of the HTTP client's and server's lines, likewise
 */
public record LogOptions(
        @Nullable Path directory, int retentionDays, long maxFileSize, long maxTotal, String level, String httpLevel) {
    public static final LogOptions DEFAULTS =
            new LogOptions(null, 14, 20L * 1024 * 1024, 2L * 1024 * 1024 * 1024, "INFO", "INFO");

    public LogOptions withDirectory(@Nullable Path other) {
        return new LogOptions(other, retentionDays, maxFileSize, maxTotal, level, httpLevel);
    }
}
