package dev.keyway.safety;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.opentest4j.TestAbortedException;

/** A home folder whose disk a test can fill up and free again while a program runs on it. */
abstract class Disk implements AutoCloseable {
    /** The ways there are. */
    enum Kind {
        /** A file system of a mebibyte; only root may mount it, and not everywhere. */
        SMALL,
        /** The system's limit of a file's size for the process, set to nothing; for everyone, on Linux. */
        LIMITED
    }

    private final Path home;

    Disk(Path home) {
        this.home = home;
    }

    /** Makes a folder on such a disk. */
    static Disk of(Kind kind, Path home) throws IOException, InterruptedException {
        Files.createDirectories(home);
        if (kind == Kind.LIMITED) {
            return new Limited(home);
        }
        if (run("mount", "-t", "tmpfs", "-o", "size=1m", "keyway-test", home.toString()) != 0) {
            System.out.println(
                    "[own-faults] skipped: a disk that is really full; only root may mount one, and not here");
            throw new TestAbortedException("a file system can't be mounted here");
        }
        return new Small(home);
    }

    Path home() {
        return home;
    }

    /** What the system says when it is full. */
    abstract String word();

    /** From now on nothing can be written to it by this process. */
    abstract void fill(long pid) throws IOException, InterruptedException;

    abstract void free(long pid) throws IOException, InterruptedException;

    @Override
    public abstract void close() throws IOException;

    static int run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getInputStream().transferTo(OutputStream.nullOutputStream());
        process.waitFor(10, TimeUnit.SECONDS);
        return process.exitValue();
    }

    private static final class Small extends Disk {
        private static final int BLOCK = 4096;

        Small(Path home) {
            super(home);
        }

        @Override
        String word() {
            return "No space left on device";
        }

        @Override
        void fill(long pid) throws IOException {
            try (OutputStream filler = Files.newOutputStream(home().resolve("filler"))) {
                fill(filler);
            }
        }

        @SuppressWarnings("InfiniteLoopStatement") // until there is no room
        private static void fill(OutputStream filler) {
            try {
                while (true) {
                    filler.write(new byte[BLOCK]);
                    filler.flush();
                }
            } catch (IOException full) {
                System.out.println("[own-faults] " + full.getMessage());
            }
        }

        @Override
        void free(long pid) throws IOException {
            Files.delete(home().resolve("filler"));
        }

        @Override
        public void close() throws IOException {
            try {
                if (run("umount", home().toString()) != 0) {
                    run("umount", "--lazy", home().toString());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static final class Limited extends Disk {
        Limited(Path home) {
            super(home);
        }

        @Override
        String word() {
            return "File too large";
        }

        @Override
        void fill(long pid) throws IOException, InterruptedException {
            limit(pid, "0");
        }

        @Override
        void free(long pid) throws IOException, InterruptedException {
            limit(pid, "unlimited");
        }

        private static void limit(long pid, String bytes) throws IOException, InterruptedException {
            if (run("prlimit", "--pid", Long.toString(pid), "--fsize=" + bytes + ":unlimited") != 0) {
                throw new TestAbortedException("prlimit does not work here");
            }
        }

        @Override
        public void close() {
            // The limit goes with the process.
        }
    }
}
