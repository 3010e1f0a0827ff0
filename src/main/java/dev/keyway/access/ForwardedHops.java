package dev.keyway.access;

import dev.keyway.wire.IpAddress;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The stations of a request as its proxies wrote them, the client first: of {@code X-Forwarded-For} (a list of
 * addresses, with a port or without) or of {@code Forwarded} (RFC 7239).
 *
 * <p>A station is empty when it is no IP address: {@code unknown}, an obfuscated name, {@code unix:}, or nonsense.
 */
final class ForwardedHops {
    /** Longer than any honest way; nobody makes Keyway read more. */
    static final int MAX_LENGTH = 4096;

    static final int MAX_HOPS = 32;

    private static final String PORT = "(?::(?:\\d{1,5}|_[\\w.-]+))?";
    private static final Pattern V4_AND_PORT = Pattern.compile("([\\d.]+)" + PORT);
    private static final Pattern V6_AND_PORT = Pattern.compile("\\[([^\\[\\]]*:[^\\[\\]]*)]" + PORT);
    private static final String TOKEN_SIGNS = "!#$%&'*+-.^_`|~";

    private ForwardedHops() {}

    /** Those of {@code X-Forwarded-For}; nothing when it is too long. */
    static Optional<List<Optional<IpAddress>>> ofList(List<String> headers) {
        String all = String.join(",", headers);
        if (all.length() > MAX_LENGTH) {
            return Optional.empty();
        }
        List<Optional<IpAddress>> hops = new ArrayList<>();
        for (String hop : all.split(",", -1)) {
            if (!hop.isBlank()) {
                hops.add(address(hop.strip()));
            }
        }
        return limited(hops);
    }

    /** Those of {@code Forwarded}; nothing when it is too long or breaks the rules of its form. */
    static Optional<List<Optional<IpAddress>>> ofForwarded(List<String> headers) {
        String all = String.join(",", headers);
        return all.length() > MAX_LENGTH
                ? Optional.empty()
                : new Reader(all).elements().flatMap(ForwardedHops::limited);
    }

    private static Optional<List<Optional<IpAddress>>> limited(List<Optional<IpAddress>> hops) {
        return hops.size() > MAX_HOPS ? Optional.empty() : Optional.of(List.copyOf(hops));
    }

    /** An address, in brackets where it is IPv6 and has a port; the port counts for nothing. */
    private static Optional<IpAddress> address(String node) {
        Matcher v4 = V4_AND_PORT.matcher(node);
        if (v4.matches()) {
            return IpAddress.parse(v4.group(1));
        }
        Matcher v6 = V6_AND_PORT.matcher(node);
        return IpAddress.parse(v6.matches() ? v6.group(1) : node);
    }

    /** Reads elements between commas, of pairs between semicolons; blanks may stand around both. */
    private static final class Reader {
        private final String text;
        private final List<Optional<IpAddress>> hops = new ArrayList<>();
        private int at;

        Reader(String text) {
            this.text = text;
        }

        Optional<List<Optional<IpAddress>>> elements() {
            do {
                if (!element()) {
                    return Optional.empty();
                }
            } while (skip(','));
            return at == text.length() ? Optional.of(hops) : Optional.empty();
        }

        /** False when it breaks the rules. */
        private boolean element() {
            Set<String> names = new HashSet<>();
            Optional<IpAddress> hop = Optional.empty();
            do {
                blanks();
                String name = token().toLowerCase(Locale.ROOT);
                if (name.isEmpty()) {
                    continue;
                }
                Optional<String> value = skip('=') ? value() : Optional.empty();
                if (value.isEmpty() || !names.add(name)) {
                    return false;
                }
                hop = name.equals("for") ? node(value.get()) : hop;
                blanks();
            } while (skip(';'));
            if (!names.isEmpty()) {
                hops.add(hop);
            }
            return true;
        }

        /** An IPv6 address stands in brackets always. */
        private static Optional<IpAddress> node(String value) {
            boolean bareV6 = value.indexOf(':') != value.lastIndexOf(':') && !value.startsWith("[");
            return bareV6 ? Optional.empty() : address(value);
        }

        private Optional<String> value() {
            if (skip('"')) {
                return quoted();
            }
            String token = token();
            return token.isEmpty() ? Optional.empty() : Optional.of(token);
        }

        /** The rest of a quoted string, its escapes resolved; nothing when it does not end. */
        private Optional<String> quoted() {
            StringBuilder inner = new StringBuilder();
            while (!skip('"')) {
                skip('\\');
                if (at == text.length() || isControl(text.charAt(at))) {
                    return Optional.empty();
                }
                inner.append(text.charAt(at++));
            }
            return Optional.of(inner.toString());
        }

        private static boolean isControl(char c) {
            return (c < ' ' && c != '\t') || c == 0x7f;
        }

        private String token() {
            int begin = at;
            while (at < text.length() && isToken(text.charAt(at))) {
                at++;
            }
            return text.substring(begin, at);
        }

        private static boolean isToken(char c) {
            return (c >= '0' && c <= '9')
                    || (c >= 'a' && c <= 'z')
                    || (c >= 'A' && c <= 'Z')
                    || TOKEN_SIGNS.indexOf(c) >= 0;
        }

        private void blanks() {
            while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
                at++;
            }
        }

        private boolean skip(char separator) {
            if (at < text.length() && text.charAt(at) == separator) {
                at++;
                return true;
            }
            return false;
        }
    }
}
