package dev.keyway.stream;

import dev.keyway.wire.ChunkBytes;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Waits for the first byte that counts and leaves the decision to the probe for what begins with it. */
final class OpeningProbe implements AnswerProbe {
    private final Opening opening;
    private final ChunkBytes chunks = new ChunkBytes();
    private @Nullable AnswerProbe probe;
    private FirstWord word = new FirstWord.Pending();

    OpeningProbe(@Nullable String contentType) {
        opening = new Opening(contentType);
    }

    @Override
    public FirstWord feed(ByteBuffer chunk) {
        if (word instanceof FirstWord.Pending) {
            chunks.each(chunk, this::read);
        }
        return word;
    }

    @Override
    public FirstWord end() {
        if (word instanceof FirstWord.Pending) {
            word = probe == null ? new FirstWord.NoAnswer("an empty body") : probe.end();
        }
        return word;
    }

    private void read(byte[] bytes, int from, int to) {
        if (!(word instanceof FirstWord.Pending)) {
            return;
        }
        int at = from;
        if (probe == null) {
            at = opening.skip(bytes, from, to);
            if (at == to) {
                return;
            }
            switch (opening.form(bytes[at])) {
                case EVENTS -> probe = new SseProbe();
                case JSON -> probe = new JsonProbe();
                case PAGE -> word = new FirstWord.NoAnswer("an HTML page");
                case OTHER -> word = new FirstWord.Answer();
            }
        }
        if (probe != null) {
            word = probe.feed(ByteBuffer.wrap(bytes, at, to - at));
        }
    }
}
