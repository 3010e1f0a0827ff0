package dev.keyway.upstream;

import dev.keyway.exchange.Header;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/** Which header fields pass, each way. Names are compared in lower case. */
final class HeaderRules {
    /** RFC 9110 §7.6.1, and what older software sends in their place. */
    private static final Set<String> HOP_BY_HOP = Set.of(
            "connection",
            "keep-alive",
            "proxy-authorization",
            "proxy-authenticate",
            "proxy-authentication-info",
            "proxy-connection",
            "transfer-encoding",
            "te",
            "trailer",
            "upgrade");

    private static final Set<String> NOT_TO_UPSTREAM = Set.of(
            "host",
            "content-length",
            "expect",
            "authorization",
            "x-api-key",
            "cookie",
            "accept-encoding",
            "forwarded",
            "x-real-ip",
            "via",
            "x-admin-secret",
            "x-request-id",
            "origin");

    private static final List<String> NOT_TO_UPSTREAM_PREFIXES =
            List.of("x-forwarded-", "cf-", "x-keyway-", "sec-fetch-");

    private static final Set<String> NOT_TO_CLIENT = Set.of(
            "date",
            "server",
            "set-cookie",
            "alt-svc",
            "strict-transport-security",
            "x-request-id",
            "x-process-time",
            "x-keyway-attempts",
            "server-timing");

    private static final List<String> NOT_TO_CLIENT_PREFIXES = List.of("access-control-");

    private HeaderRules() {}

    /** The client's fields that go to the upstream, in order. */
    static List<Header> toUpstream(List<Header> fromClient) {
        return filter(fromClient, NOT_TO_UPSTREAM, NOT_TO_UPSTREAM_PREFIXES, header -> true);
    }

    /**
     * The upstream's fields that go to the client, in order.
     *
     * @param leaks tells whether a value holds a key of ours; such a field is dropped
     */
    static List<Header> toClient(List<Header> fromUpstream, Predicate<String> leaks) {
        return filter(fromUpstream, NOT_TO_CLIENT, NOT_TO_CLIENT_PREFIXES, header -> !leaks.test(header.value()));
    }

    private static List<Header> filter(
            List<Header> headers, Set<String> names, List<String> prefixes, Predicate<Header> rule) {
        Set<String> named = namedByConnection(headers);
        List<Header> kept = new ArrayList<>(headers.size());
        for (Header header : headers) {
            String name = header.name().toLowerCase(Locale.ROOT);
            if (!HOP_BY_HOP.contains(name)
                    && !names.contains(name)
                    && !named.contains(name)
                    && !startsWithAny(name, prefixes)
                    && rule.test(header)) {
                kept.add(header);
            }
        }
        return kept;
    }

    private static boolean startsWithAny(String name, List<String> prefixes) {
        for (String prefix : prefixes) {
            if (name.startsWith(prefix)) {
                return true;
            }
        }
        return false;
    }

    private static Set<String> namedByConnection(List<Header> headers) {
        Set<String> named = new HashSet<>();
        for (Header header : headers) {
            if (header.is("Connection")) {
                for (String name : header.value().split(",", -1)) {
                    named.add(name.strip().toLowerCase(Locale.ROOT));
                }
            }
        }
        return named;
    }
}
