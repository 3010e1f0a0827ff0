package dev.keyway.access;

import dev.keyway.wire.Network;
import java.util.List;

/**
 * Which proxies stand in front.
 *
 * @param trusted {@code server.trusted_proxies}: who is believed about the address of a client
 */
public record ProxyOptions(List<Network> trusted) {
    public static final ProxyOptions DEFAULTS = new ProxyOptions(List.of());

    public ProxyOptions {
        trusted = List.copyOf(trusted);
    }
}
