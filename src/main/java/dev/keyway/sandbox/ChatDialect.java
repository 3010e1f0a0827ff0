package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code POST /chat/completions}. */
final class ChatDialect implements Dialect {
    @Override
    public ObjectNode whole(Generation g, String text) {
        ObjectNode root = Json.object()
                .put("id", g.id())
                .put("object", "chat.completion")
                .put("created", g.created())
                .put("model", g.servedModel())
                .put("provider", g.provider())
                .put("system_fingerprint", "fp_standin01")
                .put("service_tier", tier(g));
        ObjectNode choice = root.putArray("choices").addObject();
        choice.put("index", 0)
                .putNull("logprobs")
                .put("finish_reason", finish(g))
                .put("native_finish_reason", nativeFinish(g));
        ObjectNode message =
                choice.putObject("message").put("role", "assistant").put("content", text);
        message.putNull("refusal");
        if (g.reasoning().isEmpty()) {
            message.putNull("reasoning");
        } else {
            message.put("reasoning", g.reasoningText());
            reasoningDetails(message, g.reasoningText());
        }
        root.set("usage", Usages.chat(g));
        if (g.metadata() != null) {
            root.set("openrouter_metadata", g.metadata());
        }
        return root;
    }

    @Override
    public List<String> opening(Generation g) {
        List<String> events = new ArrayList<>();
        for (String thought : g.reasoning()) {
            ObjectNode delta = Json.object().put("role", "assistant").put("content", "");
            delta.put("reasoning", thought);
            reasoningDetails(delta, thought);
            events.add(chunk(g, delta, null));
        }
        return events;
    }

    @Override
    public String delta(Generation g, long number) {
        return chunk(
                g,
                Json.object().put("role", "assistant").put("content", g.piece().apply(number)),
                null);
    }

    @Override
    public List<String> closing(Generation g) {
        ObjectNode empty = Json.object().put("role", "assistant").put("content", "");
        ObjectNode last = head(g);
        ArrayNode choices = last.putArray("choices");
        if (g.usageForm() > 1) {
            choices.add(choice(empty, g.usageForm() == 2 ? g : null));
        }
        if (g.usageForm() == 2) {
            last.put("service_tier", tier(g));
        }
        last.set("usage", Usages.chat(g));
        if (g.metadata() != null) {
            last.set("openrouter_metadata", g.metadata());
        }
        return List.of(chunk(g, empty, g), data(last), Deliveries.DONE);
    }

    @Override
    public String failure(Generation g, JsonNode code, String message, long sent) {
        ObjectNode chunk = head(g);
        ObjectNode error = chunk.putObject("error");
        error.set("code", code);
        error.put("message", message)
                .putObject("metadata")
                .put("error_type", "provider_unavailable")
                .put("provider_code", "connection_reset");
        ObjectNode choice = chunk.putArray("choices").addObject().put("index", 0);
        choice.putObject("delta").put("content", "");
        choice.put("finish_reason", "error").putNull("native_finish_reason");
        return data(chunk);
    }

    @Override
    public ObjectNode failed(Generation g, ApiError error) {
        ObjectNode root = whole(g, g.text());
        ObjectNode choice = (ObjectNode) root.at("/choices/0");
        choice.put("finish_reason", "error").putNull("native_finish_reason");
        choice.set("error", error.node());
        return root;
    }

    @Override
    public ObjectNode error(ApiError error, String account) {
        return error.envelope(account);
    }

    @Override
    public long maxTokens(JsonNode request, CatalogueModel model) {
        JsonNode asked = request.has("max_completion_tokens")
                ? request.get("max_completion_tokens")
                : request.path("max_tokens");
        return asked.isIntegralNumber() ? asked.asLong() : model.maxCompletion();
    }

    @Override
    public String promptMember() {
        return "messages";
    }

    static String data(JsonNode json) {
        return "data: " + Json.text(json) + "\n\n";
    }

    static String finish(Generation g) {
        return g.cut() ? "length" : "stop";
    }

    static String nativeFinish(Generation g) {
        return g.cut() ? "max_output_tokens" : "completed";
    }

    static String tier(Generation g) {
        String asked = g.request().path("service_tier").asText("default");
        return asked.equals("auto") ? "default" : asked;
    }

    private static void reasoningDetails(ObjectNode parent, String text) {
        parent.putArray("reasoning_details")
                .addObject()
                .put("type", "reasoning.text")
                .put("text", text)
                .putNull("format")
                .put("index", 0);
    }

    private static ObjectNode head(Generation g) {
        return Json.object()
                .put("id", g.id())
                .put("object", "chat.completion.chunk")
                .put("created", g.created())
                .put("model", g.servedModel())
                .put("provider", g.provider());
    }

    private static String chunk(Generation g, ObjectNode delta, @Nullable Generation finished) {
        ObjectNode chunk = head(g);
        chunk.putArray("choices").add(choice(delta, finished));
        return data(chunk);
    }

    private static ObjectNode choice(ObjectNode delta, @Nullable Generation finished) {
        ObjectNode choice = Json.object().put("index", 0);
        choice.set("delta", delta);
        return choice.put("finish_reason", finished == null ? null : finish(finished))
                .put("native_finish_reason", finished == null ? null : nativeFinish(finished));
    }
}
