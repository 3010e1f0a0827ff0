package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code POST /responses}, OpenAI's stateless form; every event carries its {@code sequence_number}. */
final class ResponsesDialect implements Dialect {
    private static final int OPENING_PLAIN = 4;
    private static final int OPENING_AROUND_THOUGHTS = 5;
    private static final long LONGEST_TOLD = 10_000;

    @Override
    public ObjectNode whole(Generation g, String text) {
        return response(g, g.cut() ? "incomplete" : "completed", output(g, text), Usages.responses(g));
    }

    private static ObjectNode response(Generation g, String status, ArrayNode output, @Nullable ObjectNode usage) {
        boolean open = usage == null;
        ObjectNode root = Json.object()
                .put("id", g.id())
                .put("object", "response")
                .put("created_at", g.created())
                .put("model", g.servedModel())
                .put("status", status)
                .put("completed_at", open ? null : Long.valueOf(g.created() + 1));
        root.set("output", output);
        root.putNull("error");
        if (status.equals("incomplete")) {
            root.putObject("incomplete_details").put("reason", "max_output_tokens");
        } else {
            root.putNull("incomplete_details");
        }
        root.putArray("tools");
        root.put("tool_choice", "auto").put("parallel_tool_calls", true);
        root.set(
                "max_output_tokens",
                g.request().path("max_output_tokens").isNumber()
                        ? g.request().get("max_output_tokens")
                        : Json.object().nullNode());
        root.put("temperature", 1)
                .put("top_p", 1)
                .put("presence_penalty", 0)
                .put("frequency_penalty", 0)
                .put("top_logprobs", 0)
                .putNull("max_tool_calls");
        root.putObject("metadata");
        root.put("background", false)
                .putNull("previous_response_id")
                .put("service_tier", g.request().path("service_tier").asText("auto"))
                .put("truncation", "disabled")
                .put("store", false)
                .putNull("instructions");
        root.putObject("text").putObject("format").put("type", "text");
        JsonNode reasoning = g.request().path("reasoning");
        root.set("reasoning", reasoning.isObject() ? reasoning : Json.object().nullNode());
        root.putNull("safety_identifier").putNull("prompt_cache_key");
        root.set("usage", usage == null ? Json.object().nullNode() : usage);
        return root;
    }

    private static ArrayNode output(Generation g, String text) {
        ArrayNode output = Json.array();
        if (!g.reasoning().isEmpty()) {
            output.add(reasoningItem(g));
        }
        output.add(message("completed", text));
        return output;
    }

    private static ObjectNode reasoningItem(Generation g) {
        ObjectNode item = Json.object().put("type", "reasoning").put("id", "rs_tmp_standin1");
        item.putArray("summary").add(summary(g.reasoningText()));
        return item;
    }

    private static ObjectNode summary(String text) {
        return Json.object().put("type", "summary_text").put("text", text);
    }

    private static ObjectNode message(String status, @Nullable String text) {
        ObjectNode item = Json.object()
                .put("type", "message")
                .put("id", "msg_tmp_standin1")
                .put("role", "assistant")
                .put("status", status);
        ArrayNode content = item.putArray("content");
        if (text != null) {
            content.add(part(text));
        }
        return item;
    }

    private static ObjectNode part(String text) {
        ObjectNode part = Json.object().put("type", "output_text").put("text", text);
        part.putArray("annotations");
        part.putArray("logprobs");
        return part;
    }

    @Override
    public List<String> opening(Generation g) {
        List<ObjectNode> events = new ArrayList<>();
        for (String type : List.of("response.created", "response.in_progress")) {
            ObjectNode event = Json.object().put("type", type);
            event.set("response", response(g, "in_progress", Json.array(), null));
            events.add(event);
        }
        if (!g.reasoning().isEmpty()) {
            thoughts(g, events);
        }
        ObjectNode added = at("response.output_item.added", g);
        added.set("item", message("in_progress", null));
        events.add(added);
        ObjectNode part = item("response.content_part.added", g);
        part.set("part", part(""));
        events.add(part);
        return numbered(events, 0);
    }

    private static void thoughts(Generation g, List<ObjectNode> events) {
        ObjectNode item = Json.object().put("type", "reasoning").put("id", "rs_tmp_standin1");
        item.putArray("summary");
        ObjectNode added =
                Json.object().put("type", "response.output_item.added").put("output_index", 0);
        added.set("item", item);
        events.add(added);
        ObjectNode begun = thought("response.reasoning_summary_part.added");
        begun.set("part", summary(""));
        events.add(begun);
        g.reasoning()
                .forEach(text -> events.add(
                        thought("response.reasoning_summary_text.delta").put("delta", text)));
        events.add(thought("response.reasoning_summary_text.done").put("text", g.reasoningText()));
        ObjectNode ended = thought("response.reasoning_summary_part.done");
        ended.set("part", summary(g.reasoningText()));
        events.add(ended);
        ObjectNode done = Json.object().put("type", "response.output_item.done").put("output_index", 0);
        done.set("item", reasoningItem(g));
        events.add(done);
    }

    private static ObjectNode thought(String type) {
        return Json.object()
                .put("type", type)
                .put("output_index", 0)
                .put("item_id", "rs_tmp_standin1")
                .put("summary_index", 0);
    }

    private static ObjectNode at(String type, Generation g) {
        return Json.object().put("type", type).put("output_index", g.reasoning().isEmpty() ? 0 : 1);
    }

    private static ObjectNode item(String type, Generation g) {
        return at(type, g).put("item_id", "msg_tmp_standin1").put("content_index", 0);
    }

    private static long openingLength(Generation g) {
        return g.reasoning().isEmpty()
                ? OPENING_PLAIN
                : OPENING_PLAIN + OPENING_AROUND_THOUGHTS + g.reasoning().size();
    }

    private static List<String> numbered(List<ObjectNode> events, long first) {
        List<String> texts = new ArrayList<>();
        for (ObjectNode event : events) {
            texts.add(ChatDialect.data(event.put("sequence_number", first + texts.size())));
        }
        return texts;
    }

    @Override
    public String delta(Generation g, long number) {
        ObjectNode event = item("response.output_text.delta", g);
        event.put("delta", g.piece().apply(number)).putArray("logprobs");
        return ChatDialect.data(event.put("sequence_number", openingLength(g) + number));
    }

    @Override
    public List<String> closing(Generation g) {
        // A generated answer of many MiB is not told a second and third time.
        String text = g.pieces() > LONGEST_TOLD ? "" : g.text();
        ObjectNode done = item("response.output_text.done", g).put("text", text);
        done.putArray("logprobs");
        ObjectNode part = item("response.content_part.done", g);
        part.set("part", part(text));
        ObjectNode item = at("response.output_item.done", g);
        item.set("item", message("completed", text));
        String status = g.cut() ? "incomplete" : "completed";
        ObjectNode last = Json.object().put("type", "response." + status);
        last.set("response", response(g, status, output(g, text), Usages.responses(g)));
        List<String> events = numbered(List.of(done, part, item, last), openingLength(g) + g.pieces());
        events.add(Deliveries.DONE);
        return events;
    }

    @Override
    public String failure(Generation g, JsonNode code, String message, long sent) {
        return ChatDialect.data(Json.object()
                .put("type", "error")
                .put("code", code.isTextual() ? code.asText() : "server_error")
                .put("message", message)
                .putNull("param")
                .put("sequence_number", sent));
    }

    @Override
    public ObjectNode failed(Generation g, ApiError error) {
        ObjectNode root = response(g, "failed", Json.array(), Usages.responses(g));
        root.putObject("error").put("code", "server_error").put("message", error.message());
        return root.put("error_type", error.errorType());
    }

    @Override
    public ObjectNode error(ApiError error, String account) {
        return error.envelope(account);
    }

    @Override
    public long maxTokens(JsonNode request, CatalogueModel model) {
        JsonNode asked = request.path("max_output_tokens");
        return asked.isIntegralNumber() ? asked.asLong() : model.maxCompletion();
    }

    @Override
    public String promptMember() {
        return "input";
    }
}
