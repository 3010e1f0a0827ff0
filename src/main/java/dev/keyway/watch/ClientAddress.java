package dev.keyway.watch;

import java.util.Optional;

/**
 * Where a client is connected, as its container tells it.
 *
 * @param local this machine's address, with or without brackets and zone
 * @param remote the client's
 */
public record ClientAddress(String local, int localPort, String remote, int remotePort) {
    Optional<TcpConnection> connection() {
        return TcpConnection.of(local, localPort, remote, remotePort);
    }
}
