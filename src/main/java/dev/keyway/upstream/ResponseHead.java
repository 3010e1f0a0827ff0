package dev.keyway.upstream;

import dev.keyway.exchange.Header;
import dev.keyway.exchange.Timings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The status and header fields of the upstream's answer. */
record ResponseHead(int status, List<Header> headers) {
    /** Of a millisecond, in nanoseconds. */
    private static final long HALF_A_TENTH = 50_000;

    /** Before there is one. */
    static final ResponseHead NONE = new ResponseHead(0, List.of());

    ResponseHead {
        headers = List.copyOf(headers);
    }

    /** The first field of that name, in any case; null without one. */
    @Nullable
    String value(String name) {
        for (Header header : headers) {
            if (header.is(name)) {
                return header.value();
            }
        }
        return null;
    }

    @Nullable
    String contentType() {
        return value("Content-Type");
    }

    boolean isEventStream() {
        String type = contentType();
        return type != null && type.toLowerCase(Locale.ROOT).startsWith("text/event-stream");
    }

    boolean isJson() {
        String type = contentType();
        return type != null && type.toLowerCase(Locale.ROOT).contains("json");
    }

    /** Whether the body's bytes are compressed, so that nothing can be read in them. */
    boolean isCoded() {
        String coding = value("Content-Encoding");
        return coding != null && !coding.equalsIgnoreCase("identity");
    }

    /** Whether the body is of a kind in which something else can stand in for an answer. */
    boolean mayBeNoAnswer() {
        if (isCoded()) {
            return false;
        }
        String type = contentType();
        if (type == null || isEventStream()) {
            return true;
        }
        String lower = type.toLowerCase(Locale.ROOT);
        return lower.contains("json") || lower.contains("html");
    }

    ResponseHead withStatus(int other) {
        return new ResponseHead(other, headers);
    }

    /** The same with this field in the place of any of that name. */
    ResponseHead with(String name, String value) {
        List<Header> fields = new ArrayList<>(headers);
        fields.removeIf(header -> header.is(name));
        fields.add(new Header(name, value));
        return new ResponseHead(status, fields);
    }

    /** The head of an error that came inside a 200 and is told with its own status, as JSON. */
    ResponseHead withError(int realStatus) {
        List<Header> kept = new ArrayList<>();
        for (Header header : headers) {
            if (!header.is("Content-Type") && !header.is("Content-Length") && !header.is("Cache-Control")) {
                kept.add(header);
            }
        }
        kept.add(new Header("Content-Type", "application/json"));
        return new ResponseHead(realStatus, kept);
    }

    /** The fields the client gets: the upstream's that pass, and ours about the way they took. */
    List<Header> forClient(Predicate<String> leaks, int attempts, Timings timings) {
        List<Header> fields = new ArrayList<>(HeaderRules.toClient(headers, leaks));
        if (isEventStream()) {
            // Whatever was promised: a stream that breaks off becomes longer by its error event.
            fields.removeIf(header -> header.is("X-Accel-Buffering") || header.is("Content-Length"));
            fields.add(new Header("X-Accel-Buffering", "no"));
        }
        fields.add(new Header("X-Keyway-Attempts", Integer.toString(attempts)));
        Duration upstream =
                timings.firstByte().minus(timings.own()).minus(timings.queue()).minus(timings.connect());
        fields.add(new Header(
                "Server-Timing",
                "queue;dur=" + millis(timings.queue()) + ", connect;dur=" + millis(timings.connect())
                        + ", upstream;dur=" + millis(upstream) + ", own;dur=" + millis(timings.own())));
        return fields;
    }

    /** With one digit after the point; what clocks make negative is none. */
    private static String millis(Duration time) {
        long tenths = (Math.max(0, time.toNanos()) + HALF_A_TENTH) / (2 * HALF_A_TENTH);
        return tenths / 10 + "." + tenths % 10;
    }
}
