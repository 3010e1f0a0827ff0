package dev.keyway.upstream;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;

/** An upstream that gives everyone the same bytes and closes the connection. */
final class RawUpstream implements AutoCloseable {
    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final byte[] answer;
    private final AtomicInteger broken = new AtomicInteger();

    RawUpstream(String answer) throws IOException {
        this.answer = answer.getBytes(StandardCharsets.US_ASCII);
        Thread thread = new Thread(this::serve, "raw-upstream");
        thread.setDaemon(true);
        thread.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getLocalPort() + "/api/v1";
    }

    private void serve() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                InputStream in = socket.getInputStream();
                int ends = 0;
                while (ends < 4) {
                    int next = in.read();
                    ends = next < 0 ? 4 : next == '\r' || next == '\n' ? ends + 1 : 0;
                }
                socket.getOutputStream().write(answer);
            } catch (IOException e) {
                broken.incrementAndGet();
            }
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
