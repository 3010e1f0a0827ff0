package dev.keyway.stream;

import dev.keyway.wire.SseEvent;
import dev.keyway.wire.SseParser;
import java.nio.ByteBuffer;

/** Decides by the first complete event that has data; comments don't count. One over 64 KiB is an answer. */
final class SseProbe implements AnswerProbe, SseParser.Sink {
    private static final int MAX_EVENT = 64 * 1024;

    private final SseParser parser = new SseParser(MAX_EVENT, this);
    private FirstWord word = new FirstWord.Pending();

    @Override
    public FirstWord feed(ByteBuffer chunk) {
        if (word instanceof FirstWord.Pending) {
            parser.feed(chunk);
        }
        return word;
    }

    @Override
    public FirstWord end() {
        if (word instanceof FirstWord.Pending) {
            parser.end();
            decide(new FirstWord.NoAnswer("a stream without an event"));
        }
        return word;
    }

    @Override
    public void onEvent(SseEvent event) {
        if (word instanceof FirstWord.Pending && event.data().hasRemaining()) {
            FirstWord.Failure failure = ErrorInside.ofEvent(event.type(), event.dataBytes());
            decide(failure == null ? new FirstWord.Answer() : failure);
        }
    }

    @Override
    public void onExcess(byte[] data, int from, int to) {
        decide(new FirstWord.Answer());
    }

    private void decide(FirstWord decision) {
        if (word instanceof FirstWord.Pending) {
            word = decision;
        }
    }
}
