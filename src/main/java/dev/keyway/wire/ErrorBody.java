package dev.keyway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * The one shape of an own error, as JSON.
 *
 * <p>{@code {"error":{"code":…,"message":…,"type":…,"details":…,"request_id":…},"detail":…}}: OpenAI's SDKs read
 * {@code error.message}, older clients {@code detail}. The Messages API gets Anthropic's shape.
 */
public final class ErrorBody {
    public static final String CONTENT_TYPE = "application/json";
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private ErrorBody() {}

    /** The error as UTF-8 JSON. */
    public static byte[] json(ApiException error, String requestId) {
        return json(
                error.code().status(), error.code().type(), error.text(), error.details(), error.members(), requestId);
    }

    /** An error that a server raised before any of our code ran, as UTF-8 JSON. */
    public static byte[] json(int status, String type, String message, String requestId) {
        return json(status, type, message, Map.of(), Map.of(), requestId);
    }

    private static byte[] json(
            int status,
            String type,
            String message,
            Map<String, Object> details,
            Map<String, Object> members,
            String requestId) {
        ObjectNode inner = NODES.objectNode();
        inner.put("code", status);
        inner.put("message", message);
        inner.put("type", type);
        if (!details.isEmpty()) {
            inner.set("details", node(details));
        }
        members.forEach((name, value) -> inner.set(name, node(value)));
        inner.put("request_id", requestId);
        ObjectNode body = NODES.objectNode();
        body.set("error", inner);
        body.put("detail", message);
        return bytes(body);
    }

    /** The error as Anthropic's clients expect it, UTF-8 JSON. */
    public static byte[] anthropicJson(ApiException error, String requestId) {
        ObjectNode inner = NODES.objectNode();
        inner.put("type", error.code().anthropic());
        inner.put("message", error.text());
        ObjectNode body = NODES.objectNode();
        body.put("type", "error");
        body.set("error", inner);
        body.put("request_id", requestId);
        return bytes(body);
    }

    /** Whole numbers, texts, lists and maps of these. */
    private static JsonNode node(Object value) {
        if (value instanceof Number number) {
            return NODES.numberNode(number.longValue());
        }
        if (value instanceof List<?> items) {
            ArrayNode array = NODES.arrayNode();
            items.forEach(item -> array.add(node(item)));
            return array;
        }
        if (value instanceof Map<?, ?> members) {
            ObjectNode object = NODES.objectNode();
            members.forEach((name, member) -> object.set(String.valueOf(name), node(member)));
            return object;
        }
        return NODES.textNode(String.valueOf(value));
    }

    private static byte[] bytes(ObjectNode body) {
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }
}
