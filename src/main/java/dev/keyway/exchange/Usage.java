package dev.keyway.exchange;

import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Tokens and cost as the upstream said them.
 *
 * @param promptTokens tokens read, {@code usage.prompt_tokens} or {@code input_tokens}
 * @param cachedTokens of those, read from a prompt cache
 * @param cacheWriteTokens of those, written to a prompt cache
 * @param completionTokens tokens written, {@code usage.completion_tokens} or {@code output_tokens}
 * @param reasoningTokens of those, reasoning
 * @param cost {@code usage.cost} in USD exactly as it stood in the bytes; null when it was absent or null
 */
public record Usage(
        long promptTokens,
        long cachedTokens,
        long cacheWriteTokens,
        long completionTokens,
        long reasoningTokens,
        @Nullable BigDecimal cost) {}
