package dev.keyway.access;

import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a request came from and where it thinks it goes.
 *
 * @param address the other end of the connection, an IP address; null when it has none
 * @param host the {@code Host} header; null without one
 * @param scheme {@code http} or {@code https}, of the connection
 * @param forwarded whether a header says that it passed a proxy
 */
public record Peer(@Nullable String address, @Nullable String host, String scheme, boolean forwarded) {
    private static final List<String> PROXY_HEADERS = List.of("forwarded", "x-real-ip", "via");
    private static final String PROXY_HEADER_START = "x-forwarded-";

    /** That of a request. */
    static Peer of(HttpServletRequest request) {
        return new Peer(request.getRemoteAddr(), host(request), request.getScheme(), isForwarded(request));
    }

    /** HTTP/2 has the authority instead of a header, HTTP/1.0 neither: the container knows both. */
    private static String host(HttpServletRequest request) {
        String header = request.getHeader("Host");
        return header == null ? request.getServerName() + ":" + request.getServerPort() : header;
    }

    private static boolean isForwarded(HttpServletRequest request) {
        Enumeration<String> names = request.getHeaderNames();
        while (names.hasMoreElements()) {
            String name = names.nextElement();
            if (name.regionMatches(true, 0, PROXY_HEADER_START, 0, PROXY_HEADER_START.length())
                    || isProxyHeader(name)) {
                return true;
            }
        }
        return false;
    }

    private static boolean isProxyHeader(String name) {
        for (String header : PROXY_HEADERS) {
            if (header.equalsIgnoreCase(name)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether it comes from a program on this machine that means this machine: a loopback peer, no proxy in between, and
     * a {@code Host} that no DNS answer of a stranger could have made a browser send.
     */
    public boolean isLocal() {
        return address != null && isLoopbackAddress(address) && !forwarded && host != null && isLoopbackHost(host);
    }

    private static boolean isLoopbackHost(String header) {
        return HostPort.parse(header)
                .map(HostPort::host)
                .filter(host -> host.equals("localhost") || host.endsWith(".localhost") || isLoopbackAddress(host))
                .isPresent();
    }

    /** By the digits alone: nothing is looked up. */
    private static boolean isLoopbackAddress(String text) {
        String bare = text.startsWith("[") && text.endsWith("]") ? text.substring(1, text.length() - 1) : text;
        int zone = bare.indexOf('%');
        String digits = zone > 0 ? bare.substring(0, zone) : bare;
        return digits.indexOf(':') >= 0 ? isLoopbackV6(digits) : isLoopbackV4(digits);
    }

    private static boolean isLoopbackV4(String text) {
        if (!text.startsWith("127.")) {
            return false;
        }
        String[] octets = text.split("\\.", -1);
        if (octets.length != 4) {
            return false;
        }
        for (String octet : octets) {
            boolean digits = !octet.isEmpty() && octet.length() <= 3 && Chars.areDigits(octet, 0);
            if (!digits || Integer.parseInt(octet) > 255) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLoopbackV6(String text) {
        if (!text.chars().allMatch(c -> Character.digit(c, 16) >= 0 || c == ':' || c == '.')) {
            return false;
        }
        try {
            // In brackets it is taken as an address or refused, never as a name.
            return InetAddress.getByName("[" + text + "]").isLoopbackAddress();
        } catch (UnknownHostException notAnAddress) {
            return false;
        }
    }
}
