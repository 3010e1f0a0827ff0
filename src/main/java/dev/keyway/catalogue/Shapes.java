package dev.keyway.catalogue;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.IntNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The answers of the catalogue as JSON; models stand in them with the upstream's bytes. */
final class Shapes {
    /** What OpenAI's SDKs read of one model, at the top level. */
    private static final List<String> OPENAI = List.of("id", "object", "created", "owned_by");

    private Shapes() {}

    /**
     * Where a page stands in what was found.
     *
     * @param total models found
     * @param next path and query of the page behind this one; null: there is none
     */
    record Paging(
            int total, int limit, int offset, @Nullable String next) {}

    static JsonBody list(List<Model> page, Paging paging) {
        JsonBody links = JsonBody.EMPTY.with(
                "next", paging.next() == null ? NullNode.getInstance() : TextNode.valueOf(paging.next()));
        JsonBody pagination = JsonBody.EMPTY
                .with("total", IntNode.valueOf(paging.total()))
                .with("limit", IntNode.valueOf(paging.limit()))
                .with("offset", IntNode.valueOf(paging.offset()))
                .with("hasMore", BooleanNode.valueOf((long) paging.offset() + paging.limit() < paging.total()));
        return JsonBody.EMPTY
                .with("object", TextNode.valueOf("list"))
                .with("data", models(page))
                .with("total_count", IntNode.valueOf(paging.total()))
                .with("links", links.asValue())
                .with("pagination", pagination.asValue());
    }

    /** The model as {@code data}; and what OpenAI's {@code models.retrieve} looks for beside it. */
    static JsonBody one(Model model) {
        JsonBody row = model.json().object();
        JsonBody answer = JsonBody.EMPTY;
        for (String name : OPENAI) {
            JsonValue value = row.value(name);
            answer = value == null ? answer : answer.with(name, value);
        }
        return answer.with("data", model.json());
    }

    static JsonBody parameters(Model model) {
        return data(Map.of("supported_parameters", model.parameters()), model);
    }

    static JsonBody pricing(Model model) {
        return data(Map.of("pricing", model.pricing()), model);
    }

    private static JsonBody data(Map<String, JsonValue> one, Model model) {
        JsonBody data = JsonBody.EMPTY.with("model", TextNode.valueOf(model.id()));
        for (Map.Entry<String, JsonValue> member : one.entrySet()) {
            data = data.with(member.getKey(), member.getValue());
        }
        return JsonBody.EMPTY.with("data", data.asValue());
    }

    static JsonBody top(List<Model> models) {
        return JsonBody.EMPTY.with("data", models(models));
    }

    static JsonBody found(List<Model> shown, String query, int total) {
        return top(shown).with("query", TextNode.valueOf(query)).with("total", IntNode.valueOf(total));
    }

    static JsonBody providers(List<Model> models) {
        Stream<JsonValue> authors =
                models.stream().map(Model::author).distinct().sorted().map(JsonValue::of);
        return JsonBody.EMPTY.with("data", JsonValue.array(authors.toList()));
    }

    static JsonBody ofProvider(List<Model> models, String provider) {
        return top(models).with("provider", TextNode.valueOf(provider));
    }

    private static JsonValue models(List<Model> models) {
        return JsonValue.array(models.stream().map(Model::json).toList());
    }

    static byte[] bytes(JsonBody body) {
        byte[] all = new byte[Math.toIntExact(body.length())];
        ByteBuffer into = ByteBuffer.wrap(all);
        body.slices().forEach(into::put);
        return all;
    }
}
