package dev.keyway.upstream;

import java.io.IOException;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.io.ClientConnector;

/** Knows which connections have not carried a request yet: tells opening a connection from waiting for a free one. */
final class FreshConnections implements ClientConnector.ConnectListener {
    /** A connection that is opened and never used would stay; beyond this the set starts anew. */
    private static final int MAX = 10_000;

    private final Set<SocketAddress> fresh = ConcurrentHashMap.newKeySet();

    @Override
    public void onConnectSuccess(SocketChannel socketChannel) {
        if (fresh.size() >= MAX) {
            fresh.clear();
        }
        try {
            fresh.add(socketChannel.getLocalAddress());
        } catch (IOException e) {
            // It closed at once; its request will fail and say so.
            fresh.clear();
        }
    }

    /** Whether this request, just given its connection, is the first on it; true at most once for each. */
    boolean isFirstOn(Request request) {
        var connection = request.getConnection();
        SocketAddress local = connection == null ? null : connection.getLocalSocketAddress();
        return local != null && fresh.remove(local);
    }
}
