package dev.keyway.wire;

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
        return json(error.code().status(), error.code().type(), error.text(), error.details(), requestId);
    }

    /** An error that a server raised before any of our code ran, as UTF-8 JSON. */
    public static byte[] json(int status, String type, String message, String requestId) {
        return json(status, type, message, Map.of(), requestId);
    }

    private static byte[] json(int status, String type, String message, Map<String, Object> details, String requestId) {
        ObjectNode inner = NODES.objectNode();
        inner.put("code", status);
        inner.put("message", message);
        inner.put("type", type);
        if (!details.isEmpty()) {
            inner.set("details", details(details));
        }
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

    private static ObjectNode details(Map<String, Object> details) {
        ObjectNode node = NODES.objectNode();
        details.forEach((name, value) -> {
            if (value instanceof Number number) {
                node.put(name, number.longValue());
            } else if (value instanceof List<?> items) {
                ArrayNode array = node.putArray(name);
                items.forEach(item -> array.add(String.valueOf(item)));
            } else {
                node.put(name, String.valueOf(value));
            }
        });
        return node;
    }

    private static byte[] bytes(ObjectNode body) {
        return body.toString().getBytes(StandardCharsets.UTF_8);
    }
}
