package dev.keyway.inference;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import dev.keyway.wire.JsonValue.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes the shapes that the REST and WebSocket system answers with out of OpenRouter's chat objects. Values are OpenRouter's
 * own, byte for byte; only which members there are differs.
 */
final class AnswerShape {
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final JsonValue NULL = JsonValue.of(NODES.nullNode());
    private static final JsonValue WHOLE = JsonValue.of("chat.completion");
    private static final JsonValue NO_USAGE = JsonValue.of(NODES.objectNode()
            .put("prompt_tokens", 0)
            .put("completion_tokens", 0)
            .put("total_tokens", 0));
    private static final JsonValue USAGE_CHOICES = JsonValue.of(NODES.arrayNode()
            .add(NODES.objectNode()
                    .put("index", 0)
                    .<ObjectNode>set("delta", NODES.objectNode())
                    .put("finish_reason", "stop")));

    private AnswerShape() {}

    /** A whole answer; null when this is none, so that it had better pass as it is. */
    static byte @Nullable [] whole(byte[] body) {
        JsonBody answer = parse(body);
        JsonValue choices = answer == null ? null : answer.value("choices");
        if (answer == null || choices == null || !choices.is(Kind.ARRAY)) {
            return null;
        }
        List<JsonValue> shaped = new ArrayList<>();
        for (JsonValue choice : choices.elements()) {
            if (!choice.is(Kind.OBJECT)) {
                return null;
            }
            shaped.add(wholeChoice(choice.object()));
        }
        JsonValue usage = answer.value("usage");
        JsonBody made = copy(JsonBody.EMPTY, answer, "id")
                .with("choices", JsonValue.array(shaped))
                .with("usage", usage == null || usage.is(Kind.NULL) ? NO_USAGE : usage);
        return bytes(copy(made, answer, "model", "created").with("object", WHOLE));
    }

    private static JsonValue wholeChoice(JsonBody choice) {
        JsonBody made = JsonBody.EMPTY.with("finish_reason", orNull(choice.value("finish_reason")));
        JsonValue message = choice.value("message");
        if (message == null || !message.is(Kind.OBJECT)) {
            return copy(made, choice, "message").asValue();
        }
        JsonBody said = message.object();
        return made.with(
                        "message",
                        said.has("content")
                                ? message
                                : said.with("content", NULL).asValue())
                .asValue();
    }

    /** What one event of a stream says, apart. */
    record Chunk(
            @Nullable JsonBody event,
            boolean says,
            @Nullable JsonValue usage) {}

    /**
     * Takes an event apart.
     *
     * @return without an event when the data are no chunk of a chat, an error among them, and had better pass as they are
     */
    static Chunk chunk(byte[] data) {
        JsonBody chunk = parse(data);
        JsonValue choices = chunk == null ? null : chunk.value("choices");
        if (chunk == null || chunk.has("error") || choices == null || !choices.is(Kind.ARRAY)) {
            return new Chunk(null, true, null);
        }
        List<JsonValue> shaped = new ArrayList<>();
        boolean says = false;
        for (JsonValue choice : choices.elements()) {
            if (!choice.is(Kind.OBJECT)) {
                return new Chunk(null, true, null);
            }
            JsonBody one = choice.object();
            says |= says(one);
            JsonBody made = copy(JsonBody.EMPTY, one, "index", "delta")
                    .with("finish_reason", orNull(one.value("finish_reason")));
            shaped.add(made.asValue());
        }
        JsonValue usage = chunk.value("usage");
        JsonBody made = head(chunk).with("choices", JsonValue.array(shaped));
        return new Chunk(made, says, usage == null || usage.is(Kind.NULL) ? null : usage);
    }

    /** The chunk that tells the usage, behind those that tell the answer. */
    static byte[] usage(JsonBody like, JsonValue usage) {
        return bytes(head(like).with("choices", USAGE_CHOICES).with("usage", usage));
    }

    private static JsonBody head(JsonBody chunk) {
        return copy(JsonBody.EMPTY, chunk, "id", "object", "created", "model");
    }

    /** Whether a choice carries anything; the one beside the usage does not. */
    private static boolean says(JsonBody choice) {
        JsonValue reason = choice.value("finish_reason");
        if (reason != null && !reason.is(Kind.NULL)) {
            return true;
        }
        JsonValue delta = choice.value("delta");
        if (delta == null || !delta.is(Kind.OBJECT)) {
            return delta != null;
        }
        JsonBody said = delta.object();
        for (String name : said.names()) {
            JsonValue value = said.value(name);
            boolean nothing = name.equals("role")
                    || value == null
                    || value.is(Kind.NULL)
                    || "".equals(value.text())
                    || (value.is(Kind.ARRAY) && !value.elements().iterator().hasNext());
            if (!nothing) {
                return true;
            }
        }
        return false;
    }

    /**
     * OpenRouter's error in the shape of own ones, with what it says beside its message.
     *
     * @param requestId of the client's request
     */
    static byte[] error(int status, byte[] body, String requestId) {
        JsonBody answer = parse(body);
        JsonValue error = answer == null ? null : answer.value("error");
        JsonBody told = error != null && error.is(Kind.OBJECT) ? error.object() : JsonBody.EMPTY;
        String message = told.text("message");
        if (message == null) {
            message = "OpenRouter answered with status " + status;
        }
        JsonBody made = JsonBody.EMPTY
                .with("code", NODES.numberNode(status))
                .with("message", JsonValue.of(message))
                .with("type", JsonValue.of("openrouter"));
        made = copy(made, told, "metadata").with("request_id", JsonValue.of(requestId));
        return bytes(JsonBody.EMPTY.with("error", made.asValue()).with("detail", JsonValue.of(message)));
    }

    static byte[] bytes(JsonBody body) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (ByteBuffer slice : body.slices()) {
            byte[] piece = new byte[slice.remaining()];
            slice.duplicate().get(piece);
            all.writeBytes(piece);
        }
        return all.toByteArray();
    }

    private static JsonBody copy(JsonBody to, JsonBody from, String... names) {
        JsonBody made = to;
        for (String name : names) {
            JsonValue value = from.value(name);
            made = value == null ? made : made.with(name, value);
        }
        return made;
    }

    private static JsonValue orNull(@Nullable JsonValue value) {
        return value == null ? NULL : value;
    }

    private static @Nullable JsonBody parse(byte[] bytes) {
        try {
            return JsonBody.parse(bytes);
        } catch (ApiException none) {
            return null;
        }
    }

    static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
