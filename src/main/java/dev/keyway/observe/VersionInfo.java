package dev.keyway.observe;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * What was built, from the resource {@code dev/keyway/version.properties} with the entries {@code version},
 * {@code commit} and {@code built}; what is missing there is {@code unknown}.
 *
 * @param commit of the source
 * @param built when, ISO-8601
 */
public record VersionInfo(String version, String commit, String built) {
    private static final String UNKNOWN = "unknown";

    /** Reads the resource. */
    public static VersionInfo read() {
        try (InputStream in = VersionInfo.class.getResourceAsStream("/dev/keyway/version.properties")) {
            return read(in);
        } catch (IOException e) {
            return new VersionInfo(UNKNOWN, UNKNOWN, UNKNOWN);
        }
    }

    static VersionInfo read(@Nullable InputStream in) throws IOException {
        Properties entries = new Properties();
        if (in != null) {
            entries.load(in);
        }
        return new VersionInfo(entry(entries, "version"), entry(entries, "commit"), entry(entries, "built"));
    }

    /** {@code Keyway 0.1.0 (commit 1a2b3c4d5e6f, built 2026-11-20T00:00:00Z)}. */
    public String line() {
        return "Keyway " + version + " (commit " + commit + ", built " + built + ")";
    }

    private static String entry(Properties entries, String name) {
        String value = entries.getProperty(name, "").strip();
        // Left as a placeholder by a build that did not fill it in.
        return value.isEmpty() || value.startsWith("${") ? UNKNOWN : value;
    }
}
