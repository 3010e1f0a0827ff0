package dev.keyway.sandbox;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer lined up for a key by {@link Sandbox#script}: given to one request in place of, or on the way to, the
 * normal one. Nothing is billed for it unless it is {@link #normal()} or a fault that bills.
 */
public final class Reply {
    private final int status;
    private final List<String> headers;
    private final byte[] body;
    private final @Nullable String fault;
    private final boolean early;

    private Reply(int status, List<String> headers, byte[] body, @Nullable String fault, boolean early) {
        this.status = status;
        this.headers = List.copyOf(headers);
        this.body = body;
        this.fault = fault;
        this.early = early;
    }

    /** A JSON answer of this status. */
    public static Reply json(int status, String body) {
        return of(status, "application/json", body.getBytes(StandardCharsets.UTF_8));
    }

    /** A whole event stream, sent at once with status 200. */
    public static Reply sse(String events) {
        return of(200, "text/event-stream", events.getBytes(StandardCharsets.UTF_8));
    }

    /** Any bytes of any type. */
    public static Reply of(int status, String contentType, byte[] body) {
        return new Reply(status, List.of("Content-Type: " + contentType), body.clone(), null, false);
    }

    /** The answer that the request would get without a script. */
    public static Reply normal() {
        return new Reply(0, List.of(), new byte[0], null, false);
    }

    /**
     * The normal answer under a fault of {@link Faults}, such as {@code stall:3}.
     *
     * @throws IllegalArgumentException when there is no such fault
     */
    public static Reply fault(String name) {
        Faults.parse(name);
        return new Reply(0, List.of(), new byte[0], name, false);
    }

    /** The same answer with one more header line, as it shall stand on the wire. */
    public Reply withHeader(String name, String value) {
        List<String> more = new ArrayList<>(headers);
        more.add(name + ": " + value);
        return new Reply(status, more, body, fault, early);
    }

    /** The same answer, given when the request's head has come, before its body is read; then the line is closed. */
    public Reply beforeBody() {
        return new Reply(status, headers, body, fault, true);
    }

    boolean fixed() {
        return status > 0;
    }

    boolean early() {
        return early;
    }

    @Nullable
    String fault() {
        return fault;
    }

    int status() {
        return status;
    }

    List<String> headers() {
        return headers;
    }

    byte[] body() {
        return body;
    }
}
