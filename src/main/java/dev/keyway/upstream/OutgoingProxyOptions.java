package dev.keyway.upstream;

import dev.keyway.wire.Secret;
import org.jspecify.annotations.Nullable;

/**
 * The proxy through which Keyway reaches the upstream: {@code requestProxy.url}.
 *
 * @param host a name, or an address, IPv6 in brackets
 * @param login null: it asks for none
 */
public record OutgoingProxyOptions(
        Kind kind, String host, int port, @Nullable Login login) {
    /** How it is spoken to. */
    public enum Kind {
        /** RFC 1928, with the name of the upstream, which the proxy looks up. */
        SOCKS5("socks5"),
        /** {@code CONNECT} of RFC 9110. */
        HTTP("http");

        private final String scheme;

        Kind(String scheme) {
            this.scheme = scheme;
        }
    }

    /**
     * Who Keyway is to the proxy.
     *
     * @param user printable ASCII, up to 255 characters
     * @param password the same, or empty
     */
    public record Login(String user, Secret password) {
        @Override
        public String toString() {
            return user + ":***";
        }
    }

    /** Its URL without user and password. */
    String address() {
        return kind.scheme + "://" + host + ":" + port;
    }

    /** Its URL, with asterisks in the place of the password. */
    @Override
    public String toString() {
        return login == null ? address() : kind.scheme + "://" + login + "@" + host + ":" + port;
    }
}
