package dev.keyway.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Opens many streams from one thread and reads, of each event, the time of its creation: how late events come, how many
 * came, how many streams failed.
 */
final class EventClient {
    private static final int READ = 64 * 1024;

    private final InetSocketAddress address;
    private final byte[] request;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(READ);
    private final List<ClientStream> streams = new ArrayList<>();
    private Figures firstEvents = new Figures();
    private Figures delays = new Figures();
    private int failures;
    private boolean measuring;

    /**
     * How long the phases last.
     *
     * @param ramp in which the streams are opened, evenly
     * @param settle before anything counts
     * @param window in which events count
     */
    record Phases(Duration ramp, Duration settle, Duration window) {
        Duration total() {
            return ramp.plus(settle).plus(window);
        }
    }

    /** Called when the window begins and when it ends. */
    interface Window {
        void begins();

        void ends();
    }

    /**
     * What was seen.
     *
     * @param firstEvents milliseconds from the sending of each request to its first event
     * @param delays milliseconds from the creation of each event in the window to its reading
     * @param failures streams that were refused, broke off, ended or never began
     */
    record Seen(Figures firstEvents, Figures delays, int failures) {}

    EventClient(int port, byte[] request) {
        this.address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        this.request = request;
    }

    /** Opens the streams, measures, closes them. */
    Seen run(int count, Phases phases, Window window) throws IOException {
        streams.clear();
        firstEvents = new Figures();
        delays = new Figures();
        failures = 0;
        try (Selector selector = Selector.open()) {
            open(selector, count, phases.ramp().toNanos());
            pump(selector, System.nanoTime() + phases.settle().toNanos());
            window.begins();
            measuring = true;
            pump(selector, System.nanoTime() + phases.window().toNanos());
            measuring = false;
            window.ends();
        } finally {
            for (ClientStream stream : streams) {
                stream.close();
            }
        }
        failures += (int) streams.stream().filter(ClientStream::neverBegan).count();
        return new Seen(firstEvents, delays, failures);
    }

    private void open(Selector selector, int count, long rampNanos) throws IOException {
        long start = System.nanoTime();
        for (int i = 0; i < count; i++) {
            pump(selector, start + rampNanos * i / count);
            SocketChannel channel = SocketChannel.open();
            channel.configureBlocking(false);
            ClientStream stream = new ClientStream(channel);
            streams.add(stream);
            SelectionKey key = channel.register(selector, SelectionKey.OP_CONNECT, stream);
            if (channel.connect(address)) {
                connected(key, stream);
            }
        }
    }

    private void pump(Selector selector, long untilNanos) throws IOException {
        for (long left = untilNanos - System.nanoTime(); left > 0; left = untilNanos - System.nanoTime()) {
            selector.select(left / 1_000_000 + 1);
            for (SelectionKey key : selector.selectedKeys()) {
                serve(key);
            }
            selector.selectedKeys().clear();
        }
    }

    private void serve(SelectionKey key) throws IOException {
        ClientStream stream = (ClientStream) key.attachment();
        try {
            if (key.isConnectable()) {
                stream.channel().finishConnect();
                connected(key, stream);
            } else if (key.isReadable()) {
                read(stream);
            }
        } catch (IOException e) {
            fail(stream);
        }
    }

    private void connected(SelectionKey key, ClientStream stream) throws IOException {
        stream.began(System.nanoTime());
        int sent = stream.channel().write(ByteBuffer.wrap(request));
        if (sent < request.length) {
            throw new IOException("a small request did not fit a new socket");
        }
        key.interestOps(SelectionKey.OP_READ);
    }

    private void read(ClientStream stream) throws IOException {
        buffer.clear();
        if (stream.channel().read(buffer) < 0) {
            throw new IOException("ended");
        }
        long now = System.nanoTime();
        buffer.flip();
        while (buffer.hasRemaining()) {
            stream.take(buffer.get());
            if (stream.hasEvent()) {
                onEvent(stream, now);
            }
        }
        if (stream.isRefused()) {
            throw new IOException("not 200");
        }
    }

    private void onEvent(ClientStream stream, long now) {
        if (stream.isFirst()) {
            firstEvents.add((now - stream.beganNanos()) / 1e6);
        }
        if (measuring) {
            delays.add((now - stream.eventNanos()) / 1e6);
        }
    }

    private void fail(ClientStream stream) throws IOException {
        if (stream.isOpen()) {
            failures++;
            stream.failed();
            stream.close();
        }
    }
}
