package dev.keyway.testing.container;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** One connection on which a test writes exactly the bytes it means, and reads answers without forgiving anything. */
public final class WireClient implements AutoCloseable {
    private static final int READ_TIMEOUT_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private boolean afterChunk;

    private WireClient(int port, @Nullable InetAddress from) throws IOException {
        this.socket = new Socket();
        socket.bind(from == null ? null : new InetSocketAddress(from, 0));
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(READ_TIMEOUT_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    public static WireClient to(int port) throws IOException {
        return new WireClient(port, null);
    }

    /** The same from another loopback address than 127.0.0.1, such as 127.0.0.2, which Linux has without setting up. */
    public static WireClient to(int port, InetAddress from) throws IOException {
        return new WireClient(port, from);
    }

    /**
     * One answer.
     *
     * @param headers the header lines as they came
     * @param body without its transfer framing
     * @param whole whether the body ended as its framing promised
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    public record Answer(int status, List<String> headers, byte[] body, boolean whole) {
        public String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        /** Every value of a header, in the order of the wire. */
        public List<String> all(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ":";
            return headers.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                    .map(line -> line.substring(start.length()).strip())
                    .toList();
        }

        /** The first value of a header; empty when there is none. */
        public String header(String name) {
            List<String> values = all(name);
            return values.isEmpty() ? "" : values.get(0);
        }

        public boolean chunked() {
            return header("Transfer-Encoding").equalsIgnoreCase("chunked");
        }

        @Override
        public String toString() {
            return status + " " + headers + (whole ? "" : " (broken off)") + "\n" + text();
        }
    }

    public Socket socket() {
        return socket;
    }

    public WireClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    public WireClient send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
        return this;
    }

    /** Sends a request without a body; the header lines without line ends. */
    public WireClient request(String method, String target, String... headers) throws IOException {
        return send(head(method, target, headers) + "\r\n");
    }

    /** Sends a JSON body with its length. */
    public WireClient post(String target, String json, String... headers) throws IOException {
        return post(target, json.getBytes(StandardCharsets.UTF_8), headers);
    }

    public WireClient post(String target, byte[] body, String... headers) throws IOException {
        send(head("POST", target, headers) + "Content-Type: application/json\r\nContent-Length: " + body.length
                + "\r\n\r\n");
        return send(body);
    }

    private String head(String method, String target, String... headers) {
        StringBuilder head = new StringBuilder(method + " " + target + " HTTP/1.1\r\n");
        List<String> lines = List.of(headers);
        if (lines.stream().noneMatch(line -> line.regionMatches(true, 0, "Host:", 0, 5))) {
            head.append("Host: 127.0.0.1:").append(socket.getPort()).append("\r\n");
        }
        lines.forEach(line -> head.append(line).append("\r\n"));
        return head.toString();
    }

    /** Reads one answer to its end or to the connection's. */
    public Answer answer() throws IOException {
        Answer head = head();
        return head.status() == 204 || head.status() == 304 ? head : bodyOf(head);
    }

    /** Reads the body, or what is left of it, after its head. */
    public Answer bodyOf(Answer head) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean whole = readBody(head, body);
        return new Answer(head.status(), head.headers(), body.toByteArray(), whole);
    }

    private boolean readBody(Answer head, ByteArrayOutputStream body) throws IOException {
        try {
            if (head.chunked()) {
                for (byte[] chunk = chunk(); chunk.length > 0; chunk = chunk()) {
                    body.writeBytes(chunk);
                }
                return true;
            }
            String length = head.header("Content-Length");
            byte[] bytes = length.isEmpty() ? in.readAllBytes() : in.readNBytes(Integer.parseInt(length));
            body.writeBytes(bytes);
            return !length.isEmpty() && bytes.length == Integer.parseInt(length);
        } catch (java.net.SocketTimeoutException e) {
            throw e;
        } catch (IOException brokenOff) {
            return false;
        }
    }

    /** Reads status line and headers only. */
    public Answer head() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            lines.add(line);
        }
        if (lines.isEmpty() || !lines.get(0).startsWith("HTTP/1.1 ")) {
            throw new IOException("no status line: " + lines);
        }
        int status = Integer.parseInt(lines.get(0).substring(9, 12));
        return new Answer(status, List.copyOf(lines.subList(1, lines.size())), new byte[0], true);
    }

    /** The next chunk; empty at the end. Jetty sends the line end after a chunk together with the next one. */
    public byte[] chunk() throws IOException {
        if (afterChunk && !line().isEmpty()) {
            throw new IOException("no line end after a chunk");
        }
        int size = Integer.parseInt(line(), 16);
        byte[] chunk = in.readNBytes(size);
        if (chunk.length < size) {
            throw new IOException("a chunk broke off");
        }
        afterChunk = size > 0;
        if (!afterChunk && !line().isEmpty()) {
            throw new IOException("no line end after the last chunk");
        }
        return chunk;
    }

    /** Reads chunks until {@code end} has been seen; all that was read. */
    public String chunksUntil(String end) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(end) < 0) {
            byte[] chunk = chunk();
            if (chunk.length == 0) {
                throw new IOException("ended after: " + read);
            }
            read.append(new String(chunk, StandardCharsets.UTF_8));
        }
        return read.toString();
    }

    public int read(byte[] buffer) throws IOException {
        return in.read(buffer);
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the connection ended after: " + line);
            }
            line.write(next);
        }
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /** Leaves with a reset in place of an orderly end. */
    public void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
