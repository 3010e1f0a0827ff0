package dev.keyway.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * The benchmark's upstream: one thread that answers each POST with about 1 KB of JSON as soon as its body has come, or,
 * when the request has the header {@code X-Bench-Interval} (ms), with a stream of events that never ends. Each event
 * carries the time of its creation, {@code @<19 digits of System.nanoTime>}, which on Linux all processes of a machine
 * share.
 *
 * <p>It knows what the load clients and the servers compared send, and no more of HTTP: Content-Length, one request at
 * a time on a connection.
 */
final class LoadUpstream {
    private static final int BACKLOG = 4096;
    private static final int READ = 256 * 1024;

    private final ServerSocketChannel server;
    private final Selector selector;
    private final ByteBuffer readBuffer = ByteBuffer.allocateDirect(READ);
    private final EventBytes events = new EventBytes();
    private final PriorityQueue<UpstreamConnection> due =
            new PriorityQueue<>(Comparator.comparingLong(UpstreamConnection::nextNanos));

    private LoadUpstream(ServerSocketChannel server, Selector selector) {
        this.server = server;
        this.selector = selector;
    }

    /** Serves until its standard input ends, so that it never outlives who started it. */
    public static void main(String[] args) throws IOException {
        LoadUpstream upstream = listening(Integer.parseInt(args[0]));
        Thread watch = new Thread(LoadUpstream::exitWithParent, "watch");
        watch.setDaemon(true);
        watch.start();
        upstream.serve();
    }

    private static void exitWithParent() {
        try {
            System.in.transferTo(OutputStream.nullOutputStream());
        } catch (IOException e) {
            System.err.println("standard input: " + e.getMessage());
        }
        System.exit(0);
    }

    /** Bound to the loopback address; 0 takes any free port. */
    static LoadUpstream listening(int port) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
        server.configureBlocking(false);
        Selector selector = Selector.open();
        server.register(selector, SelectionKey.OP_ACCEPT);
        return new LoadUpstream(server, selector);
    }

    int port() {
        return server.socket().getLocalPort();
    }

    /** Ends {@link #serve} and closes everything. */
    void close() throws IOException {
        server.close();
        selector.wakeup();
    }

    void serve() throws IOException {
        while (server.isOpen()) {
            long wait = sendDue();
            if (wait > 0) {
                selector.select(wait);
            } else {
                selector.selectNow();
            }
            for (SelectionKey key : selector.selectedKeys()) {
                serve(key);
            }
            selector.selectedKeys().clear();
        }
        for (SelectionKey key : selector.keys()) {
            key.channel().close();
        }
        selector.close();
    }

    private void serve(SelectionKey key) {
        if (!key.isValid()) {
            return;
        }
        if (key.isAcceptable()) {
            accept();
            return;
        }
        UpstreamConnection connection = (UpstreamConnection) key.attachment();
        try {
            if (key.isWritable()) {
                connection.onWritable();
            }
            if (key.isReadable()) {
                read(connection);
            }
        } catch (IOException e) {
            drop(connection);
        }
    }

    private void accept() {
        try {
            SocketChannel channel = server.accept();
            while (channel != null) {
                channel.configureBlocking(false);
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                SelectionKey key = channel.register(selector, SelectionKey.OP_READ);
                key.attach(new UpstreamConnection(channel, key));
                channel = server.accept();
            }
        } catch (IOException e) {
            System.err.println("accept: " + e.getMessage());
        }
    }

    private void read(UpstreamConnection connection) throws IOException {
        readBuffer.clear();
        int count = connection.channel().read(readBuffer);
        if (count < 0) {
            drop(connection);
            return;
        }
        readBuffer.flip();
        if (connection.take(readBuffer)) {
            connection.begin(events, System.nanoTime());
            due.add(connection);
        }
    }

    /** Sends what is due; milliseconds until more is, rounded up. */
    private long sendDue() {
        long now = System.nanoTime();
        for (UpstreamConnection next = due.peek(); next != null; next = due.peek()) {
            long left = next.nextNanos() - now;
            if (left > 0) {
                return left / 1_000_000 + 1;
            }
            due.remove();
            try {
                next.sendEvent(events, System.nanoTime());
                due.add(next);
            } catch (IOException e) {
                drop(next);
            }
        }
        return 1000;
    }

    private void drop(UpstreamConnection connection) {
        due.remove(connection);
        try {
            connection.channel().close();
        } catch (IOException e) {
            System.err.println("close: " + e.getMessage());
        }
    }
}
