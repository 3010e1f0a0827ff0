package dev.keyway.access;

import java.util.Locale;
import java.util.Optional;

/**
 * A web origin (RFC 6454): two are equal when a browser treats them as the same site.
 *
 * @param host lower case, an IPv6 address in brackets
 * @param port the scheme's own when none was written; 0 for schemes without one
 */
record Origin(String scheme, String host, int port) {
    /** Reads {@code scheme://host[:port]}; empty when it is anything else, {@code null} included. */
    static Optional<Origin> parse(String text) {
        int end = text.indexOf("://");
        if (end <= 0 || !text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            return Optional.empty();
        }
        String scheme = text.substring(0, end).toLowerCase(Locale.ROOT);
        return HostPort.parse(text.substring(end + 3))
                .map(host -> new Origin(scheme, host.host(), host.port() > 0 ? host.port() : defaultPort(scheme)));
    }

    private static int defaultPort(String scheme) {
        return switch (scheme) {
            case "http" -> 80;
            case "https" -> 443;
            default -> 0;
        };
    }

    @Override
    public String toString() {
        return scheme + "://" + host + (port == defaultPort(scheme) ? "" : ":" + port);
    }
}
