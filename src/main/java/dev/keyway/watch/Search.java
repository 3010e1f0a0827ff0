package dev.keyway.watch;

import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One look for some connections, and what was found of them. */
final class Search implements TcpTable.Rows {
    private static final int PORTS = 1 << Character.SIZE;

    private final BitSet remotePorts = new BitSet(PORTS);
    private final BitSet listening = new BitSet(PORTS);
    private final Map<TcpConnection, Socket> sockets = new HashMap<>();
    private final Set<Ports> others = new HashSet<>();
    private int missing;

    private record Ports(int local, int remote) {}

    /** What a table says of a connection. */
    record Socket(int state, long inode) {
        private static final Socket NONE = new Socket(0, 0);
    }

    /** To be called before the tables are read. */
    void add(TcpConnection connection) {
        remotePorts.set(connection.remotePort());
        if (sockets.put(connection, Socket.NONE) == null) {
            missing++;
        }
    }

    /** Null when it was not found. */
    @Nullable
    Socket of(TcpConnection connection) {
        Socket socket = sockets.get(connection);
        return Socket.NONE.equals(socket) ? null : socket;
    }

    /** Whether the tables, as far as they were read, show a server at this port. */
    boolean isServed(int localPort) {
        return listening.get(localPort);
    }

    /** Whether a connection with the same ports was seen between other addresses. */
    boolean isBetweenOthers(TcpConnection connection) {
        return others.contains(new Ports(connection.localPort(), connection.remotePort()));
    }

    boolean isOver() {
        return missing == 0;
    }

    @Override
    public boolean wants(int remotePort) {
        return remotePort == 0 || remotePorts.get(remotePort);
    }

    @Override
    public boolean row(TcpConnection connection, int state, long inode) {
        if (state == TcpTable.LISTEN) {
            listening.set(connection.localPort());
        }
        if (sockets.replace(connection, Socket.NONE, new Socket(state, inode))) {
            missing--;
        } else if (state == TcpTable.ESTABLISHED) {
            others.add(new Ports(connection.localPort(), connection.remotePort()));
        }
        return missing > 0;
    }
}
