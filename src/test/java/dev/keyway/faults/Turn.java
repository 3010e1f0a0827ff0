package dev.keyway.faults;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/** One request at a {@link RawUpstream}: what came, and the means to answer it in any way. For one thread. */
final class Turn {
    /** How a connection ends. */
    enum Death {
        FIN,
        RST
    }

    private static final long BEFORE_RESET_NANOS = 50_000_000;

    private final Socket socket;
    private final InputStream in;
    private final String head;
    private final ByteArrayOutputStream answered = new ByteArrayOutputStream();
    private boolean over;

    Turn(Socket socket, InputStream in, String head) {
        this.socket = socket;
        this.in = in;
        this.head = head;
    }

    /** The value of a request header; empty without one. */
    String header(String name) {
        String start = name.toLowerCase(Locale.ROOT) + ":";
        return head.lines()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                .map(line -> line.substring(start.length()).strip())
                .findFirst()
                .orElse("");
    }

    String cell() {
        return header("X-Cell");
    }

    String key() {
        return header("Authorization").replaceFirst("^Bearer ", "");
    }

    boolean asksForStream() {
        return header("X-Mode").equals("stream");
    }

    /** Reads the whole body of the request. */
    void takeBody() throws IOException {
        takeBody(Long.MAX_VALUE);
    }

    /** Reads so many bytes of the body, or all when it is shorter. */
    void takeBody(long atMost) throws IOException {
        String length = header("Content-Length");
        in.skipNBytes(Math.min(atMost, length.isEmpty() ? 0 : Long.parseLong(length)));
    }

    /** Bytes that are no part of an answer's body. */
    Turn raw(String text) throws IOException {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** Bytes of an answer's body. */
    Turn body(byte[] bytes) throws IOException {
        synchronized (answered) {
            answered.writeBytes(bytes);
        }
        socket.getOutputStream().write(bytes);
        return this;
    }

    Turn body(String text) throws IOException {
        return body(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A head and a body of a stated length. */
    Turn whole(String statusAndHeaders, String body) throws IOException {
        return raw("HTTP/1.1 " + statusAndHeaders + "\r\nContent-Length: "
                        + body.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n")
                .body(body);
    }

    /** The head of a body in chunks. */
    Turn chunked(String contentType) throws IOException {
        return raw("HTTP/1.1 200 OK\r\nContent-Type: " + contentType + "\r\nTransfer-Encoding: chunked\r\n\r\n");
    }

    Turn chunk(byte[] bytes) throws IOException {
        return raw(Integer.toHexString(bytes.length) + "\r\n").body(bytes).raw("\r\n");
    }

    Turn chunk(String text) throws IOException {
        return chunk(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The proper end of a body in chunks. */
    void lastChunk() throws IOException {
        raw("0\r\n\r\n");
    }

    /** Waits, as an upstream that is slow. */
    Turn pause(long millis) {
        long end = System.nanoTime() + millis * 1_000_000;
        for (long left = end - System.nanoTime(); left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        return this;
    }

    /** Says nothing more until the other side closes. */
    void hold() throws IOException {
        over = true;
        in.transferTo(java.io.OutputStream.nullOutputStream());
    }

    /** Neither reads nor writes any more until the other side has closed, which it can only see by a failing write. */
    void freeze(long atMostMillis) {
        over = true;
        pause(atMostMillis);
    }

    /** Ends what is sent, and reads on until the other side closes. */
    void halfClose() throws IOException {
        socket.shutdownOutput();
        hold();
    }

    void die(Death how) throws IOException {
        over = true;
        if (how == Death.RST) {
            // A reset makes the other side forget what it has not read yet.
            pause(BEFORE_RESET_NANOS / 1_000_000);
            socket.setSoLinger(true, 0);
        }
        socket.close();
    }

    /** No further request can come on this connection. */
    boolean isOver() {
        return over;
    }

    Attempt attempt() {
        byte[] bytes;
        synchronized (answered) {
            bytes = answered.toByteArray();
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return new Attempt(key(), bytes, bytes.length, HexFormat.of().formatHex(digest));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
