package dev.keyway.stream;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.exchange.Usage;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Usage as it comes together from one or more {@code usage} objects: the last figure of each kind counts, one that is
 * absent, null or no figure leaves what was known. Names of the chat, responses and messages APIs.
 */
final class UsageFields {
    private static final long MAX_TOKENS = 1_000_000_000_000_000L;
    private static final BigDecimal MAX_COST = BigDecimal.valueOf(1_000_000_000);
    private static final int MAX_SCALE = 100;
    private static final int MAX_TEXT = 64;

    private @Nullable Long prompt;
    private @Nullable Long cached;
    private @Nullable Long cacheWrite;
    private @Nullable Long completion;
    private @Nullable Long reasoning;
    private @Nullable BigDecimal cost;

    /** Takes what this {@code usage} value says. */
    void merge(JsonNode usage) {
        prompt = first(prompt, usage.path("prompt_tokens"), usage.path("input_tokens"));
        completion = first(completion, usage.path("completion_tokens"), usage.path("output_tokens"));
        JsonNode read = usage.path("prompt_tokens_details");
        JsonNode input = usage.path("input_tokens_details");
        cached = first(
                cached, read.path("cached_tokens"), input.path("cached_tokens"), usage.path("cache_read_input_tokens"));
        cacheWrite = first(
                cacheWrite,
                read.path("cache_write_tokens"),
                input.path("cache_write_tokens"),
                usage.path("cache_creation_input_tokens"));
        reasoning = first(
                reasoning,
                usage.path("completion_tokens_details").path("reasoning_tokens"),
                usage.path("output_tokens_details").path("reasoning_tokens"));
        BigDecimal said = cost(usage.path("cost"));
        cost = said == null ? cost : said;
    }

    /** What is known; null when nothing is. */
    @Nullable
    Usage usage() {
        if (prompt == null && completion == null && cost == null) {
            return null;
        }
        return new Usage(
                orZero(prompt), orZero(cached), orZero(cacheWrite), orZero(completion), orZero(reasoning), cost);
    }

    private static long orZero(@Nullable Long count) {
        return count == null ? 0 : count;
    }

    private static @Nullable Long first(@Nullable Long known, JsonNode... candidates) {
        for (JsonNode candidate : candidates) {
            BigDecimal number = number(candidate);
            if (number != null && number.signum() >= 0 && number.compareTo(BigDecimal.valueOf(MAX_TOKENS)) <= 0) {
                return number.longValue();
            }
        }
        return known;
    }

    private static @Nullable BigDecimal cost(JsonNode node) {
        BigDecimal number = number(node);
        boolean sane = number != null
                && number.signum() >= 0
                && number.compareTo(MAX_COST) <= 0
                && Math.abs((long) number.scale()) <= MAX_SCALE;
        return sane ? number : null;
    }

    private static @Nullable BigDecimal number(JsonNode node) {
        if (node.isNumber()) {
            return node.decimalValue();
        }
        if (!node.isTextual() || node.textValue().length() > MAX_TEXT) {
            return null;
        }
        try {
            return new BigDecimal(node.textValue().trim());
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
