package dev.keyway.app;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * One gateway per home folder: holds {@code keyway.lock} in it as long as it runs. The operating system lets go of it when
 * the process ends, however it ends; the file itself stays.
 */
final class HomeLock implements AutoCloseable {
    private static final String NAME = "keyway.lock";
    private static final int MAX_NOTE = 100;

    private final FileChannel channel;

    private HomeLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock, making the folder where there is none.
     *
     * @throws IOException when another gateway has it, in this process or another, or when the file can't be made
     */
    static HomeLock take(Path home) throws IOException {
        Files.createDirectories(home);
        FileChannel channel = FileChannel.open(
                home.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (lock(channel) == null) {
                throw new IOException("home " + home + " is in use by another Keyway" + holder(channel)
                        + "; give this one a home of its own (--home, KEYWAY_HOME)");
            }
            ByteBuffer note = ByteBuffer.wrap(
                    ("pid " + ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII));
            channel.truncate(0).write(note, 0);
            return new HomeLock(channel);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException heldInThisProcess) {
            return null;
        }
    }

    private static String holder(FileChannel channel) throws IOException {
        ByteBuffer note = ByteBuffer.allocate(MAX_NOTE);
        channel.read(note, 0);
        String text = new String(note.array(), 0, note.position(), StandardCharsets.US_ASCII).strip();
        return text.matches("pid [0-9]+") ? " (" + text + ")" : "";
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
