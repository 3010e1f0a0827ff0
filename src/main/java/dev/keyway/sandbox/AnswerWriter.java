package dev.keyway.sandbox;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes one answer to the socket, every piece flushed by itself: head, then a body in chunks or of a stated length,
 * then its end; or a cut or a reset instead of the end. Not for two threads at once.
 */
final class AnswerWriter {
    private static final int PIECE = 16 * 1024;
    private final Socket socket;
    private final OutputStream out;
    private final Received received;
    private final boolean bodiless;
    private boolean chunked;
    private Duration gap = Duration.ZERO;
    private Call.@Nullable Line line;
    private int split;
    private boolean begun;
    private volatile boolean over;
    private boolean broken;

    AnswerWriter(Socket socket, OutputStream out, Received received, boolean bodiless) {
        this.socket = socket;
        this.out = out;
        this.received = received;
        this.bodiless = bodiless;
    }

    /** From now on the body goes out in pieces of this many bytes, each a chunk and a write of its own; 0: as given. */
    void split(int bytes) {
        split = bytes;
    }

    /** From now on it pauses so long after each of these pieces. */
    void drip(Duration gap, Call.Line line) {
        this.gap = gap;
        this.line = line;
    }

    /** The head of a body that is sent in chunks. */
    void head(int status, List<String> headers) throws IOException {
        chunked = true;
        writeHead(status, headers, "Transfer-Encoding: chunked");
    }

    /** The head of a body of a known length. */
    void head(int status, List<String> headers, long length) throws IOException {
        chunked = false;
        boolean none = status == 204 || status == 304;
        writeHead(status, headers, none ? "" : "Content-Length: " + length);
    }

    /** A whole answer at once. */
    void whole(int status, List<String> headers, byte[] body) throws IOException {
        head(status, headers, body.length);
        body(body);
        end();
    }

    /** An interim answer, such as 103, before the head. */
    void interim(int status, List<String> headers) throws IOException {
        raw(headText(status, headers, "").getBytes(StandardCharsets.ISO_8859_1));
    }

    private void writeHead(int status, List<String> headers, String framing) throws IOException {
        begun = true;
        received.status(status);
        raw(headText(status, headers, framing).getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String headText(int status, List<String> headers, String framing) {
        StringBuilder head = new StringBuilder("HTTP/1.1 ");
        head.append(status).append(' ').append(reason(status)).append("\r\n");
        headers.forEach(line -> head.append(line).append("\r\n"));
        if (!framing.isEmpty()) {
            head.append(framing).append("\r\n");
        }
        return head.append("\r\n").toString();
    }

    void body(String text) throws IOException {
        body(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The next bytes of the body; on the wire when this returns. */
    void body(byte[] bytes) throws IOException {
        if (bodiless) {
            return;
        }
        int piece = split > 0 ? split : PIECE;
        for (int at = 0; at < bytes.length; at += piece) {
            piece(bytes, at, Math.min(piece, bytes.length - at));
            if (line != null) {
                line.pause(gap);
            }
        }
    }

    private void piece(byte[] bytes, int offset, int length) throws IOException {
        received.responded(bytes, offset, length);
        if (!chunked) {
            out.write(bytes, offset, length);
            out.flush();
            received.sent(length);
            return;
        }
        byte[] size = (Integer.toHexString(length) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] framed = new byte[size.length + length + 2];
        System.arraycopy(size, 0, framed, 0, size.length);
        System.arraycopy(bytes, offset, framed, size.length, length);
        framed[framed.length - 2] = '\r';
        framed[framed.length - 1] = '\n';
        raw(framed);
    }

    /** The regular end of the body. */
    void end() throws IOException {
        if (chunked && !bodiless) {
            raw("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
        }
        over = true;
    }

    /** Bytes that are no part of a body. */
    void raw(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
        received.sent(bytes.length);
    }

    /** Closes the connection in order (FIN), whatever was promised. */
    void cut() throws IOException {
        over = true;
        broken = true;
        socket.close();
    }

    /** Closes the connection with a reset (RST). */
    void reset() throws IOException {
        over = true;
        broken = true;
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** The answer is whole, or was broken off by us. */
    boolean over() {
        return over;
    }

    /** We closed the connection ourselves. */
    boolean broken() {
        return broken;
    }

    boolean begun() {
        return begun;
    }

    private static String reason(int status) {
        return switch (status) {
            case 100 -> "Continue";
            case 103 -> "Early Hints";
            case 200 -> "OK";
            case 201 -> "Created";
            case 204 -> "No Content";
            case 307 -> "Temporary Redirect";
            case 400 -> "Bad Request";
            case 401 -> "Unauthorized";
            case 402 -> "Payment Required";
            case 403 -> "Forbidden";
            case 404 -> "Not Found";
            case 408 -> "Request Timeout";
            case 413 -> "Content Too Large";
            case 422 -> "Unprocessable Content";
            case 429 -> "Too Many Requests";
            case 500 -> "Internal Server Error";
            case 502 -> "Bad Gateway";
            case 503 -> "Service Unavailable";
            case 504 -> "Gateway Timeout";
            default -> "Status " + status;
        };
    }
}
