package dev.keyway.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A port that takes every connection, keeps each byte it is sent and never answers a request. */
public final class SilentPeer implements AutoCloseable {
    private final ServerSocket server;
    private final byte[] greeting;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger connections = new AtomicInteger();
    private final ByteArrayOutputStream heard = new ByteArrayOutputStream();

    private SilentPeer(byte[] greeting) throws IOException {
        this.greeting = greeting.clone();
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        daemon(this::accept);
    }

    /** Says nothing at all. */
    public static SilentPeer start() throws IOException {
        return new SilentPeer(new byte[0]);
    }

    /** Says these words to whoever sends something, and closes. */
    public static SilentPeer saying(String words) throws IOException {
        return new SilentPeer(words.getBytes(StandardCharsets.US_ASCII));
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "silent-peer");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                connections.incrementAndGet();
                daemon(() -> listen(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void listen(Socket socket) {
        byte[] buffer = new byte[8192];
        try (socket) {
            InputStream input = socket.getInputStream();
            for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
                heard.write(buffer, 0, count);
                if (greeting.length > 0) {
                    socket.getOutputStream().write(greeting);
                    return;
                }
            }
        } catch (IOException gone) {
            open.remove(socket);
        }
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Connections taken so far. */
    public int connections() {
        return connections.get();
    }

    /** Everything that came, over all connections, one character a byte. */
    public String heard() {
        return heard.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
