package dev.keyway.faults;

import dev.keyway.faults.Turn.Death;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.atomic.AtomicInteger;

/** A port that takes every connection and ends it after its first bytes, which are read and thrown away. */
final class Slammer implements Closeable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final AtomicInteger connections = new AtomicInteger();
    private final Death how;
    private final int bytes;

    Slammer(Death how, int bytes) throws IOException {
        this.how = how;
        this.bytes = bytes;
        Thread thread = new Thread(this::accept, "slammer");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                connections.incrementAndGet();
                socket.getInputStream().readNBytes(bytes);
                socket.setSoLinger(how == Death.RST, 0);
            } catch (IOException closed) {
                connections.get();
            }
        }
    }

    int port() {
        return server.getLocalPort();
    }

    int connections() {
        return connections.get();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
