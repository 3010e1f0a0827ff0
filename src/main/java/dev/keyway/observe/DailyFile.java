package dev.keyway.observe;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.LocalDate;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One log of one line after the other, a file a day: {@code requests-2026-11-20.log}; when that is full it becomes
 * {@code requests-2026-11-20.1.log}, the next time {@code .2.log}. Lines wait in memory (64 KiB at most) for
 * {@link #flush}. For one thread.
 */
final class DailyFile {
    private static final int BUFFER = 64 * 1024;

    private final String name;
    private final Path directory;
    private final long maxFileSize;
    private final Opener opener;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();
    private int pendingLines;
    private long size;
    private @Nullable LocalDate day;
    /** What the file system calls the open file, whatever its name; null where it has no word for it. */
    private @Nullable Object identity;

    private @Nullable OutputStream out;

    DailyFile(String name, Path directory, long maxFileSize, Opener opener) {
        this.name = name;
        this.directory = directory;
        this.maxFileSize = maxFileSize;
        this.opener = opener;
    }

    /**
     * Adds a line, which brings its own line end.
     *
     * @return whether the file was full and became a part
     */
    boolean append(LocalDate today, byte[] line) throws IOException {
        switchTo(today);
        boolean full = size > 0 && size + line.length > maxFileSize;
        if (full) {
            becomePart(today);
        }
        pending.write(line, 0, line.length);
        pendingLines++;
        size += line.length;
        if (pending.size() >= BUFFER) {
            flush();
        }
        return full;
    }

    /** Opens the file of this day unless it is open. */
    void switchTo(LocalDate today) throws IOException {
        if (out != null && today.equals(day)) {
            return;
        }
        close();
        open(today);
    }

    /** Closes and opens the file again when someone has taken it away or put another in its place; sees that one emptied it. */
    void follow() throws IOException {
        LocalDate today = day;
        if (out == null || today == null) {
            return;
        }
        try {
            BasicFileAttributes there = attributes(LogName.live(name, today).in(directory));
            if (Objects.equals(there.fileKey(), identity)) {
                size = there.size() + pending.size();
                return;
            }
        } catch (NoSuchFileException gone) {
            identity = null;
        }
        close();
        open(today);
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class);
    }

    /** Writes what waits in memory; answers whether there was anything. */
    boolean flush() throws IOException {
        OutputStream file = out;
        if (pendingLines == 0 || file == null) {
            return false;
        }
        pending.writeTo(file);
        file.flush();
        pending.reset();
        pendingLines = 0;
        return true;
    }

    void close() throws IOException {
        OutputStream file = out;
        if (file != null) {
            flush();
            out = null;
            file.close();
        }
    }

    /** Gives up on the open file after a failure; answers how many lines were not written. */
    int abandon() {
        OutputStream file = out;
        out = null;
        int lost = pendingLines;
        pending.reset();
        pendingLines = 0;
        if (file != null) {
            try {
                file.close();
            } catch (IOException alreadyBroken) {
                return lost;
            }
        }
        return lost;
    }

    private void becomePart(LocalDate today) throws IOException {
        close();
        int part = LogName.list(directory).stream()
                        .filter(file -> file.log().equals(name) && file.day().equals(today) && !file.isLive())
                        .mapToInt(LogName::part)
                        .max()
                        .orElse(0)
                + 1;
        Files.move(LogName.live(name, today).in(directory), new LogName(name, today, part).in(directory));
        open(today);
    }

    private void open(LocalDate today) throws IOException {
        Files.createDirectories(directory);
        Path file = LogName.live(name, today).in(directory);
        boolean torn = endsInsideALine(file);
        OutputStream opened = opener.open(file);
        out = opened;
        day = today;
        BasicFileAttributes attributes = attributes(file);
        size = attributes.size();
        identity = attributes.fileKey();
        if (torn) {
            opened.write('\n');
            size++;
        }
    }

    /** A process that was killed, or a full disk, leaves half a line, which would swallow the next one. */
    private static boolean endsInsideALine(Path file) throws IOException {
        if (Files.notExists(file) || Files.size(file) == 0) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            channel.read(last, channel.size() - 1);
            return last.get(0) != '\n';
        }
    }

    /** Opens a file to append to it. */
    interface Opener {
        OutputStream open(Path file) throws IOException;
    }
}
