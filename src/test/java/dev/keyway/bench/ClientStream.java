package dev.keyway.bench;

import java.io.IOException;
import java.nio.channels.SocketChannel;

/** One stream of the {@link EventClient}: finds the times in its bytes, wherever they are cut. */
final class ClientStream {
    private static final String OK = "HTTP/1.1 200";

    private final SocketChannel channel;
    private long beganNanos;
    private int statusLength;
    private boolean refused;
    private boolean failed;
    private int digitsLeft;
    private long number;
    /** Line ends still to come of the chunk's end and the next one's size, which may stand inside a time. */
    private int framingLines;

    private boolean complete;
    private int events;

    ClientStream(SocketChannel channel) {
        this.channel = channel;
    }

    SocketChannel channel() {
        return channel;
    }

    void began(long nanos) {
        beganNanos = nanos;
    }

    long beganNanos() {
        return beganNanos;
    }

    /** The next byte of the answer. */
    void take(byte next) {
        complete = false;
        if (statusLength < OK.length()) {
            refused |= next != OK.charAt(statusLength++);
        } else if (framingLines > 0) {
            framingLines -= next == '\n' ? 1 : 0;
        } else if (digitsLeft > 0 && next == '\r') {
            framingLines = 2;
        } else if (digitsLeft > 0) {
            number = 10 * number + next - '0';
            complete = --digitsLeft == 0;
            events += complete ? 1 : 0;
        } else if (next == EventBytes.MARK) {
            digitsLeft = EventBytes.DIGITS;
            number = 0;
        }
    }

    /** Whether the last byte was the last one of a time. */
    boolean hasEvent() {
        return complete;
    }

    /** When the event was made. */
    long eventNanos() {
        return number;
    }

    boolean isFirst() {
        return events == 1;
    }

    boolean isRefused() {
        return refused;
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    void failed() {
        failed = true;
    }

    /** Whether it is not among the failed ones and yet had no event. */
    boolean neverBegan() {
        return events == 0 && !failed;
    }

    void close() throws IOException {
        channel.close();
    }
}
