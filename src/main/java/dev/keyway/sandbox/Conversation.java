package dev.keyway.sandbox;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * One request whose answer is written by the holder of this handle, byte by byte, whenever it likes: so a test can
 * write an event, wait until the client has it, then write the next. Got from {@link Sandbox#conversation}. For one
 * thread; it must be ended by {@link #finish}, {@link #cut} or {@link #reset}.
 */
public final class Conversation {
    private final Call call;
    private final CountDownLatch ended = new CountDownLatch(1);

    Conversation(Call call) {
        this.call = call;
    }

    /** The request, with all that happens to it. */
    public Received received() {
        return call.received();
    }

    /** Sends the head of a chunked answer; the header lines as they shall stand on the wire. */
    public Conversation head(int status, String... headerLines) throws IOException {
        call.answer().head(status, List.of(headerLines));
        return this;
    }

    /** Sends the head of an answer of this many bytes. */
    public Conversation head(int status, long length, String... headerLines) throws IOException {
        call.answer().head(status, List.of(headerLines), length);
        return this;
    }

    /** Sends the head of an event stream: 200, chunked, with a generation id. */
    public Conversation startStream() throws IOException {
        return head(
                200,
                "Content-Type: text/event-stream",
                "Cache-Control: no-cache",
                "X-Generation-Id: gen-manual-" + call.received().number());
    }

    /** Sends bytes of the body, as a chunk of their own. */
    public Conversation send(byte[] bytes) throws IOException {
        call.answer().body(bytes);
        return this;
    }

    /** Sends text of the body in UTF-8, as a chunk of its own. */
    public Conversation send(String text) throws IOException {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Sends {@code data: <json>} and an empty line. */
    public Conversation event(String json) throws IOException {
        return send("data: " + json + "\n\n");
    }

    /** Sends bytes past all framing: an interim answer before the head, a broken chunk after it. */
    public Conversation raw(byte[] bytes) throws IOException {
        call.answer().raw(bytes);
        return this;
    }

    /** Ends the answer in order; the connection lives on. */
    public void finish() throws IOException {
        call.answer().end();
        over();
    }

    /** Closes the connection in order (FIN), in the middle of whatever was promised. */
    public void cut() throws IOException {
        call.answer().cut();
        over();
    }

    /** Closes the connection with a reset (RST). */
    public void reset() throws IOException {
        call.answer().reset();
        over();
    }

    /** Waits until the client closes; false when it did not in that time. */
    public boolean awaitClientClosed(Duration limit) throws InterruptedException {
        return call.received().awaitClosedEarly(limit);
    }

    private void over() {
        ended.countDown();
        call.received().over();
    }

    CountDownLatch ended() {
        return ended;
    }
}
