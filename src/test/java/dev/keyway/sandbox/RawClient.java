package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A client that is only a socket: it sends what it is given and reads answers without forgiving anything. */
final class RawClient implements AutoCloseable {
    static final String KEY = "sk-or-v1-0000000000000000000000000000000000000000000000000000000000000001";
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    RawClient(Sandbox sandbox) throws IOException {
        this(new Socket(InetAddress.getLoopbackAddress(), sandbox.port()));
    }

    RawClient(Socket socket) throws IOException {
        this.socket = socket;
        socket.setSoTimeout(10_000);
        socket.setTcpNoDelay(true);
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    /** One answer: status, header lines, body without framing, and how it ended. */
    record Answer(int status, List<String> headers, String body, boolean whole) {
        JsonNode json() throws IOException {
            return Json.parse(body.getBytes(StandardCharsets.UTF_8));
        }

        String header(String name) {
            String prefix = name.toLowerCase(Locale.ROOT) + ": ";
            return headers.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
                    .map(line -> line.substring(prefix.length()))
                    .findFirst()
                    .orElse("");
        }

        /** The JSON of all data events but the end mark. */
        List<JsonNode> events() throws IOException {
            List<JsonNode> events = new ArrayList<>();
            for (String line : body.split("\r?\n", -1)) {
                if (line.startsWith("data: {")) {
                    events.add(Json.parse(line.substring(6).getBytes(StandardCharsets.UTF_8)));
                }
            }
            return events;
        }
    }

    Socket socket() {
        return socket;
    }

    RawClient send(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
        out.flush();
        return this;
    }

    RawClient post(String path, String json, String... headers) throws IOException {
        return postAs(KEY, path, json, headers);
    }

    RawClient postAs(String key, String path, String json, String... headers) throws IOException {
        String more = String.join(
                "", java.util.Arrays.stream(headers).map(line -> line + "\r\n").toList());
        return send("POST /api/v1" + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key
                + "\r\nContent-Type: application/json\r\n" + more + "Content-Length: "
                + json.getBytes(StandardCharsets.UTF_8).length + "\r\n\r\n" + json);
    }

    RawClient get(String path) throws IOException {
        return send("GET /api/v1" + path + " HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + KEY + "\r\n\r\n");
    }

    /** Reads one answer to its end or to the connection's. */
    Answer answer() throws IOException {
        return answer(true);
    }

    Answer answer(boolean withBody) throws IOException {
        List<String> lines = head();
        int status = Integer.parseInt(lines.get(0).substring(9, 12));
        List<String> headers = lines.subList(1, lines.size());
        Answer head = new Answer(status, headers, "", true);
        if (!withBody || status < 200 || status == 204) {
            return head;
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean whole = head.header("Transfer-Encoding").equals("chunked")
                ? chunks(body)
                : fixed(body, Integer.parseInt(head.header("Content-Length")));
        return new Answer(status, headers, body.toString(StandardCharsets.UTF_8), whole);
    }

    List<String> head() throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            lines.add(line);
        }
        return lines;
    }

    private boolean fixed(ByteArrayOutputStream body, int length) throws IOException {
        while (body.size() < length) {
            int next = in.read();
            if (next < 0) {
                return false;
            }
            body.write(next);
        }
        return true;
    }

    private boolean chunks(ByteArrayOutputStream body) throws IOException {
        try {
            for (byte[] chunk = chunk(); chunk.length > 0; chunk = chunk()) {
                body.writeBytes(chunk);
            }
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** The next chunk; empty at the end. */
    byte[] chunk() throws IOException {
        int size = Integer.parseInt(line(), 16);
        byte[] chunk = in.readNBytes(size);
        if (chunk.length < size || !line().isEmpty()) {
            throw new IOException("a chunk broke off");
        }
        return chunk;
    }

    int read() throws IOException {
        return in.read();
    }

    String line() throws IOException {
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

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
