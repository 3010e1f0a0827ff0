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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One gateway per home folder: holds {@code keyway.lock} in it as long as it runs. The operating system lets go of it when
 * the process ends, however it ends; the file itself stays.
 */
public final class HomeLock implements AutoCloseable {
    private static final String NAME = "keyway.lock";
    private static final Logger LOG = LogManager.getLogger(HomeLock.class);
    private static final int MAX_NOTE = 500;
    private static final Pattern NOTE = Pattern.compile("pid [0-9]+");

    private final FileChannel channel;
    private volatile boolean held;

    private HomeLock(FileChannel channel, boolean held) {
        this.channel = channel;
        this.held = held;
    }

    /**
     * Takes the lock for a gateway that is in no container, or for a command that works on the files in its place.
     *
     * @throws HomeInUseException when another gateway has it, in this process or another
     */
    public static HomeLock take(Path home) throws IOException {
        return take(home, null);
    }

    /**
     * Takes the lock, making the folder where there is none.
     *
     * <p>A container may start the new deployment of a context before it stops the old one, as Jetty does: to the same
     * context of the same process the lock is promised, and {@link #retry} takes it once the old one has let go.
     *
     * @param context the context's path in its container; null in none
     * @throws HomeInUseException when another gateway has it, in this process or another
     * @throws IOException when the file can't be made
     */
    static HomeLock take(Path home, @Nullable String context) throws IOException {
        Files.createDirectories(home);
        FileChannel channel = FileChannel.open(
                home.resolve(NAME), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        String note =
                "pid " + ProcessHandle.current().pid() + (context == null ? "" : " context " + context + "/") + "\n";
        try {
            if (lock(channel) == null) {
                if (context != null && note.equals(read(channel))) {
                    return new HomeLock(channel, false);
                }
                throw new HomeInUseException(home, holder(channel));
            }
            write(channel, note);
            return new HomeLock(channel, true);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** For who finds the home locked. On a full disk there is no room for it; the lock holds all the same. */
    private static void write(FileChannel channel, String note) {
        try {
            channel.truncate(0).write(ByteBuffer.wrap(note.getBytes(StandardCharsets.UTF_8)), 0);
        } catch (IOException e) {
            LOG.warn("note in the lock can't be written: file={} error={}", NAME, e.toString());
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
        Matcher note = NOTE.matcher(read(channel));
        return note.lookingAt() ? note.group() : "";
    }

    private static String read(FileChannel channel) throws IOException {
        ByteBuffer note = ByteBuffer.allocate(MAX_NOTE);
        channel.read(note, 0);
        return new String(note.array(), 0, note.position(), StandardCharsets.UTF_8);
    }

    /** Takes what was promised, if it can be had by now; whether it is held. */
    boolean retry() throws IOException {
        if (!held && channel.isOpen()) {
            held = lock(channel) != null;
        }
        return held;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
