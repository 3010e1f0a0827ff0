package dev.keyway.keys.store;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * {@code data/keys.json} of a home folder as bytes: readable to its owner alone (0600, the folder 0700), and replaced so
 * that at any moment, also that of a power cut, it is the old one or the new one and whole.
 */
final class KeyFile {
    private static final Logger LOG = LogManager.getLogger(KeyFile.class);
    private static final String NAME = "keys.json";
    private static final String TEMPORARY = ".tmp";

    private final Path home;
    private final Path folder;
    private final Path file;
    private final FileSteps steps;

    KeyFile(Path home, FileSteps steps) {
        this.home = home;
        this.folder = home.resolve("data");
        this.file = folder.resolve(NAME);
        this.steps = steps;
    }

    Path path() {
        return file;
    }

    /** What is in the file; empty when there is none. Makes the folder, and tidies up what a crash left in it. */
    Optional<byte[]> read() throws IOException {
        prepareFolder();
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            closeToOthers(file, "rw-------");
            return Optional.of(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new IOException(
                    "key file " + file + " can't be read (" + e
                            + "); it must be a file that the user who runs Keyway may" + " read and write",
                    e);
        }
    }

    private void prepareFolder() throws IOException {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(folder, DiskSteps.rights(folder, "rwx------"));
                steps.forceFolder(home);
            }
            closeToOthers(folder, "rwx------");
            try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, NAME + ".*" + TEMPORARY)) {
                for (Path leftover : leftovers) {
                    Files.deleteIfExists(leftover);
                }
            }
        } catch (IOException e) {
            throw new IOException(
                    "folder " + folder + " for the key file can't be used (" + e
                            + "); it must be a folder that the user who" + " runs Keyway may write to",
                    e);
        }
    }

    private static void closeToOthers(Path path, String rights) throws IOException {
        if (!DiskSteps.isPosix(path)) {
            return;
        }
        Set<PosixFilePermission> ours = PosixFilePermissions.fromString(rights);
        Set<PosixFilePermission> found = Files.getPosixFilePermissions(path);
        if (!ours.containsAll(found)) {
            Files.setPosixFilePermissions(path, ours);
            LOG.warn(
                    "keys were open to other users, closed now: path={} rights={}",
                    path,
                    PosixFilePermissions.toString(found));
        }
    }

    /** Returns when the content would survive a loss of power. After a failure the file is as it was, or as it was to be. */
    void replace(byte[] content) throws IOException {
        // A name of its own each time: a file whose fsync failed is never tried again.
        Path temporary = folder.resolve(NAME + "." + UUID.randomUUID() + TEMPORARY);
        try {
            create(temporary, content);
            steps.rename(temporary, file);
        } catch (IOException | RuntimeException e) {
            deleteIfPossible(temporary);
            throw e;
        }
        steps.forceFolder(folder);
    }

    private void create(Path path, byte[] content) throws IOException {
        try (FileSteps.NewFile made = steps.create(path)) {
            made.write(content);
            made.force();
        }
    }

    private static void deleteIfPossible(Path temporary) {
        try {
            Files.deleteIfExists(temporary);
        } catch (IOException e) {
            // The next start tidies it up.
            LOG.debug("temporary file could not be deleted: file={} error={}", temporary, e.toString());
        }
    }

    /** Keeps the content beside the file under a name that begins with its own; one that is kept already is not kept twice. */
    Path keepBeside(String suffix, byte[] content) throws IOException {
        for (int number = 1; ; number++) {
            Path copy = folder.resolve(NAME + suffix + (number == 1 ? "" : "-" + number));
            if (!Files.exists(copy)) {
                create(copy, content);
                steps.forceFolder(folder);
                return copy;
            }
            if (Arrays.equals(Files.readAllBytes(copy), content)) {
                return copy;
            }
        }
    }
}
