package dev.keyway.stream;

import dev.keyway.exchange.Answer;
import dev.keyway.exchange.Api;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one answer says about itself, gathered from the JSON documents it consists of: the one of a whole answer, or the
 * data of each event that was thought worth reading. Shapes of the chat, completions, responses and messages APIs.
 */
final class AnswerScan implements JsonScan.Sink<AnswerScan.Field> {
    private static final int MAX_TEXT = 512;
    private static final int MAX_USAGE = 64 * 1024;
    private static final int MAX_ERROR = 4;
    private static final Set<String> LAST_TYPES =
            Set.of("message_stop", "response.completed", "response.incomplete", "response.failed", "error");
    private static final Set<String> LAST_STATES = Set.of("completed", "incomplete", "failed", "cancelled");
    private static final Member<Field> PLACES = places();

    private final boolean statusIsFinish;
    private final JsonScan<Field> scan = new JsonScan<>(PLACES, this);
    private final UsageFields usage = new UsageFields();
    private @Nullable String id;
    private @Nullable Long created;
    private @Nullable String model;
    private @Nullable String provider;
    private @Nullable String finish;
    private long sequence = -1;
    private boolean ended;
    private boolean error;

    /** What is looked for. */
    enum Field {
        ID,
        CREATED,
        MODEL,
        PROVIDER,
        FINISH,
        STATUS,
        TYPE,
        SEQUENCE,
        USAGE,
        ERROR
    }

    AnswerScan(Api api) {
        statusIsFinish = api == Api.RESPONSES;
    }

    private static Member<Field> places() {
        Member<Field> root = answer(Member.<Field>root())
                .value("type", Field.TYPE, MAX_TEXT)
                .value("sequence_number", Field.SEQUENCE, MAX_TEXT);
        root.objects("choices").value("finish_reason", Field.FINISH, MAX_TEXT).value("error", Field.ERROR, MAX_ERROR);
        root.object("delta").value("stop_reason", Field.FINISH, MAX_TEXT);
        answer(root.object("message"));
        answer(root.object("response"));
        return root;
    }

    private static Member<Field> answer(Member<Field> place) {
        return place.value("id", Field.ID, MAX_TEXT)
                .value("created", Field.CREATED, MAX_TEXT)
                .value("created_at", Field.CREATED, MAX_TEXT)
                .value("model", Field.MODEL, MAX_TEXT)
                .value("provider", Field.PROVIDER, MAX_TEXT)
                .value("stop_reason", Field.FINISH, MAX_TEXT)
                .value("status", Field.STATUS, MAX_TEXT)
                .value("usage", Field.USAGE, MAX_USAGE)
                .value("error", Field.ERROR, MAX_ERROR);
    }

    /** A new document begins. */
    void begin() {
        scan.reset();
    }

    /** The next bytes of the document. */
    void feed(byte[] bytes, int from, int to) {
        scan.feed(bytes, from, to);
    }

    /** Whether the last document came to its end. */
    boolean whole() {
        return scan.done();
    }

    /** Whether the events said that the stream is over. */
    boolean ended() {
        return ended;
    }

    /** The stream said that it is over. */
    void markEnded() {
        ended = true;
    }

    /** The stream said that it failed, which is also its end. */
    void markError() {
        error = true;
        ended = true;
    }

    /** A sequence number that was seen without reading its event. */
    void sequence(long number) {
        sequence = Math.max(sequence, number);
    }

    /** Whether nothing is known yet about what stands in the first events. */
    boolean wantsIds() {
        return id == null || model == null;
    }

    boolean sawError() {
        return error;
    }

    Answer answer() {
        String generation = id != null && id.startsWith("gen-") ? id : null;
        return new Answer(model, provider, generation, finish, usage.usage());
    }

    /** @param over whether the answer is over */
    SeenIds seen(boolean over) {
        return new SeenIds(id, created, model, sequence, over);
    }

    @Override
    public void onValue(Field field, byte[] json, int length, boolean whole) {
        if (field == Field.ERROR) {
            if (json[0] == '{' || json[0] == '"') {
                markError();
            }
            return;
        }
        if (!whole || json[0] == 'n') {
            return;
        }
        switch (field) {
            case USAGE -> usage.merge(json, 0, length);
            case SEQUENCE -> sequence(Json.tree(json, 0, length).asLong(-1));
            case CREATED -> created = created == null ? Json.number(json, 0, length) : created;
            default -> {
                String text = Json.text(json, 0, length);
                if (text != null && !text.isEmpty()) {
                    onText(field, text);
                }
            }
        }
    }

    private void onText(Field field, String text) {
        switch (field) {
            case ID -> id = id == null ? text : id;
            case MODEL -> model = text;
            case PROVIDER -> provider = text;
            case FINISH -> onFinish(text);
            case STATUS -> onStatus(text);
            case TYPE -> onType(text);
            default -> {
                // The others are no text.
            }
        }
    }

    private void onFinish(String reason) {
        finish = reason;
        if (reason.equals("error")) {
            markError();
        }
    }

    private void onStatus(String status) {
        if (statusIsFinish && LAST_STATES.contains(status)) {
            finish = status;
            error |= status.equals("failed");
        }
    }

    private void onType(String type) {
        if (LAST_TYPES.contains(type)) {
            ended = true;
            error |= type.equals("error") || type.equals("response.failed");
        }
    }
}
