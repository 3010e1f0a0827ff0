package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** {@code POST /completions}, the legacy form with a prompt. */
final class CompletionsDialect implements Dialect {
    private final ChatDialect chat = new ChatDialect();

    @Override
    public ObjectNode whole(Generation g, String text) {
        ObjectNode root = Json.object()
                .put("id", g.id())
                .put("object", "text_completion")
                .put("created", g.created())
                .put("model", g.servedModel())
                .put("provider", g.provider())
                .putNull("system_fingerprint");
        ObjectNode choice = root.putArray("choices").addObject();
        choice.put("index", 0)
                .put("text", text)
                .putNull("logprobs")
                .put("finish_reason", ChatDialect.finish(g))
                .put("native_finish_reason", ChatDialect.finish(g))
                .put("reasoning", g.reasoning().isEmpty() ? null : g.reasoningText());
        root.set("usage", Usages.chat(g));
        return root;
    }

    @Override
    public List<String> opening(Generation g) {
        return List.of();
    }

    @Override
    public String delta(Generation g, long number) {
        return ChatDialect.data(chunk(g, g.piece().apply(number), null));
    }

    @Override
    public List<String> closing(Generation g) {
        ObjectNode last = chunk(g, "", null);
        last.set("usage", Usages.chat(g));
        return List.of(ChatDialect.data(chunk(g, "", ChatDialect.finish(g))), ChatDialect.data(last), Deliveries.DONE);
    }

    private static ObjectNode chunk(Generation g, String text, @org.jspecify.annotations.Nullable String finish) {
        ObjectNode chunk = Json.object()
                .put("id", g.id())
                .put("provider", g.provider())
                .put("model", g.servedModel())
                .put("object", "chat.completion.chunk")
                .put("created", g.created());
        chunk.putArray("choices")
                .addObject()
                .put("index", 0)
                .put("text", text)
                .put("finish_reason", finish)
                .put("native_finish_reason", finish)
                .putNull("logprobs");
        return chunk;
    }

    @Override
    public String failure(Generation g, JsonNode code, String message, long sent) {
        return chat.failure(g, code, message, sent);
    }

    @Override
    public ObjectNode failed(Generation g, ApiError error) {
        ObjectNode root = whole(g, g.text());
        ObjectNode choice = (ObjectNode) root.at("/choices/0");
        choice.put("finish_reason", "error").set("error", error.node());
        return root;
    }

    @Override
    public ObjectNode error(ApiError error, String account) {
        return error.envelope(account);
    }

    @Override
    public long maxTokens(JsonNode request, CatalogueModel model) {
        return chat.maxTokens(request, model);
    }

    @Override
    public String promptMember() {
        return "prompt";
    }
}
