package dev.keyway.sandbox;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads HTTP/1.1 requests from a connection: head, and a body framed by Content-Length or chunks. */
final class RequestReader {
    private static final int MAX_LINE = 64 * 1024;
    private static final int MAX_HEADERS = 1_000;
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    private final InputStream in;
    private final OutputStream out;
    private final int maxBody;

    RequestReader(InputStream in, OutputStream out, int maxBody) {
        this.in = in;
        this.out = out;
        this.maxBody = maxBody;
    }

    /** The next request's head; null when the client closed the connection instead. */
    @Nullable
    WireRequest head() throws IOException {
        String start = line();
        while (start != null && start.isEmpty()) {
            start = line();
        }
        if (start == null) {
            return null;
        }
        int first = start.indexOf(' ');
        int last = start.lastIndexOf(' ');
        if (first <= 0 || last <= first || !start.startsWith("HTTP/1.", last + 1)) {
            throw new ProtocolException("not a request line");
        }
        List<String> lines = new ArrayList<>();
        for (String line = headerLine(); !line.isEmpty(); line = headerLine()) {
            if (lines.size() == MAX_HEADERS) {
                throw new ProtocolException("more than " + MAX_HEADERS + " header lines");
            }
            lines.add(line);
        }
        return new WireRequest(
                start.substring(0, first), start.substring(first + 1, last), start.endsWith("1.0"), lines);
    }

    /**
     * Reads the body, after an interim 100 where the client waits for one.
     *
     * @return false when it is larger than allowed; then it was not read to its end
     */
    boolean body(WireRequest request) throws IOException {
        boolean chunked = request.lists("Transfer-Encoding", "chunked");
        String length = request.first("Content-Length");
        if (!chunked && length == null) {
            return true;
        }
        if (!chunked && number(length, 10) > maxBody) {
            return false;
        }
        if (request.lists("Expect", "100-continue")) {
            out.write(CONTINUE);
            out.flush();
        }
        if (chunked) {
            return chunks(request);
        }
        byte[] body = in.readNBytes((int) number(length, 10));
        if (body.length < number(length, 10)) {
            throw new ProtocolException("the body ended early");
        }
        request.body(body);
        return true;
    }

    private boolean chunks(WireRequest request) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String head = headerLine();
            int extension = head.indexOf(';');
            long size = number(extension < 0 ? head : head.substring(0, extension), 16);
            if (size == 0) {
                break;
            }
            if (body.size() + size > maxBody) {
                return false;
            }
            byte[] chunk = in.readNBytes((int) size);
            if (chunk.length < size) {
                throw new ProtocolException("a chunk ended early");
            }
            body.writeBytes(chunk);
            if (!headerLine().isEmpty()) {
                throw new ProtocolException("a chunk is longer than it said");
            }
        }
        for (String trailer = headerLine(); !trailer.isEmpty(); trailer = headerLine()) {
            if (trailer.length() == MAX_LINE) {
                throw new ProtocolException("trailer too long");
            }
        }
        request.body(body.toByteArray());
        return true;
    }

    private static long number(@Nullable String text, int radix) throws ProtocolException {
        try {
            long value = Long.parseLong(String.valueOf(text).trim(), radix);
            if (value < 0) {
                throw new ProtocolException("a negative length");
            }
            return value;
        } catch (NumberFormatException e) {
            throw new ProtocolException("not a length");
        }
    }

    private String headerLine() throws IOException {
        String line = line();
        if (line == null) {
            throw new ProtocolException("the connection ended within a request");
        }
        return line;
    }

    private @Nullable String line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(80);
        int next = in.read();
        if (next < 0) {
            return null;
        }
        while (next != '\n') {
            if (next < 0) {
                throw new ProtocolException("the connection ended within a line");
            }
            if (line.size() >= MAX_LINE) {
                throw new ProtocolException("a line longer than " + MAX_LINE + " bytes");
            }
            line.write(next);
            next = in.read();
        }
        String text = line.toString(StandardCharsets.ISO_8859_1);
        return text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
    }
}
