package dev.keyway.access;

import dev.keyway.wire.IpAddress;
import dev.keyway.wire.Network;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells the address of the client behind the proxies of {@code server.trusted_proxies}, for all that counts by address.
 *
 * <p>Only what a trusted proxy says is believed: from the last station on, each is asked who came before it, and the
 * first that is not trusted is the client; where all are, the first of all. The peer's own address stands when the peer
 * is not trusted, and when the answer can't be had: a header that is malformed or beyond its limits, a station without an
 * address ({@code unknown}, obfuscated, a Unix socket), or both headers, and they do not agree. A header that a proxy
 * hands on unread is written by the client: so one of two that contradict each other is never picked.
 *
 * <p>An address is no right: a request that was forwarded is never local, whatever address it tells.
 */
public final class TrustedProxies {
    private static final String UNKNOWN = "unknown";
    private final List<Network> trusted;

    public TrustedProxies(ProxyOptions options) {
        this.trusted = options.trusted();
    }

    /** The client's address, an IP address in plain form; {@code unknown} where the container has none. */
    public String addressOf(HttpServletRequest request) {
        return addressOf(request.getRemoteAddr(), values(request, "X-Forwarded-For"), values(request, "Forwarded"));
    }

    private static List<String> values(HttpServletRequest request, String name) {
        return Collections.list(request.getHeaders(name));
    }

    /**
     * The same of the facts.
     *
     * @param remote the other end of the connection; null or empty when it has no address
     * @param forwardedFor every {@code X-Forwarded-For}
     * @param forwarded every {@code Forwarded}
     */
    String addressOf(@Nullable String remote, List<String> forwardedFor, List<String> forwarded) {
        Optional<IpAddress> peer = remote == null ? Optional.empty() : IpAddress.ofPeer(remote);
        if (peer.isEmpty()) {
            return remote == null || remote.isBlank() ? UNKNOWN : remote;
        }
        return peer.filter(this::trusts)
                .flatMap(proxy -> client(proxy, forwardedFor, forwarded))
                .orElse(peer.get())
                .toString();
    }

    private Optional<IpAddress> client(IpAddress proxy, List<String> forwardedFor, List<String> forwarded) {
        if (forwarded.isEmpty()) {
            return ForwardedHops.ofList(forwardedFor).flatMap(hops -> client(proxy, hops));
        }
        Optional<IpAddress> client = ForwardedHops.ofForwarded(forwarded).flatMap(hops -> client(proxy, hops));
        return forwardedFor.isEmpty() || client.equals(client(proxy, forwardedFor, List.of()))
                ? client
                : Optional.empty();
    }

    private Optional<IpAddress> client(IpAddress proxy, List<Optional<IpAddress>> hops) {
        IpAddress nearest = proxy;
        for (int i = hops.size() - 1; i >= 0 && trusts(nearest); i--) {
            if (hops.get(i).isEmpty()) {
                return Optional.empty();
            }
            nearest = hops.get(i).get();
        }
        return Optional.of(nearest);
    }

    /** Whether an address is one of them. */
    boolean contain(@Nullable String address) {
        return !trusted.isEmpty()
                && address != null
                && IpAddress.ofPeer(address).filter(this::trusts).isPresent();
    }

    private boolean trusts(IpAddress address) {
        return trusted.stream().anyMatch(network -> network.contains(address));
    }
}
