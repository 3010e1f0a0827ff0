package dev.keyway.observe;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;

/**
 * Which log files may stay: those of the last {@code days} days, today included, and of them the newest that fit into
 * {@code maxTotal} bytes. Files written to today always stay; files that are not of the three logs are never touched.
 */
record Retention(int days, long maxTotal) {
    /** Deletes what may not stay; answers how many files. */
    int sweep(Path directory, LocalDate today) throws IOException {
        List<LogName> files =
                LogName.list(directory).stream().sorted(LogName.OLDEST_FIRST).toList();
        long total = 0;
        for (LogName file : files) {
            total += Files.size(file.in(directory));
        }
        LocalDate oldest = today.minusDays(Math.max(1, days) - 1L);
        int deleted = 0;
        for (LogName file : files) {
            boolean live = file.isLive() && !file.day().isBefore(today);
            if (!live && (file.day().isBefore(oldest) || total > maxTotal)) {
                Path path = file.in(directory);
                total -= Files.size(path);
                Files.deleteIfExists(path);
                deleted++;
            }
        }
        return deleted;
    }
}
