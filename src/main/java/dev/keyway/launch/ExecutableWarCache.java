package dev.keyway.launch;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/**
 * The folder that holds a WAR's jars unpacked, one entry per content of the WAR (named by its SHA-256).
 *
 * <p>Nobody but the user who runs it may write there ({@link PrivateFolder}). An entry appears whole, by a rename, so
 * that parallel starts need no order; one that lost a file is unpacked anew. The three entries used last stay, others
 * go unless a program still runs from them.
 */
final class ExecutableWarCache {
    private static final int KEPT = 3;
    private static final int PUBLISH_TRIES = 5;
    private static final Duration LEFTOVER_AGE = Duration.ofDays(1);
    private static final List<String> JAR_FOLDERS = List.of("WEB-INF/lib/", "WEB-INF/lib-standalone/");
    private static final String UNFINISHED = "unpacking-";
    private static final String IN_USE = "in-use";

    private final List<Path> candidates;
    private final InstantSource clock;

    /** The first of these folders that can be used is; they are made where missing. */
    ExecutableWarCache(List<Path> candidates, InstantSource clock) {
        this.candidates = List.copyOf(candidates);
        this.clock = clock;
    }

    /** In {@code XDG_CACHE_HOME}, else {@code ~/.cache}, else the folder for temporary files. */
    static ExecutableWarCache ofCurrentUser(Map<String, String> environment, Properties system) {
        List<Path> candidates = new ArrayList<>();
        String xdg = environment.getOrDefault("XDG_CACHE_HOME", "");
        if (Path.of(xdg).isAbsolute()) {
            candidates.add(Path.of(xdg, "keyway"));
        }
        String home = system.getProperty("user.home", "");
        if (Path.of(home).isAbsolute()) {
            candidates.add(Path.of(home, ".cache", "keyway"));
        }
        String user = system.getProperty("user.name", "user").replaceAll("[^A-Za-z0-9._-]", "_");
        candidates.add(Path.of(system.getProperty("java.io.tmpdir", "/tmp"), "keyway-" + user));
        return new ExecutableWarCache(candidates, InstantSource.system());
    }

    /**
     * A WAR's jars as files.
     *
     * @param jars sorted by path
     * @param inUse open and locked as long as the jars are needed; null where the file system knows no locks
     */
    record Unpacked(List<Path> jars, @Nullable FileChannel inUse) {}

    /**
     * The jars of this WAR; unpacked now if this content was never seen.
     *
     * @throws IOException when no folder is both writable and ours alone, or the WAR can't be read
     */
    Unpacked unpacked(Path war) throws IOException {
        String key = sha256(war);
        List<String> problems = new ArrayList<>();
        try (ZipFile zip = new ZipFile(war.toFile())) {
            List<ZipEntry> jars = jars(zip);
            for (Path root : candidates) {
                try {
                    PrivateFolder.claim(root);
                    return unpacked(zip, jars, root, root.resolve(key));
                } catch (IOException e) {
                    problems.add(e instanceof FileSystemException ? e.toString() : root + ": " + e.getMessage());
                }
            }
        }
        throw new IOException(String.join("; ", problems));
    }

    private Unpacked unpacked(ZipFile zip, List<ZipEntry> jars, Path root, Path entry) throws IOException {
        if (!complete(entry, jars)) {
            unpack(zip, jars, root, entry);
        }
        FileChannel inUse = lockInUse(entry);
        Files.setLastModifiedTime(entry, FileTime.from(clock.instant()));
        prune(root, entry);
        return new Unpacked(
                jars.stream().map(jar -> entry.resolve(fileName(jar))).sorted().toList(), inUse);
    }

    private static List<ZipEntry> jars(ZipFile zip) throws IOException {
        List<ZipEntry> jars = new ArrayList<>();
        zip.stream()
                .filter(e -> e.getName().endsWith(".jar") && JAR_FOLDERS.contains(folder(e)))
                .forEach(jars::add);
        if (jars.stream().map(ExecutableWarCache::fileName).distinct().count() < jars.size()) {
            throw new IOException(zip.getName() + " holds a jar twice");
        }
        return jars;
    }

    private static String folder(ZipEntry entry) {
        return entry.getName().substring(0, entry.getName().lastIndexOf('/') + 1);
    }

    private static String fileName(ZipEntry entry) {
        return entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
    }

    /** Cleaners of temporary folders take single files, so each is looked at. */
    private static boolean complete(Path entry, List<ZipEntry> jars) throws IOException {
        for (ZipEntry jar : jars) {
            Path file = entry.resolve(fileName(jar));
            if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) != jar.getSize()) {
                return false;
            }
        }
        return true;
    }

    private static void unpack(ZipFile zip, List<ZipEntry> jars, Path root, Path entry) throws IOException {
        Path unfinished = Files.createTempDirectory(root, UNFINISHED);
        try {
            for (ZipEntry jar : jars) {
                try (InputStream in = zip.getInputStream(jar)) {
                    Files.copy(in, unfinished.resolve(fileName(jar)));
                }
            }
            publish(unfinished, entry, jars);
        } finally {
            PrivateFolder.delete(unfinished);
        }
    }

    private static void publish(Path unfinished, Path entry, List<ZipEntry> jars) throws IOException {
        for (int tries = 1; !complete(entry, jars); tries++) {
            try {
                Files.move(unfinished, entry, StandardCopyOption.ATOMIC_MOVE);
                return;
            } catch (FileSystemException taken) {
                if (tries == PUBLISH_TRIES) {
                    throw taken;
                }
                setAside(entry);
            }
        }
    }

    /** An entry that lost files makes room; one that a parallel start has just put there is looked at again. */
    private static void setAside(Path entry) throws IOException {
        Path aside = Files.createTempDirectory(entry.resolveSibling("."), UNFINISHED);
        try {
            Files.move(entry, aside, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException gone) {
            return;
        } finally {
            PrivateFolder.delete(aside);
        }
    }

    @SuppressWarnings("MustBeClosedChecker") // open as long as the jars are in use
    private static @Nullable FileChannel lockInUse(Path entry) throws IOException {
        FileChannel channel = FileChannel.open(
                entry.resolve(IN_USE), StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock(0, Long.MAX_VALUE, true) != null) {
                return channel;
            }
        } catch (IOException | OverlappingFileLockException e) {
            // A file system without locks: the entry is protected by being one of the last used only.
        }
        channel.close();
        return null;
    }

    private void prune(Path root, Path current) throws IOException {
        FileTime leftover = FileTime.from(clock.instant().minus(LEFTOVER_AGE));
        List<Path> entries = new ArrayList<>();
        try (Stream<Path> children = Files.list(root)) {
            for (Path child : children.filter(c -> !c.equals(current)).toList()) {
                if (!child.getFileName().toString().startsWith(UNFINISHED)) {
                    entries.add(child);
                } else if (lastUsed(child).compareTo(leftover) < 0) {
                    PrivateFolder.delete(child);
                }
            }
        }
        entries.sort(Comparator.comparing(ExecutableWarCache::lastUsed).reversed());
        entries.stream().skip(KEPT - 1).filter(entry -> !isInUse(entry)).forEach(PrivateFolder::delete);
    }

    private static FileTime lastUsed(Path entry) {
        try {
            return Files.getLastModifiedTime(entry, LinkOption.NOFOLLOW_LINKS);
        } catch (IOException gone) {
            return FileTime.fromMillis(0);
        }
    }

    private static boolean isInUse(Path entry) {
        try (FileChannel channel = FileChannel.open(entry.resolve(IN_USE), StandardOpenOption.WRITE)) {
            return channel.tryLock() == null;
        } catch (OverlappingFileLockException e) {
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                digest.update(buffer, 0, read);
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
