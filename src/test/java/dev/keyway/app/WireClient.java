package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.testing.OpenApi;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** One connection to a gateway: it sends exactly what it is given and reads answers by the letter of the framing. */
final class WireClient implements AutoCloseable {
    private static final int SMALL = 16 * 1024;
    private static final int READ_MILLIS = 20_000;
    private static final byte[] NOTHING = {};
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Socket socket = new Socket();
    private final InputStream in;
    private final OutputStream out;

    WireClient(int port) throws IOException {
        this(port, false);
    }

    /** With {@code smallBuffer}, what was sent is about what the gateway has taken; many bytes take long. */
    WireClient(int port, boolean smallBuffer) throws IOException {
        if (smallBuffer) {
            socket.setSendBufferSize(SMALL);
        }
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(READ_MILLIS);
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        this.in = new BufferedInputStream(socket.getInputStream());
        this.out = socket.getOutputStream();
    }

    /**
     * One answer.
     *
     * @param interim statuses of the interim answers before it
     * @param lines header lines as they came
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    record Answer(List<Integer> interim, int status, List<String> lines, byte[] body) {
        List<String> headers(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ":";
            return lines.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                    .map(line -> line.substring(start.length()).strip())
                    .toList();
        }

        /** The first value; empty without one. */
        String header(String name) {
            return headers(name).stream().findFirst().orElse("");
        }

        boolean keepsConnection() {
            return !header("Connection").equalsIgnoreCase("close");
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        JsonNode json() throws IOException {
            return JSON.readTree(body);
        }

        /** {@code error.message} of an own error. */
        String message() throws IOException {
            return json().path("error").path("message").asText();
        }
    }

    /** Asks on a connection of its own. */
    static Answer ask(int port, String method, String target, byte[] body, String... headers) throws IOException {
        try (WireClient client = new WireClient(port)) {
            client.request(method, target, body, headers);
            Answer answer = client.answer(method);
            OpenApi.assertDescribes(
                    method,
                    target,
                    !answer.headers("X-Keyway-Attempts").isEmpty(),
                    answer.status(),
                    answer.header("Content-Type"),
                    answer.header("Content-Encoding").isEmpty() ? answer.body() : NOTHING);
            return answer;
        }
    }

    void send(String text) throws IOException {
        send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    /** Sends a request whole; without a {@code Host} among the headers it gets the one of this machine. */
    void request(String method, String target, byte[] body, String... headers) throws IOException {
        List<String> lines = new ArrayList<>(Arrays.asList(headers));
        boolean framed = has(lines, "content-length") || has(lines, "transfer-encoding");
        if (!framed && (body.length > 0 || method.equals("POST"))) {
            lines.add("Content-Length: " + body.length);
        }
        byte[] head = headOf(method, target, lines);
        // In one write: whether a body that nobody reads has come with its head decides about the connection.
        byte[] whole = Arrays.copyOf(head, head.length + body.length);
        System.arraycopy(body, 0, whole, head.length, body.length);
        try {
            send(whole);
        } catch (SocketException refused) {
            // As real clients do: an answer that came before the body was taken can still be read.
            assertThat(whole.length).isGreaterThan(SMALL);
        }
    }

    /** Sends a head only. */
    void head(String method, String target, String... headers) throws IOException {
        send(headOf(method, target, Arrays.asList(headers)));
    }

    private byte[] headOf(String method, String target, List<String> headers) {
        List<String> lines = new ArrayList<>(headers);
        if (!has(lines, "host")) {
            lines.add("Host: localhost:" + socket.getPort());
        }
        String head = method + " " + target + " HTTP/1.1\r\n" + String.join("\r\n", lines) + "\r\n\r\n";
        return head.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static boolean has(List<String> lines, String name) {
        return lines.stream().anyMatch(line -> line.toLowerCase(Locale.ROOT).startsWith(name + ":"));
    }

    /** Sends one chunk; an empty one ends the body. */
    void chunk(byte[] bytes) throws IOException {
        ByteArrayOutputStream framed = new ByteArrayOutputStream(bytes.length + 16);
        framed.writeBytes((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        framed.writeBytes(bytes);
        framed.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        send(framed.toByteArray());
    }

    /** Whether something of the answer has come. */
    boolean hasAnswer() throws IOException {
        return in.available() > 0;
    }

    /** Whether nothing of an answer comes for so long. */
    boolean isSilentFor(Duration time) throws IOException {
        socket.setSoTimeout((int) time.toMillis());
        in.mark(1);
        try {
            in.read();
            in.reset();
            return false;
        } catch (SocketTimeoutException silent) {
            return true;
        } finally {
            socket.setSoTimeout(READ_MILLIS);
        }
    }

    /** Reads the answer to a request of this method. */
    Answer answer(String method) throws IOException {
        List<Integer> interim = new ArrayList<>();
        List<String> head = head();
        while (status(head) < 200) {
            interim.add(status(head));
            head = head();
        }
        Answer answer = new Answer(interim, status(head), head.subList(1, head.size()), new byte[0]);
        return new Answer(interim, answer.status(), answer.lines(), body(method, answer));
    }

    /** Reads the head of an answer whose body is still to come; its status. */
    int headStatus() throws IOException {
        return status(head());
    }

    private static int status(List<String> head) {
        return Integer.parseInt(head.get(0).substring("HTTP/1.1 ".length(), "HTTP/1.1 200".length()));
    }

    private byte[] body(String method, Answer head) throws IOException {
        if (method.equals("HEAD") || head.status() == 204 || head.status() == 304) {
            return new byte[0];
        }
        if (head.header("Transfer-Encoding").equals("chunked")) {
            return chunks();
        }
        if (head.header("Content-Length").isEmpty()) {
            return in.readAllBytes();
        }
        return exactly(Integer.parseInt(head.header("Content-Length")));
    }

    private byte[] chunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (int size = Integer.parseInt(line(), 16); size > 0; size = Integer.parseInt(line(), 16)) {
            body.writeBytes(exactly(size));
            line();
        }
        line();
        return body.toByteArray();
    }

    private byte[] exactly(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new EOFException("closed after " + bytes.length + " of " + length + " bytes");
        }
        return bytes;
    }

    private List<String> head() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            lines.add(line);
        }
        return lines;
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new EOFException("closed within a line: " + line.toString(StandardCharsets.UTF_8));
            }
            line.write(next);
        }
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /** Whether the gateway has closed the connection, with nothing left to read. */
    boolean isClosedByServer() throws IOException {
        return in.read() < 0;
    }

    /** Leaves without a farewell: a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
