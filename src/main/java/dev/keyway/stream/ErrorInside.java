package dev.keyway.stream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.stream.FirstWord.Failure;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Recognises an error inside a 200: a member {@code error} that is an object or a string, the plain error event of the
 * responses API, its {@code response.failed}, and an SSE event named {@code error}.
 */
final class ErrorInside {
    private static final String SILENT = "the upstream failed without saying why";
    private static final int MAX_TEXT = 2000;

    private ErrorInside() {}

    /** The error that these bytes are when they are a whole body; null when they are none. */
    static @Nullable Failure ofBody(byte[] json) {
        return of(Json.tree(json, 0, json.length), json);
    }

    /** The error that these bytes are when they are the data of an event of this type; null when they are none. */
    static @Nullable Failure ofEvent(String type, byte[] data) {
        JsonNode root = Json.tree(data, 0, data.length);
        Failure failure = of(root, data);
        if (failure != null || !type.equals("error")) {
            return failure;
        }
        if (root.isObject()) {
            return envelope(root, root);
        }
        String text = new String(data, 0, Math.min(data.length, MAX_TEXT), StandardCharsets.UTF_8);
        return envelope(root, JsonNodeFactory.instance.textNode(text));
    }

    /** The same of an event in the middle of a stream, where the error may also stand in one of the choices. */
    static @Nullable Failure ofLateEvent(String type, byte[] data) {
        Failure failure = ofEvent(type, data);
        if (failure != null) {
            return failure;
        }
        for (JsonNode choice : Json.tree(data, 0, data.length).path("choices")) {
            JsonNode error = choice.path("error");
            if (error.isObject() || (error.isTextual() && !error.textValue().isEmpty())) {
                return envelope(choice, error);
            }
        }
        return null;
    }

    private static @Nullable Failure of(JsonNode root, byte[] json) {
        JsonNode error = root.path("error");
        if (error.isObject()) {
            return new Failure(ErrorStatus.of(root, error), json);
        }
        if (error.isTextual() && !error.textValue().isEmpty()) {
            return envelope(root, error);
        }
        return switch (root.path("type").asText("")) {
            case "error" -> envelope(root, root);
            case "response.failed" ->
                envelope(root.path("response"), root.path("response").path("error"));
            default -> null;
        };
    }

    private static Failure envelope(JsonNode root, JsonNode error) {
        int status = ErrorStatus.of(root, error);
        ObjectNode inner = JsonNodeFactory.instance.objectNode();
        inner.put("code", status);
        inner.put("message", firstText(SILENT, error.path("message"), error, root.path("message")));
        String type = firstText("", error.path("code"), error.path("error_type"), error.path("type"));
        if (!type.isEmpty() && !type.equals("error") && !Character.isDigit(type.charAt(0))) {
            inner.put("type", type);
        }
        JsonNode metadata = error.path("metadata").isObject() ? error.path("metadata") : root.path("metadata");
        if (metadata.isObject() && !metadata.isEmpty()) {
            inner.set("metadata", metadata);
        }
        ObjectNode envelope = JsonNodeFactory.instance.objectNode();
        envelope.set("error", inner);
        // By way of a string: a lone surrogate from an escape is no reason to fail.
        return new Failure(status, envelope.toString().getBytes(StandardCharsets.UTF_8));
    }

    private static String firstText(String otherwise, JsonNode... candidates) {
        for (JsonNode candidate : candidates) {
            if (candidate.isTextual() && !candidate.textValue().isEmpty()) {
                return candidate.textValue();
            }
        }
        return otherwise;
    }
}
