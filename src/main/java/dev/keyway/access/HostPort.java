package dev.keyway.access;

import java.util.Locale;
import java.util.Optional;

/**
 * The value of a {@code Host} header.
 *
 * @param host lower case, an IPv6 address in brackets
 * @param port 0 when none was written
 */
record HostPort(String host, int port) {
    private static final int MAX_PORT = 65_535;

    /** Empty when it is no {@code host} or {@code host:port}. */
    static Optional<HostPort> parse(String text) {
        int colon = text.startsWith("[") ? text.indexOf("]") + 1 : text.indexOf(':');
        String host = colon > 0 ? text.substring(0, colon) : text;
        String after = colon > 0 ? text.substring(colon) : "";
        if (!isHost(host) || !(after.isEmpty() || isPort(after))) {
            return Optional.empty();
        }
        int port = after.length() < 2 ? 0 : Integer.parseInt(after.substring(1));
        return port > MAX_PORT ? Optional.empty() : Optional.of(new HostPort(host.toLowerCase(Locale.ROOT), port));
    }

    private static boolean isHost(String host) {
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (c <= ' ' || c >= 0x7f || "/?#@\\,".indexOf(c) >= 0) {
                return false;
            }
        }
        return !host.isEmpty();
    }

    private static boolean isPort(String text) {
        return text.startsWith(":") && text.length() <= 6 && Chars.areDigits(text, 1);
    }
}
