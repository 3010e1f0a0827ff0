package dev.keyway.testing.framing;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * An upstream that forgives nothing: it records each whole request and answers it with {@link #ANSWER}; what is no
 * plain, unambiguous HTTP/1.1 it records as a violation, and closes. A request that breaks off is neither.
 */
public final class RecordingUpstream implements Closeable {
    /** The body of every answer. */
    public static final String ANSWER = "{\"ok\":true}";

    private static final byte[] RESPONSE = ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: "
                    + ANSWER.length() + "\r\n\r\n" + ANSWER)
            .getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final List<Seen> requests = new CopyOnWriteArrayList<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();

    /** One whole request: its head as it came, line by line, and its body without chunks. */
    public record Seen(String start, List<String> headers, String body) {
        @Override
        public String toString() {
            return start + (body.isEmpty() ? "" : " " + body);
        }
    }

    public RecordingUpstream() throws IOException {
        daemon(this::accept);
    }

    /** What {@code openrouter.base_url} is to be. */
    public URI baseUrl() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort() + "/api/v1");
    }

    public List<Seen> requests() {
        return List.copyOf(requests);
    }

    public List<String> violations() {
        return List.copyOf(violations);
    }

    public void clear() {
        requests.clear();
        violations.clear();
    }

    private static void daemon(Runnable work) {
        Thread thread = new Thread(work, "recording-upstream");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                sockets.add(socket);
                daemon(() -> serve(socket));
            }
        } catch (IOException closed) {
            // The test is over.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            while (true) {
                requests.add(read(in));
                socket.getOutputStream().write(RESPONSE);
            }
        } catch (IllegalArgumentException violation) {
            violations.add(violation.getMessage());
        } catch (IOException ended) {
            // Between two requests or within one: neither is seen as a request.
        } finally {
            sockets.remove(socket);
        }
    }

    private static Seen read(InputStream in) throws IOException {
        String start = line(in);
        List<String> lines = new CopyOnWriteArrayList<>();
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            lines.add(line);
        }
        must(start.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+ /[!-~]* HTTP/1\\.1"), "request line", start);
        for (String line : lines) {
            must(line.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+: ?[\\t -~\\x80-\\xff]*"), "header", line);
        }
        must(all(lines, "Host").size() == 1, "Host", lines.toString());
        must(all(lines, "Authorization").size() == 1, "Authorization", lines.toString());
        must(
                all(lines, "Content-Length").size()
                                + all(lines, "Transfer-Encoding").size()
                        <= 1,
                "framing",
                "" + lines);
        return new Seen(start, lines, new String(body(in, lines), StandardCharsets.ISO_8859_1));
    }

    private static byte[] body(InputStream in, List<String> lines) throws IOException {
        List<String> coding = all(lines, "Transfer-Encoding");
        List<String> length = all(lines, "Content-Length");
        if (!coding.isEmpty()) {
            must(coding.get(0).equals("chunked"), "coding", coding.get(0));
            return chunks(in);
        }
        if (length.isEmpty()) {
            return new byte[0];
        }
        must(length.get(0).matches("\\d{1,9}"), "length", length.get(0));
        return exactly(in, Integer.parseInt(length.get(0)));
    }

    private static byte[] chunks(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String size = line(in);
            must(size.matches("[0-9a-fA-F]{1,7}"), "chunk size", size);
            body.writeBytes(exactly(in, Integer.parseInt(size, 16)));
            String end = line(in);
            must(end.isEmpty(), "end of a chunk or trailer", end);
            if (Integer.parseInt(size, 16) == 0) {
                return body.toByteArray();
            }
        }
    }

    private static byte[] exactly(InputStream in, int size) throws IOException {
        byte[] bytes = in.readNBytes(size);
        if (bytes.length < size) {
            throw new EOFException();
        }
        return bytes;
    }

    /** Up to CRLF; no other CR or LF. */
    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\r'; next = in.read()) {
            if (next < 0) {
                throw new EOFException();
            }
            must(next != '\n' && next != 0, "bare LF or NUL", line.toString(StandardCharsets.ISO_8859_1));
            line.write(next);
        }
        must(in.read() == '\n', "bare CR", line.toString(StandardCharsets.ISO_8859_1));
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    private static List<String> all(List<String> lines, String name) {
        String start = name.toLowerCase(Locale.ROOT) + ":";
        return lines.stream()
                .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                .map(line -> line.substring(start.length()).strip())
                .toList();
    }

    private static void must(boolean holds, String what, String text) {
        if (!holds) {
            throw new IllegalArgumentException(what + ": " + text);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }
}
