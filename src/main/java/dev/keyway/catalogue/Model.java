package dev.keyway.catalogue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.NullNode;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * One model of the list: the upstream's bytes, and what is looked for in them.
 *
 * @param id {@code author/slug}, perhaps with a {@code :variant}
 * @param canonicalSlug the dated name that answers bear; empty without
 * @param contextLength in tokens; 0 when it is not told
 * @param free whether it costs nothing, as {@link Prices} says
 * @param words id, name and description in lower case
 * @param json the upstream's members byte for byte, behind them those that other lists of models have
 * @param parameters {@code supported_parameters} as the upstream wrote it, else an empty array
 * @param pricing {@code pricing} as the upstream wrote it, with at least {@code prompt} and {@code completion}
 */
record Model(
        String id,
        String canonicalSlug,
        long contextLength,
        boolean free,
        String words,
        JsonValue json,
        JsonValue parameters,
        JsonValue pricing) {
    /** Between two texts; nothing that holds it is looked for, so that nothing is found across them. */
    static final char BORDER = '\uffff';

    private static final JsonValue NO_PARAMETERS = JsonValue.array(List.of());
    private static final JsonValue UNKNOWN_MAX = JsonValue.of(NullNode.getInstance());

    /** A model as the upstream lists it; null when it has no id, and so can't be asked for. */
    static @Nullable Model of(JsonValue element) {
        if (!element.is(JsonValue.Kind.OBJECT)) {
            return null;
        }
        JsonBody row = element.object();
        String id = row.text("id");
        if (id == null || id.isEmpty()) {
            return null;
        }
        JsonBody pricing = object(row, "pricing");
        JsonNode length = row.node("context_length");
        return new Model(
                id,
                orEmpty(row.text("canonical_slug")),
                length == null ? 0 : length.asLong(0),
                Prices.free(id, pricing),
                String.join(String.valueOf(BORDER), id, orEmpty(row.text("name")), orEmpty(row.text("description")))
                        .toLowerCase(Locale.ROOT),
                completed(row, id).asValue().inOnePiece(),
                parameters(row),
                withPrices(pricing).asValue());
    }

    /** The part before the slash; the whole id of one that has none. */
    String author() {
        int slash = id.indexOf('/');
        return slash < 0 ? id : id.substring(0, slash);
    }

    private static JsonBody completed(JsonBody row, String id) {
        JsonBody provider = object(row, "top_provider");
        int slash = id.indexOf('/');
        JsonBody all = row;
        all = withAbsent(all, "object", JsonValue.of("model"));
        all = withAbsent(all, "owned_by", JsonValue.of(slash < 0 ? id : id.substring(0, slash)));
        all = withAbsent(all, "is_moderated", or(provider.value("is_moderated"), JsonValue.of(BooleanNode.FALSE)));
        return withAbsent(all, "max_completion_tokens", or(provider.value("max_completion_tokens"), UNKNOWN_MAX));
    }

    private static JsonBody withPrices(JsonBody pricing) {
        JsonBody all = withAbsent(pricing, "prompt", JsonValue.of("0"));
        return withAbsent(all, "completion", JsonValue.of("0"));
    }

    private static JsonValue parameters(JsonBody row) {
        JsonValue listed = row.value("supported_parameters");
        return listed != null && listed.is(JsonValue.Kind.ARRAY) ? listed : NO_PARAMETERS;
    }

    private static JsonBody withAbsent(JsonBody row, String name, JsonValue value) {
        return row.has(name) ? row : row.with(name, value);
    }

    private static JsonBody object(JsonBody row, String name) {
        JsonValue value = row.value(name);
        return value != null && value.is(JsonValue.Kind.OBJECT) ? value.object() : JsonBody.EMPTY;
    }

    private static JsonValue or(@Nullable JsonValue value, JsonValue otherwise) {
        return value == null ? otherwise : value;
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }
}
