package dev.keyway.app;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.wire.Secret;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * {@code data/gateway.json}: where the running gateway listens and how a program that may read this file proves to it
 * that it may administer. {@code {"pid":…,"url":…,"token":…,"started":…}}, readable by its owner only, there while the
 * gateway runs; after a crash it is left behind, and its process is gone.
 *
 * <p>{@code url} is a loopback one where the gateway listens there. In a container it is null until the first plain HTTP
 * request, which shows the port; no header has a say in it.
 */
final class GatewayFile implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(GatewayFile.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TOKEN_BYTES = 32;
    private static final Set<String> EVERY_ADDRESS = Set.of("0.0.0.0", "[::]", "[0:0:0:0:0:0:0:0]");

    private final @Nullable Path file;
    private final Secret token;
    private final Instant started;
    private final Executor writer;
    private final AtomicBoolean listening = new AtomicBoolean();
    private boolean closed;
    private boolean missing;
    private @Nullable String last;

    /**
     * Writes nothing yet.
     *
     * @param home null: nothing is ever written
     * @param writer runs the writes that a request brings about
     */
    GatewayFile(@Nullable Path home, Secret token, Instant started, Executor writer) {
        this.file = home == null ? null : home.resolve("data").resolve("gateway.json");
        this.token = token;
        this.started = started;
        this.writer = writer;
    }

    /** A token of 256 random bits. */
    static Secret newToken(RandomGenerator random) {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        return new Secret(HexFormat.of().formatHex(bytes));
    }

    /** Writes that it listens at this address, or that it is not known where; a failure is logged. */
    void listens(@Nullable String url) {
        if (url != null) {
            listening.set(true);
        }
        write(url == null ? null : local(url));
    }

    /** Writes again what could not be written. */
    synchronized void again() {
        if (missing) {
            write(last);
        }
    }

    /** Looks at a request's connection while the address is not known; returns at once. */
    void arrived(HttpServletRequest request) {
        if (listening.get() || request.isSecure() || !listening.compareAndSet(false, true)) {
            return;
        }
        String url = "http://127.0.0.1:" + request.getLocalPort() + request.getContextPath();
        writer.execute(() -> write(url));
    }

    /** An address that means all of the machine's is reached by the loopback one. */
    static String local(String url) {
        URI given = URI.create(url);
        return EVERY_ADDRESS.contains(String.valueOf(given.getHost()))
                ? given.getScheme() + "://127.0.0.1:" + given.getPort()
                : url;
    }

    private synchronized void write(@Nullable String url) {
        last = url;
        if (file == null || closed) {
            return;
        }
        ObjectNode content = JSON.createObjectNode()
                .put("pid", ProcessHandle.current().pid())
                .put("url", url)
                .put("token", token.reveal())
                .put("started", started.toString());
        try {
            replace(file, JSON.writeValueAsBytes(content));
            missing = false;
        } catch (IOException e) {
            if (!missing) {
                LOG.warn("gateway file can't be written: file={} error={}", file, e.toString());
            }
            missing = true;
        }
    }

    private static void replace(Path file, byte[] content) throws IOException {
        Path folder = file.resolveSibling("");
        Files.createDirectories(folder);
        // Made readable and writable by its owner only.
        Path temporary = Files.createTempFile(folder, "gateway-", ".tmp");
        try {
            try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
                ByteBuffer bytes = ByteBuffer.wrap(content);
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                channel.force(true);
            }
            Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Deletes the file, unless a later gateway of the same home has written its own by now. */
    @Override
    public synchronized void close() {
        closed = true;
        // No late request asks the writer, which may have ended.
        listening.set(true);
        if (file == null) {
            return;
        }
        try {
            if (Files.exists(file)) {
                JsonNode content = JSON.readTree(Files.readAllBytes(file));
                if (token.reveal().equals(content.path("token").textValue())) {
                    Files.delete(file);
                }
            }
        } catch (IOException e) {
            LOG.warn("gateway file can't be deleted: file={} error={}", file, e.toString());
        }
    }
}
