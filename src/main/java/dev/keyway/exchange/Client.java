package dev.keyway.exchange;

/**
 * Who asks: the name that stands in logs, and whose key is used upstream.
 *
 * @param name the access key's name; {@code local} without one; the {@code k_…} id of a key passed through
 * @param stripComments whether event streams reach it without comments, the upstream's and Keyway's own
 * @param models which ones it may use
 */
public record Client(String name, Credential credential, boolean stripComments, AllowedModels models) {
    /** The name of a caller who has shown no credential. */
    public static final String LOCAL = "local";

    /** A client that gets streams as they are, of any model. */
    public Client(String name, Credential credential) {
        this(name, credential, false, AllowedModels.ALL);
    }

    /** Whether it has shown an access key, so that its name is one of the configuration's. */
    public boolean isKnown() {
        return !(credential instanceof Credential.Own) && !name.equals(LOCAL);
    }

    public boolean usesPool() {
        return credential instanceof Credential.Pool;
    }
}
