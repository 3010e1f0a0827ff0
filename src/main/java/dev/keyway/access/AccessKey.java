package dev.keyway.access;

import dev.keyway.exchange.AllowedModels;
import java.util.HexFormat;

/**
 * A key that callers show to Keyway, known by its SHA-256 only.
 *
 * @param name the client's name in logs
 * @param sha256 lowercase hex, 64 digits
 * @param stripComments whether event streams reach this client without comments
 * @param models which ones this client may use
 */
public record AccessKey(String name, String sha256, boolean stripComments, AllowedModels models) {
    /** A key whose client may use all models. */
    public AccessKey(String name, String sha256, boolean stripComments) {
        this(name, sha256, stripComments, AllowedModels.ALL);
    }

    /** A key whose client gets streams as they are, of any model. */
    public AccessKey(String name, String sha256) {
        this(name, sha256, false);
    }

    byte[] digest() {
        return HexFormat.of().parseHex(sha256);
    }
}
