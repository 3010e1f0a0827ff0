package dev.keyway.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** One plain request at a time over a blocking socket. */
final class FirstAnswer {
    static final Duration LIMIT = Duration.ofSeconds(60);

    static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final int SMALL = 1024;

    private FirstAnswer() {}

    /**
     * Asks until a chat completion is answered 200.
     *
     * @throws IOException when it answers anything else, or nothing within {@link #LIMIT}
     */
    static void await(Target target) throws IOException {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            try {
                post(target, target.body(false, SMALL).getBytes(StandardCharsets.US_ASCII));
                return;
            } catch (ConnectException notYet) {
                if (System.nanoTime() > deadline) {
                    throw notYet;
                }
                LockSupport.parkNanos(POLL_NANOS);
            }
        }
    }

    /** Sends one request on a new connection and reads its answer. */
    static void post(Target target, byte[] body) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), target.port())) {
            socket.setSoTimeout((int) LIMIT.toMillis());
            socket.setTcpNoDelay(true);
            OutputStream out = socket.getOutputStream();
            out.write((target.head(body.length) + "Connection: close\r\n\r\n").getBytes(StandardCharsets.US_ASCII));
            out.write(body);
            out.flush();
            InputStream in = new BufferedInputStream(socket.getInputStream());
            String status = new String(in.readNBytes("HTTP/1.1 200".length()), StandardCharsets.US_ASCII);
            if (!status.equals("HTTP/1.1 200")) {
                throw new IOException(target.name() + " answered " + status);
            }
            if (target.name().equals(Servers.DIRECT)) {
                return; // the upstream keeps every connection open
            }
            in.readAllBytes();
        }
    }
}
