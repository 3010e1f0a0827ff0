package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;

/** {@code POST /messages}, Anthropic's form; its stream ends with the stray {@code [DONE]} that OpenRouter sends. */
final class MessagesDialect implements Dialect {
    private static final String SIGNATURE = "c2lnbmF0dXJlLXN0YW5kaW4=";
    private static final String STRAY = "event: data\ndata: [DONE]\n\n";

    @Override
    public ObjectNode whole(Generation g, String text) {
        ObjectNode root = head(g);
        ArrayNode content = root.putArray("content");
        if (!g.reasoning().isEmpty()) {
            content.addObject()
                    .put("type", "thinking")
                    .put("thinking", g.reasoningText())
                    .put("signature", SIGNATURE);
        }
        content.addObject().put("type", "text").put("text", text).putNull("citations");
        root.put("stop_reason", stop(g)).putNull("stop_sequence").putNull("stop_details");
        root.set("usage", Usages.messages(g));
        return root;
    }

    private static ObjectNode head(Generation g) {
        return Json.object()
                .put("id", g.id())
                .put("type", "message")
                .put("role", "assistant")
                .put("model", g.servedModel())
                .put("provider", g.provider())
                .putNull("container");
    }

    private static String stop(Generation g) {
        return g.cut() ? "max_tokens" : "end_turn";
    }

    @Override
    public List<String> opening(Generation g) {
        List<String> events = new ArrayList<>();
        ObjectNode start = Json.object().put("type", "message_start");
        ObjectNode message = head(g);
        message.putArray("content");
        message.putNull("stop_reason").putNull("stop_sequence").putNull("stop_details");
        message.set("usage", Usages.messagesStart(g));
        start.set("message", message);
        events.add(event(start));
        events.add(event(Json.object().put("type", "ping")));
        if (!g.reasoning().isEmpty()) {
            ObjectNode block = Json.object().put("type", "thinking").put("thinking", "");
            events.add(blockStart(0, block.put("signature", "")));
            for (String thought : g.reasoning()) {
                events.add(blockDelta(
                        0, Json.object().put("type", "thinking_delta").put("thinking", thought)));
            }
            events.add(
                    blockDelta(0, Json.object().put("type", "signature_delta").put("signature", SIGNATURE)));
            events.add(blockStop(0));
        }
        events.add(blockStart(
                textBlock(g), Json.object().put("type", "text").put("text", "").putNull("citations")));
        return events;
    }

    private static int textBlock(Generation g) {
        return g.reasoning().isEmpty() ? 0 : 1;
    }

    @Override
    public String delta(Generation g, long number) {
        return blockDelta(
                textBlock(g),
                Json.object().put("type", "text_delta").put("text", g.piece().apply(number)));
    }

    @Override
    public List<String> closing(Generation g) {
        ObjectNode last = Json.object().put("type", "message_delta");
        last.putObject("delta")
                .put("stop_reason", stop(g))
                .putNull("stop_sequence")
                .putNull("stop_details")
                .putNull("container");
        last.set("usage", Usages.messagesEnd(g));
        return List.of(blockStop(textBlock(g)), event(last), event(Json.object().put("type", "message_stop")), STRAY);
    }

    @Override
    public String failure(Generation g, JsonNode code, String message, long sent) {
        ObjectNode body = error(ApiError.typed(502, message, "provider_unavailable"), "");
        return event(body.put("request_id", g.id()));
    }

    @Override
    public ObjectNode failed(Generation g, ApiError error) {
        return error(error, "").put("request_id", g.id());
    }

    @Override
    public ObjectNode error(ApiError error, String account) {
        ObjectNode root = Json.object().put("type", "error");
        root.putObject("error")
                .put("type", word(error.status()))
                .put("message", error.message())
                .put("error_type", error.errorType());
        root.putNull("request_id");
        if (error.metadata() != null && error.metadata().has("limit_source")) {
            root.set("metadata", error.metadata());
        }
        return root;
    }

    private static String word(int status) {
        return switch (status) {
            case 401 -> "authentication_error";
            case 402 -> "billing_error";
            case 403 -> "permission_error";
            case 404 -> "not_found_error";
            case 408, 504, 524 -> "timeout_error";
            case 429 -> "rate_limit_error";
            case 503, 529 -> "overloaded_error";
            default -> status >= 500 ? "api_error" : "invalid_request_error";
        };
    }

    @Override
    public long maxTokens(JsonNode request, CatalogueModel model) {
        JsonNode asked = request.path("max_tokens");
        return asked.isIntegralNumber() ? asked.asLong() : model.maxCompletion();
    }

    @Override
    public String promptMember() {
        return "messages";
    }

    private static String event(ObjectNode json) {
        return "event: " + json.get("type").asText() + "\n" + ChatDialect.data(json);
    }

    private static String blockStart(int index, ObjectNode block) {
        ObjectNode event = Json.object().put("type", "content_block_start").put("index", index);
        event.set("content_block", block);
        return event(event);
    }

    private static String blockDelta(int index, ObjectNode delta) {
        ObjectNode event = Json.object().put("type", "content_block_delta").put("index", index);
        event.set("delta", delta);
        return event(event);
    }

    private static String blockStop(int index) {
        return event(Json.object().put("type", "content_block_stop").put("index", index));
    }
}
