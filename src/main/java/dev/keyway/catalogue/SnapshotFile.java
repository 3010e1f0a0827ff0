package dev.keyway.catalogue;

import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.DateTimeException;
import java.time.Instant;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * {@code data/models.json}: the last good list, for a start without an upstream.
 * {@code {"version":1,"base_url":…,"confirmed":…,"etag":…,"list":…}}, the list as the upstream sent it; readable by its
 * owner only, and replaced at one stroke. What can't be read is as good as none: the upstream has it too.
 */
public final class SnapshotFile {
    private static final Logger LOG = LogManager.getLogger(SnapshotFile.class);
    private static final int VERSION = 1;
    private static final String NAME = "models.json";
    private static final String TEMPORARY = "models-";
    private static final String SUFFIX = ".tmp";
    private static final int MAX_ENVELOPE = 16 * 1024;

    private final @Nullable Path file;
    private final URI baseUrl;
    private volatile String failure = "";

    /**
     * Touches nothing yet.
     *
     * @param home null: nothing is kept
     * @param baseUrl whose list it is; that of another upstream is not read
     */
    public SnapshotFile(@Nullable Path home, URI baseUrl) {
        this.file = home == null ? null : home.resolve("data").resolve(NAME);
        this.baseUrl = baseUrl;
    }

    /** Why the last write failed; empty: it did not. */
    public String failure() {
        return failure;
    }

    /**
     * What was kept.
     *
     * @param confirmed wall time
     */
    record Kept(ModelList list, @Nullable String etag, Instant confirmed) {}

    /** Null when there is none that can be used. */
    @Nullable
    Kept read() {
        if (file == null || !Files.exists(file)) {
            return null;
        }
        try {
            tidy(file.resolveSibling(""));
            return read(file);
        } catch (IOException | ApiException | DateTimeException e) {
            LOG.warn("kept list of models can't be used: file={} error={}", file, e.toString());
            return null;
        }
    }

    private @Nullable Kept read(Path from) throws IOException {
        long size = Files.size(from);
        if (size > Catalogue.MAX_LIST + MAX_ENVELOPE) {
            throw new IOException("it has " + size + " bytes, more than a list may have");
        }
        JsonBody kept = JsonBody.parse(Files.readAllBytes(from));
        JsonValue version = kept.value("version");
        if (version == null || version.node().asInt(0) != VERSION) {
            throw new IOException("it is of another version of Keyway");
        }
        JsonValue list = kept.value("list");
        String confirmed = kept.text("confirmed");
        if (list == null || !list.is(JsonValue.Kind.OBJECT) || confirmed == null) {
            throw new IOException("a member is missing or not what it should be");
        }
        if (!baseUrl.toString().equals(kept.text("base_url"))) {
            return null;
        }
        return new Kept(ModelList.parse(bytes(list)), kept.text("etag"), Instant.parse(confirmed));
    }

    private static byte[] bytes(JsonValue value) {
        return Shapes.bytes(value.object());
    }

    private static void tidy(Path folder) throws IOException {
        try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder, TEMPORARY + "*" + SUFFIX)) {
            for (Path leftover : leftovers) {
                Files.deleteIfExists(leftover);
            }
        }
    }

    /** Returns when it would survive a loss of power, or {@link #failure} says why not. */
    void write(ModelList list, @Nullable String etag, Instant confirmed) {
        if (file == null) {
            return;
        }
        JsonBody envelope = JsonBody.EMPTY
                .with("version", IntNode.valueOf(VERSION))
                .with("base_url", TextNode.valueOf(baseUrl.toString()))
                .with("confirmed", TextNode.valueOf(confirmed.toString()))
                .with("etag", etag == null ? NullNode.getInstance() : TextNode.valueOf(etag))
                .with("list", JsonBody.parse(list.source()).asValue());
        try {
            replace(file, envelope);
            failure = "";
        } catch (IOException e) {
            if (failure.isEmpty()) {
                LOG.warn("list of models can't be kept: file={} error={}", file, e.toString());
            }
            failure = "the list of models can't be written to " + file + ": " + e;
        }
    }

    private static void replace(Path file, JsonBody content) throws IOException {
        Path folder = file.resolveSibling("");
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, ownersOnly(folder));
        }
        // Made readable and writable by its owner only.
        Path temporary = Files.createTempFile(folder, TEMPORARY, SUFFIX);
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                for (ByteBuffer slice : content.slices()) {
                    while (slice.hasRemaining()) {
                        channel.write(slice);
                    }
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    private static FileAttribute<?>[] ownersOnly(Path folder) {
        return folder.getFileSystem().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                }
                : new FileAttribute<?>[0];
    }
}
