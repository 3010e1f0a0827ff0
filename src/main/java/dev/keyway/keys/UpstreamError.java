package dev.keyway.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An error as the upstream words it, in any of its shapes: {@code error.metadata}, or on the Messages API
 * {@code metadata} beside {@code error}. What is missing or of another type reads as absent.
 */
final class UpstreamError {
    /** Longer bodies are no error of the upstream's own making. */
    static final int MAX_BYTES = 64 * 1024;

    private static final String RESET = "X-RateLimit-Reset";
    private static final ObjectMapper JSON = new ObjectMapper();
    private final JsonNode error;
    private final JsonNode metadata;

    private UpstreamError(JsonNode root) {
        error = root.path("error");
        metadata = error.path("metadata").isObject() ? error.path("metadata") : root.path("metadata");
    }

    /** Reads a body; one that is empty, too long or no JSON is an error that says nothing. */
    static UpstreamError read(byte[] body) {
        if (body.length == 0 || body.length > MAX_BYTES) {
            return new UpstreamError(MissingNode.getInstance());
        }
        try {
            JsonNode root = JSON.readTree(body);
            return new UpstreamError(root == null ? MissingNode.getInstance() : root);
        } catch (IOException notJson) {
            return new UpstreamError(MissingNode.getInstance());
        }
    }

    /**
     * Whether it is about a rate limit though its status is not 429: by its code, or by its message when a server error
     * has no number for a code. A client error's message does not count: it may repeat what the client wrote.
     */
    boolean saysRateLimit(int status) {
        String code = text(error.path("code"));
        if (code.strip().equals("429") || isLimitWord(code)) {
            return true;
        }
        boolean numbered = !code.isEmpty() && code.chars().allMatch(c -> c >= '0' && c <= '9');
        if (numbered || status < 500) {
            return false;
        }
        return isLimitWord(text(error.path("type")))
                || isLimitWord(text(error.path("error_type")))
                || lower(error.path("message")).contains("rate limit");
    }

    /** Whether a provider behind the upstream is the one that limits. */
    boolean isTheProvidersLimit() {
        String source = text(metadata.path("limit_source"));
        if (source.startsWith("openrouter")) {
            return false;
        }
        String raw =
                metadata.path("raw").isContainerNode() ? metadata.path("raw").toString() : text(metadata.path("raw"));
        return !text(metadata.path("provider_name")).isEmpty()
                || source.startsWith("upstream")
                || raw.contains("RESOURCE_EXHAUSTED")
                || raw.toLowerCase(Locale.ROOT).contains("rate-limited upstream")
                || lower(error.path("message")).contains("rate-limited upstream");
    }

    /** The resets stated in body and head, the first to be believed first. */
    List<StatedReset> statedResets(Function<String, @Nullable String> header) {
        List<StatedReset> stated = new ArrayList<>(3);
        metadata.path("headers").properties().stream()
                .filter(member -> member.getKey().equalsIgnoreCase(RESET))
                .filter(member -> !member.getValue().isNull())
                .limit(1)
                .forEach(member ->
                        stated.add(new StatedReset("error.metadata.headers " + RESET, text(member.getValue()))));
        for (String name : List.of(RESET, "Retry-After")) {
            String value = header.apply(name);
            if (value != null) {
                stated.add(new StatedReset(name, value));
            }
        }
        return stated;
    }

    private static boolean isLimitWord(String word) {
        return word.toLowerCase(Locale.ROOT).startsWith("rate_limit");
    }

    private static String lower(JsonNode node) {
        return text(node).toLowerCase(Locale.ROOT);
    }

    private static String text(JsonNode node) {
        return node.isValueNode() && !node.isNull() ? node.asText() : "";
    }
}
