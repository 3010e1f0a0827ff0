package dev.keyway.wire;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A credential that can't be printed: {@link #toString()} shows its fingerprint only.
 *
 * <p>Two secrets are equal when their SHA-256 digests are, compared in constant time.
 */
public final class Secret {
    private static final int ID_DIGITS = 8;
    private final String value;
    private final byte[] digest;

    public Secret(String value) {
        this.value = value;
        this.digest = sha256(value);
    }

    /** The credential itself; only for the one place that puts it on the wire. */
    public String reveal() {
        return value;
    }

    /** Whether this text holds the credential; an empty one is nowhere. */
    public boolean appearsIn(String text) {
        return !value.isEmpty() && text.contains(value);
    }

    /** The text with asterisks in the place of this value, as many as it has characters. */
    public String maskedIn(String text) {
        return appearsIn(text) ? text.replace(value, "*".repeat(value.length())) : text;
    }

    /** {@code k_} and the first 8 hex digits of the SHA-256: safe to log, stable over restarts. */
    public String id() {
        return id(ID_DIGITS);
    }

    /** The id with more digits, for the rare clash of two short ones. */
    public String id(int digits) {
        return "k_" + HexFormat.of().formatHex(digest).substring(0, digits);
    }

    /** The SHA-256 digest, 32 bytes, a copy. */
    public byte[] digest() {
        return digest.clone();
    }

    /** The SHA-256 digest of a credential's UTF-8 bytes, 32 bytes. */
    public static byte[] sha256(String value) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(value.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret secret && MessageDigest.isEqual(digest, secret.digest);
    }

    @Override
    public int hashCode() {
        return (digest[0] & 0xff) << 24 | (digest[1] & 0xff) << 16 | (digest[2] & 0xff) << 8 | (digest[3] & 0xff);
    }

    @Override
    public String toString() {
        return id();
    }
}
