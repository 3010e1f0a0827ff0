package dev.keyway.wire;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
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
        ObjectNode inner = NODES.objectNode();
        inner.put("code", error.code().status());
        inner.put("message", error.text());
        inner.put("type", error.code().type());
        if (!error.details().isEmpty()) {
            inner.set("details", details(error.details()));
        }
        inner.put("request_id", requestId);
        ObjectNode body = NODES.objectNode();
        body.set("error", inner);
        body.put("detail", error.text());
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
