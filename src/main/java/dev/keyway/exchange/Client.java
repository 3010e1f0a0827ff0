package dev.keyway.exchange;

/**
 * Who asks: the name that stands in logs, and whose key is used upstream.
 *
 * @param name the access key's name; {@code local} without one; the {@code k_…} id of a key passed through
 * @param stripComments whether event streams reach it without comments, the upstream's and Keyway's own
 */
public record Client(String name, Credential credential, boolean stripComments) {
    /** The name of a caller who has shown no credential. */
    public static final String LOCAL = "local";

    /** A client that gets streams as they are. */
    public Client(String name, Credential credential) {
        this(name, credential, false);
    }

    public boolean usesPool() {
        return credential instanceof Credential.Pool;
    }
}
