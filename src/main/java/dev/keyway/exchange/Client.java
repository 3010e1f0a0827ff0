package dev.keyway.exchange;

/**
 * Who asks: the name that stands in logs, and whose key is used upstream.
 *
 * @param name the access key's name; {@code local} without one; the {@code k_…} id of a key passed through
 */
public record Client(String name, Credential credential) {
    /** The name of a caller who has shown no credential. */
    public static final String LOCAL = "local";

    public boolean usesPool() {
        return credential instanceof Credential.Pool;
    }
}
