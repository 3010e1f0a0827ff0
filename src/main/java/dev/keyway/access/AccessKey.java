package dev.keyway.access;

import java.util.HexFormat;

/**
 * A key that callers show to Keyway, known by its SHA-256 only.
 *
 * @param name the client's name in logs
 * @param sha256 lowercase hex, 64 digits
 */
public record AccessKey(String name, String sha256) {
    byte[] digest() {
        return HexFormat.of().parseHex(sha256);
    }
}
