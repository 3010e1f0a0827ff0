package dev.keyway.stream;

import dev.keyway.wire.ChunkBytes;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * Decides by the top-level members of a JSON object: the first one that only an answer has makes it an answer; a whole
 * body of at most 64 KiB with nothing but an error and what goes with one is a failure.
 */
final class JsonProbe implements AnswerProbe, JsonScan.Sink<JsonProbe.Kind> {
    private static final int MAX_BODY = 64 * 1024;
    private static final int MAX_TYPE = 16;
    private static final Member<Kind> PLACES = Member.<Kind>root()
            .value("error", Kind.COMPANION, 0)
            .value("type", Kind.TYPE, MAX_TYPE)
            .value("user_id", Kind.COMPANION, 0)
            .value("request_id", Kind.COMPANION, 0)
            .value("openrouter_metadata", Kind.COMPANION, 0)
            .value("metadata", Kind.COMPANION, 0)
            .value("availability", Kind.COMPANION, 0)
            .value("error_type", Kind.COMPANION, 0)
            .value("http_status", Kind.COMPANION, 0)
            .value("status", Kind.COMPANION, 0)
            .value("success", Kind.COMPANION, 0)
            .value("code", Kind.COMPANION, 0)
            .value("message", Kind.COMPANION, 0)
            .value("detail", Kind.COMPANION, 0)
            .value("param", Kind.COMPANION, 0)
            .value("sequence_number", Kind.COMPANION, 0)
            .otherwise(Kind.ANSWER);

    private final ChunkBytes chunks = new ChunkBytes();
    private final JsonScan<Kind> scan = new JsonScan<>(PLACES, this);
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();
    private FirstWord word = new FirstWord.Pending();

    /** What a top-level member says. */
    enum Kind {
        /** Stands in errors, perhaps elsewhere too. */
        COMPANION,
        /** Stands in both; its value tells. */
        TYPE,
        /** Stands in answers only. */
        ANSWER
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
        decide(new FirstWord.NoAnswer("JSON that breaks off"));
        return word;
    }

    @Override
    public void onMember(Kind kind) {
        if (kind == Kind.ANSWER) {
            decide(new FirstWord.Answer());
        }
    }

    @Override
    public void onValue(Kind kind, byte[] json, int length, boolean whole) {
        if (!new String(json, 0, length, StandardCharsets.UTF_8).equals("\"error\"")) {
            decide(new FirstWord.Answer());
        }
    }

    private void read(byte[] bytes, int from, int to) {
        if (!(word instanceof FirstWord.Pending)) {
            return;
        }
        int end = scan.feed(bytes, from, to);
        if (scan.broken()) {
            decide(new FirstWord.NoAnswer("broken JSON"));
            return;
        }
        if (end - from > MAX_BODY - body.size()) {
            decide(new FirstWord.Answer());
            return;
        }
        body.write(bytes, from, end - from);
        if (scan.done()) {
            FirstWord.Failure failure = ErrorInside.ofBody(body.toByteArray());
            decide(failure == null ? new FirstWord.Answer() : failure);
        }
    }

    private void decide(FirstWord decision) {
        if (word instanceof FirstWord.Pending) {
            word = decision;
            body.reset();
        }
    }
}
