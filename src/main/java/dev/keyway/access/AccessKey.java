package dev.keyway.access;

import dev.keyway.exchange.AllowedModels;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A key that callers show to Keyway, known by its SHA-256 only.
 *
 * @param name the client's name in logs
 * @param sha256 lowercase hex, 64 digits
 * @param stripComments whether event streams reach this client without comments
 * @param models which ones this client may use
 * @param rateLimit how many requests within {@code rate_limit.window}; null: as many as those without a name
 */
public record AccessKey(
        String name,
        String sha256,
        boolean stripComments,
        AllowedModels models,
        @Nullable Integer rateLimit) {
    /** A key whose client has no limit of its own. */
    public AccessKey(String name, String sha256, boolean stripComments, AllowedModels models) {
        this(name, sha256, stripComments, models, null);
    }

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
