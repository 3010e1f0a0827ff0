package dev.keyway.access;

import dev.keyway.wire.IpAddress;
import jakarta.servlet.http.HttpServletRequest;
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
 * @param doubt why a proxy may have sent it that writes no such header
 */
public record Peer(@Nullable String address, @Nullable String host, String scheme, boolean forwarded, Doubt doubt) {
    private static final List<String> PROXY_HEADERS = List.of("forwarded", "x-real-ip", "via");
    private static final String PROXY_HEADER_START = "x-forwarded-";
    /** What Tomcat's RemoteIpValve leaves of a request from a proxy it knows, whose header it may have taken away. */
    private static final String TOMCAT_FORWARDED = "org.apache.tomcat.request.forwarded";

    /** Why a request without a proxy's header may have passed a proxy all the same. */
    enum Doubt {
        NONE(""),
        /** nginx asks in it unless told otherwise, with the address of {@code proxy_pass} as {@code Host}. */
        OLD_HTTP("; HTTP/1.0 counts as a proxy's"),
        /** What comes from there comes from a proxy: the configuration says so. */
        DECLARED_PROXY("; this address is that of a declared proxy");

        private final String hint;

        Doubt(String hint) {
            this.hint = hint;
        }
    }

    /** One that nothing casts a doubt on. */
    public Peer(@Nullable String address, @Nullable String host, String scheme, boolean forwarded) {
        this(address, host, scheme, forwarded, Doubt.NONE);
    }

    /** That of a request. */
    static Peer of(HttpServletRequest request, TrustedProxies proxies) {
        return new Peer(
                request.getRemoteAddr(),
                host(request),
                request.getScheme(),
                isForwarded(request),
                doubt(request, proxies));
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

    private static Doubt doubt(HttpServletRequest request, TrustedProxies proxies) {
        if (proxies.contain(request.getRemoteAddr()) || request.getAttribute(TOMCAT_FORWARDED) != null) {
            return Doubt.DECLARED_PROXY;
        }
        return request.getProtocol().equals("HTTP/1.0") ? Doubt.OLD_HTTP : Doubt.NONE;
    }

    /**
     * Whether it comes from a program on this machine that means this machine: a loopback peer, no proxy in between as far
     * as can be told, and a {@code Host} that no DNS answer of a stranger could have made a browser send.
     */
    public boolean isLocal() {
        return isNear() && doubt == Doubt.NONE;
    }

    /** The same but for a doubt: enough for who also shows what only this machine's programs can know. */
    boolean isNear() {
        return address != null && isLoopbackAddress(address) && !forwarded && host != null && isLoopbackHost(host);
    }

    /** What a refused program is told beside the rule; empty when the rule says all. */
    String hint() {
        return isNear() ? doubt.hint : "";
    }

    private static boolean isLoopbackHost(String header) {
        return HostPort.parse(header)
                .map(HostPort::host)
                .filter(host -> host.equals("localhost") || host.endsWith(".localhost") || isLoopbackAddress(host))
                .isPresent();
    }

    private static boolean isLoopbackAddress(String text) {
        return IpAddress.ofPeer(text).filter(IpAddress::isLoopback).isPresent();
    }
}
