package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * One answer before it is put into an API's shape. One piece of text or reasoning is one token.
 *
 * @param id {@code gen-…}, in the body and in {@code X-Generation-Id}
 * @param created seconds since 1970
 * @param provider display name
 * @param request the request's JSON
 * @param pieces number of pieces of text
 * @param piece the text of one piece, by its number
 * @param cut whether {@code max_tokens} ended the answer
 * @param cachedTokens prompt tokens read from the prompt cache
 * @param cacheWriteTokens prompt tokens written to it
 * @param usageForm 1, 2 or 3: the form of a chat stream's usage chunk
 * @param metadata the {@code openrouter_metadata} that was asked for
 * @param cache what the response cache said; null when it was not asked
 */
record Generation(
        String id,
        long created,
        CatalogueModel model,
        String provider,
        JsonNode request,
        List<String> reasoning,
        long pieces,
        LongFunction<String> piece,
        boolean cut,
        long promptTokens,
        long cachedTokens,
        long cacheWriteTokens,
        int usageForm,
        @Nullable ObjectNode metadata,
        ResponseCache.@Nullable Look cache) {

    /** Whether the answer is one from the response cache, which costs and counts nothing. */
    boolean fromCache() {
        return cache != null && cache.hit();
    }

    String text() {
        StringBuilder text = new StringBuilder();
        for (long i = 0; i < pieces; i++) {
            text.append(piece.apply(i));
        }
        return text.toString();
    }

    String reasoningText() {
        return String.join("", reasoning);
    }

    long completionTokens() {
        return fromCache() ? 0 : reasoning.size() + pieces;
    }

    long reasoningTokens() {
        return fromCache() ? 0 : reasoning.size();
    }

    String servedModel() {
        return model.canonicalSlug();
    }

    BigDecimal promptCost() {
        if (fromCache()) {
            return BigDecimal.ZERO;
        }
        long plain = promptTokens - cachedTokens - cacheWriteTokens;
        return times("prompt", plain)
                .add(times("input_cache_read", cachedTokens))
                .add(times("input_cache_write", cacheWriteTokens))
                .add(model.price("request"));
    }

    BigDecimal completionCost(long tokens) {
        return times("completion", tokens);
    }

    /** USD for the prompt and this many tokens of answer. */
    BigDecimal cost(long tokens) {
        return promptCost().add(completionCost(tokens));
    }

    BigDecimal cost() {
        return cost(completionTokens());
    }

    private BigDecimal times(String price, long tokens) {
        return model.price(price).multiply(BigDecimal.valueOf(tokens));
    }
}
