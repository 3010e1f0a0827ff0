package dev.keyway.observe;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The three logs {@code requests-}, {@code errors-} and {@code keys-2026-11-20.log}: one JSON object a line, a file a
 * day, full parts numbered, old ones deleted ({@link LogOptions}). Without a directory nothing is written.
 *
 * <p>Lines wait in one queue of 8,192 for one writer thread and reach the file when it has nothing else to do, at the
 * latest within a second. A full queue or a failing disk costs lines, which are counted, never time.
 */
public final class DailyLogs implements AutoCloseable {
    private final @Nullable Mailbox<LogFiles.Line> mailbox;
    private final @Nullable LogFiles files;
    private final JsonLine.Start lines;
    private final ZoneId zone;

    /**
     * Opens the files of today and starts the writer thread.
     *
     * @param zone whose midnight begins a new file
     */
    public DailyLogs(LogOptions options, InstantSource clock, ZoneId zone) {
        this(options, clock, zone, Mailbox.CAPACITY, DailyLogs::open);
    }

    DailyLogs(LogOptions options, InstantSource clock, ZoneId zone, int capacity, DailyFile.Opener opener) {
        Path directory = options.directory();
        this.lines = new JsonLine.Start(clock, zone);
        this.zone = zone;
        this.files = directory == null ? null : new LogFiles(directory, options, clock, zone, opener);
        this.mailbox = files == null ? null : new Mailbox<>("keyway-logs", capacity, files);
    }

    /** Whether there are files at all; without, the console is all there is. */
    boolean onDisk() {
        return mailbox != null;
    }

    JsonLine line(String level, String event, String message) {
        return lines.line(level, event, message);
    }

    ZoneId zone() {
        return zone;
    }

    void write(LogFiles.Log log, JsonLine line) {
        if (mailbox != null) {
            mailbox.offer(new LogFiles.Line(log, line.end()));
        }
    }

    /** Lines dropped since the start because the queue was full. */
    public long dropped() {
        return mailbox == null ? 0 : mailbox.dropped();
    }

    /** Lines lost since the start because the disk refused them. */
    public long lost() {
        return files == null ? 0 : files.lost();
    }

    /** Why the disk refuses lines now; empty when it does not, or there are no files. */
    public String failure() {
        return files == null ? "" : files.failure();
    }

    /** Writes what waits, for at most 2 s, and closes the files. */
    @Override
    public void close() {
        if (mailbox != null) {
            mailbox.close();
        }
    }

    private static OutputStream open(Path file) throws IOException {
        boolean posix = file.getFileSystem().supportedFileAttributeViews().contains("posix");
        FileAttribute<?>[] attributes = posix
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-r-----"))
                }
                : new FileAttribute<?>[0];
        return Channels.newOutputStream(
                FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND), attributes));
    }
}
