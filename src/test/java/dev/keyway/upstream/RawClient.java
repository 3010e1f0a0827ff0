package dev.keyway.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/** A client that is only a socket: it sends what it is given and forgives nothing. */
final class RawClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    RawClient(int port) throws IOException {
        this(port, 0);
    }

    /** A client whose socket takes in only so many bytes that nobody has read; 0: as the platform likes. */
    RawClient(int port, int receiveBuffer) throws IOException {
        socket = new Socket();
        if (receiveBuffer > 0) {
            socket.setReceiveBufferSize(receiveBuffer);
        }
        socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        socket.setSoTimeout(15_000);
        socket.setTcpNoDelay(true);
        in = new BufferedInputStream(socket.getInputStream(), 64 * 1024);
        out = socket.getOutputStream();
    }

    /** One answer; {@code whole}: it came to the end that its framing promised. */
    @SuppressWarnings("ArrayRecordComponent") // read, never compared
    record Answer(int status, List<String> headers, byte[] body, boolean whole) {
        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        JsonNode json() throws IOException {
            return JSON.readTree(body);
        }

        /** The first value of a header, empty without one. */
        String header(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ":";
            return headers.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(line -> line.substring(prefix.length()).strip())
                    .findFirst()
                    .orElse("");
        }

        /** The last event's data. */
        String lastData() {
            String text = text().stripTrailing();
            return text.substring(text.lastIndexOf("data: ") + 6);
        }
    }

    RawClient send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    RawClient send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
        return this;
    }

    RawClient post(String path, String json, String... headers) throws IOException {
        return request("POST", path, json, headers);
    }

    RawClient request(String method, String path, String body, String... headers) throws IOException {
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n");
        for (String line : headers) {
            head.append(line).append("\r\n");
        }
        if (!body.isEmpty()) {
            head.append("Content-Type: application/json\r\nContent-Length: ")
                    .append(body.getBytes(StandardCharsets.UTF_8).length)
                    .append("\r\n");
        }
        return send(head.append("\r\n").append(body).toString());
    }

    RawClient get(String path, String... headers) throws IOException {
        return request("GET", path, "", headers);
    }

    RawClient chat(String model, boolean stream) throws IOException {
        return post("/v1/chat/completions", chatBody(model, stream));
    }

    static String chatBody(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"Say hello\"}]}";
    }

    /** Reads one answer to its end, or to the connection's. */
    Answer answer() throws IOException {
        return answer(true);
    }

    Answer answer(boolean hasBody) throws IOException {
        List<String> lines = head();
        int status = Integer.parseInt(lines.get(0).substring(9, 12));
        Answer head = new Answer(status, lines.subList(1, lines.size()), new byte[0], true);
        if (!hasBody || status == 204 || status == 304) {
            return head;
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean whole = head.header("Transfer-Encoding").equals("chunked")
                ? chunks(body)
                : fixed(body, head.header("Content-Length"));
        return new Answer(status, head.headers(), body.toByteArray(), whole);
    }

    /** The lines of a head, the status line first. */
    List<String> head() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            lines.add(line);
        }
        return lines;
    }

    private boolean fixed(ByteArrayOutputStream body, String length) throws IOException {
        long left = length.isEmpty() ? Long.MAX_VALUE : Long.parseLong(length);
        byte[] buffer = new byte[64 * 1024];
        try {
            while (left > 0) {
                int count = in.read(buffer, 0, (int) Math.min(left, buffer.length));
                if (count < 0) {
                    return false;
                }
                body.write(buffer, 0, count);
                left -= count;
            }
            return true;
        } catch (java.net.SocketException reset) {
            return false;
        }
    }

    private boolean chunks(ByteArrayOutputStream body) throws IOException {
        try {
            for (byte[] chunk = chunk(body); chunk.length > 0; chunk = chunk(body)) {
                body.writeBytes(chunk);
            }
            return true;
        } catch (java.net.SocketTimeoutException e) {
            throw e;
        } catch (IOException broken) {
            return false;
        }
    }

    /** Reads the chunks of a body to its proper end. */
    void readChunks(Consumer<byte[]> each) throws IOException {
        ByteArrayOutputStream broken = new ByteArrayOutputStream();
        for (byte[] chunk = chunk(broken); chunk.length > 0; chunk = chunk(broken)) {
            each.accept(chunk);
        }
    }

    private byte[] chunk(ByteArrayOutputStream broken) throws IOException {
        int size = Integer.parseInt(line(), 16);
        byte[] chunk = in.readNBytes(size);
        if (chunk.length < size) {
            broken.writeBytes(chunk);
            throw new IOException("a chunk broke off");
        }
        if (!line().isEmpty()) {
            throw new IOException("a chunk is longer than it said");
        }
        return chunk;
    }

    /** Reads, framing included, until this text has come. */
    String readUntil(String text) throws IOException {
        return new String(readBytesUntil(text), StandardCharsets.UTF_8);
    }

    /** The same for what may be cut within a letter. */
    byte[] readBytesUntil(String text) throws IOException {
        byte[] end = text.getBytes(StandardCharsets.UTF_8);
        Tail read = new Tail();
        while (!read.endsWith(end)) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the connection ended before: " + text);
            }
            read.write(next);
        }
        return read.toByteArray();
    }

    private static final class Tail extends ByteArrayOutputStream {
        boolean endsWith(byte[] end) {
            return count >= end.length && Arrays.equals(buf, count - end.length, count, end, 0, end.length);
        }
    }

    /** Reads to the end of the connection. */
    byte[] readAll() throws IOException {
        return in.readAllBytes();
    }

    private String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                throw new IOException("the connection ended");
            }
            line.write(next);
        }
        String text = line.toString(StandardCharsets.UTF_8);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }

    /** Ends what this client sends, and reads on. */
    void halfClose() throws IOException {
        socket.shutdownOutput();
    }

    /** Closes with a reset. */
    void reset() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
