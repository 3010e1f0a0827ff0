package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;

/** A row of the stand-in's catalogue: OpenRouter's Model object, and the providers that serve it. */
record CatalogueModel(ObjectNode row, List<Provider> providers) {
    /**
     * Who serves a model.
     *
     * @param name display name, as in an answer's {@code provider}
     * @param slug what requests call it in {@code provider.order} and {@code provider.only}
     */
    record Provider(String name, String slug) {
        /** Whether a request's word means this provider: its slug, a region or endpoint of it, or its name. */
        boolean is(String word) {
            return slug.equalsIgnoreCase(word)
                    || name.equalsIgnoreCase(word)
                    || word.regionMatches(true, 0, slug + "/", 0, slug.length() + 1);
        }
    }

    String id() {
        return row.get("id").asText();
    }

    /** The dated name that stands as {@code model} in answers. */
    String canonicalSlug() {
        return row.get("canonical_slug").asText();
    }

    boolean free() {
        return id().endsWith(":free") || id().equals("openrouter/free");
    }

    boolean produces(String modality) {
        for (JsonNode output : row.at("/architecture/output_modalities")) {
            if (output.asText().equals(modality)) {
                return true;
            }
        }
        return false;
    }

    /** A price in USD per token or unit, from its decimal string; 0 when the row has none. */
    BigDecimal price(String name) {
        JsonNode price = row.path("pricing").path(name);
        return price.isTextual() ? new BigDecimal(price.asText()) : BigDecimal.ZERO;
    }

    /** Most tokens one answer may have. */
    long maxCompletion() {
        return row.at("/top_provider/max_completion_tokens").asLong(4_096);
    }

    boolean reasonsAlways() {
        return row.at("/reasoning/mandatory").asBoolean(false)
                || row.at("/reasoning/default_enabled").asBoolean(false);
    }
}
