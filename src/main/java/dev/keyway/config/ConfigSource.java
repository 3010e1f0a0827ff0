package dev.keyway.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A configuration that can be read again while it is in force. Safe for many threads; each call reads files and may wait
 * for them.
 */
public final class ConfigSource {
    private final ConfigInputs inputs;
    private @Nullable Values running;
    private volatile @Nullable GatewayConfig config;

    public ConfigSource(ConfigInputs inputs) {
        this.inputs = inputs;
    }

    /**
     * Reads all sources anew. What is loaded counts as being in force from then on, but for settings that count at the
     * start only, which stay as they were; what is refused changes nothing.
     */
    public synchronized ConfigResult load() {
        ConfigLoader loader = new ConfigLoader(inputs, running, null);
        ConfigResult result = loader.load();
        if (result instanceof ConfigResult.Loaded loaded) {
            running = loader.loaded();
            config = loaded.config();
        }
        return result;
    }

    /**
     * The configuration in force.
     *
     * @throws IllegalStateException when none was loaded yet
     */
    public GatewayConfig config() {
        GatewayConfig last = config;
        if (last == null) {
            throw new IllegalStateException("no configuration was loaded yet");
        }
        return last;
    }

    /**
     * What {@link #load()} would come to if the YAML file had this text; changes nothing.
     *
     * @param name of the text, for problems and sources
     */
    public synchronized ConfigResult preview(String name, String yaml) {
        return new ConfigLoader(inputs, running, new ConfigFiles.Text(name, yaml)).load();
    }

    /** Another text whenever one of the files has another content, came or went. */
    public String fingerprint() {
        MessageDigest digest = sha256();
        for (Path file : new ConfigFiles(inputs, Home.of(inputs), new Problems()).all()) {
            digest.update(content(file));
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** The digest of a file's beginning, as much as the loader would take and a byte; one byte when it can't be read. */
    private static byte[] content(Path file) {
        if (!Files.isRegularFile(file)) {
            return new byte[] {0};
        }
        try (InputStream in = Files.newInputStream(file)) {
            return sha256().digest(in.readNBytes(ConfigFiles.LARGEST + 1));
        } catch (IOException e) {
            return new byte[] {1};
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
