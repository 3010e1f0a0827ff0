package dev.keyway.upstream;

import dev.keyway.exchange.Answer;
import dev.keyway.exchange.Header;
import dev.keyway.stream.FirstWord;
import dev.keyway.wire.ErrorCode;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A committed answer on its way to the client: written as it comes, kept alive while nothing comes, ended in order or
 * broken off. Nothing can be tried again from here on. Used in the run's serialised queue only.
 */
final class Delivery {
    /** For whoever on the way closes what is silent; readers of event streams skip it. */
    private static final byte[] KEEP_ALIVE = ": keep-alive\n\n".getBytes(StandardCharsets.US_ASCII);

    private final AnswerRelay relay;
    private final ClientSide client;
    private final RunClocks clocks;
    private final Duration keepAliveInterval;
    private boolean shown;

    Delivery(AnswerRelay relay, ClientSide client, RunClocks clocks, Duration keepAliveInterval) {
        this.relay = relay;
        this.client = client;
        this.clocks = clocks;
        this.keepAliveInterval = keepAliveInterval;
    }

    /** The head; that of an event stream goes out before any event does. */
    void begin(int status, List<Header> fields, boolean stream) {
        shown = stream;
        client.head(status, fields, stream);
        watchQuiet();
    }

    private void watchQuiet() {
        if (shown && !keepAliveInterval.isZero()) {
            clocks.quiet(keepAliveInterval, this::keepAlive);
        }
    }

    private void keepAlive() {
        if (relay.takesComment()) {
            write(List.of(ByteBuffer.wrap(KEEP_ALIVE)), () -> {});
        }
        watchQuiet();
    }

    /** The next bytes of the answer; {@code written} is run when they are not needed any more. */
    void take(ByteBuffer bytes, Runnable written) {
        List<ByteBuffer> slices = relay.take(bytes);
        if (relay.progressed()) {
            clocks.progress();
        }
        write(slices, written);
    }

    /** The upstream has ended the answer; false when it is not whole, which the client must still be told. */
    boolean end() {
        List<ByteBuffer> rest = relay.end();
        if (!relay.isWhole()) {
            return false;
        }
        write(rest, () -> {});
        return true;
    }

    /** Whether the client may have seen some of the answer. */
    boolean isShown() {
        return shown;
    }

    /** Whether a stream's last event has come, so that what happens to the connection after it does not matter. */
    boolean isEnded() {
        return relay.isEnded();
    }

    /** Tells the client inside the answer that it broke off; false when its format has no way to say so. */
    boolean tellBroken(ErrorCode code, String message) {
        byte[] ending = relay.brokenEnd(code, message);
        if (ending != null) {
            client.content(ByteBuffer.wrap(ending), () -> {});
        }
        return ending != null;
    }

    /** The error that an event of the answer told; null without one. */
    FirstWord.@Nullable Failure failure() {
        return relay.failure();
    }

    /** What the answer has said about itself so far. */
    Answer answer() {
        return relay.answer();
    }

    private void write(List<ByteBuffer> slices, Runnable written) {
        if (slices.isEmpty()) {
            written.run();
            return;
        }
        shown = true;
        clocks.clientBusy();
        int last = slices.size() - 1;
        for (int i = 0; i < last; i++) {
            client.content(slices.get(i), () -> {});
        }
        client.content(slices.get(last), () -> {
            clocks.clientFree();
            written.run();
        });
    }
}
