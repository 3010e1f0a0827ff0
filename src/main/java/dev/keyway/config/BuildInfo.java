package dev.keyway.config;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which Keyway this is.
 *
 * @param version such as {@code 0.1.0}
 * @param commit of git; {@code unknown} when the build was not told
 * @param built an ISO-8601 instant
 */
public record BuildInfo(String version, String commit, String built) {
    /** Reads what the build wrote into {@code dev/keyway/version.properties}. */
    public static BuildInfo read() {
        Properties properties = new Properties();
        try (InputStream in = BuildInfo.class.getResourceAsStream("/dev/keyway/version.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("version.properties is part of the program", e);
        }
        return new BuildInfo(
                properties.getProperty("version", "unknown"),
                properties.getProperty("commit", "unknown"),
                properties.getProperty("built", "unknown"));
    }

    /** {@code Keyway 0.1.0 (commit 1a2b3c4, built 2026-11-20T00:00:00Z)}. */
    public String line() {
        return "Keyway " + version + " (commit " + commit + ", built " + built + ")";
    }
}
