package dev.keyway.stream;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The HTTP status an error stands for that came inside a 200: its own number, else what its words mean, else 502. */
final class ErrorStatus {
    private static final int UNKNOWN = 502;
    private static final Map<String, Integer> WORDS = words();

    private ErrorStatus() {}

    /**
     * Reads it.
     *
     * @param root the object that holds the error
     * @param error the error itself: an object, a string, or the same as {@code root}
     */
    static int of(JsonNode root, JsonNode error) {
        List<JsonNode> numbers = List.of(
                error.path("code"),
                error.path("http_status"),
                error.path("status"),
                root.path("http_status"),
                root.path("code"),
                root.path("status"));
        for (JsonNode number : numbers) {
            int status = status(number);
            if (status != 0) {
                return status;
            }
        }
        return ofWords(root, error);
    }

    private static int ofWords(JsonNode root, JsonNode error) {
        List<JsonNode> candidates = List.of(
                error.path("code"),
                error.path("error_type"),
                error.path("metadata").path("error_type"),
                root.path("error_type"),
                root.path("metadata").path("error_type"),
                error.path("availability").path("code"),
                root.path("availability").path("code"),
                error.path("type"),
                root.path("code"),
                error);
        for (JsonNode candidate : candidates) {
            Integer status = ofWord(candidate.textValue());
            if (status != null) {
                return status;
            }
        }
        return UNKNOWN;
    }

    private static @Nullable Integer ofWord(@Nullable String word) {
        if (word == null) {
            return null;
        }
        String name = word.toLowerCase(Locale.ROOT);
        Integer status = WORDS.get(name);
        boolean aboutAnImage = name.startsWith("image_") || name.startsWith("invalid_image");
        return status == null && aboutAnImage ? Integer.valueOf(400) : status;
    }

    private static int status(JsonNode node) {
        int number = 0;
        if (node.isIntegralNumber() && node.canConvertToInt()) {
            number = node.intValue();
        } else if (node.isTextual() && node.textValue().length() == 3) {
            number = digits(node.textValue());
        }
        return number >= 400 && number <= 599 ? number : 0;
    }

    private static int digits(String text) {
        int number = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < '0' || c > '9') {
                return 0;
            }
            number = 10 * number + c - '0';
        }
        return number;
    }

    private static Map<String, Integer> words() {
        Map<String, Integer> words = new HashMap<>();
        put(words, 400, "invalid_request", "invalid_request_error", "invalid_prompt", "context_length_exceeded");
        put(words, 400, "max_tokens_exceeded", "token_limit_exceeded", "string_too_long", "unsupported_image_format");
        put(words, 400, "unsupported_image_media_type", "empty_image_file", "failed_to_download_image");
        put(words, 400, "invalid_base64_image", "refusal", "bio_policy", "data_residency_mismatch");
        put(words, 400, "model_not_found", "wrong_endpoint");
        put(words, 401, "authentication", "authentication_error");
        put(words, 402, "payment_required", "billing_error");
        put(words, 403, "permission_denied", "permission_error", "content_policy_violation", "region_restricted");
        put(words, 404, "not_found", "not_found_error", "no_endpoints", "model_deprecated", "privacy_restricted");
        put(words, 404, "model_unavailable_upstream", "constraint_filtered", "free_variant_ended");
        put(words, 412, "precondition_failed");
        put(words, 413, "payload_too_large", "request_too_large");
        put(words, 422, "unprocessable");
        put(words, 429, "rate_limit_exceeded", "rate_limit_error", "capacity_exhausted");
        put(words, 500, "server_error", "api_error", "internal_error", "internal_server_error", "server");
        put(words, 502, "provider_unavailable");
        put(words, 503, "temporarily_unavailable", "service_unavailable");
        put(words, 504, "timeout", "timeout_error", "vector_store_timeout");
        put(words, 529, "provider_overloaded", "overloaded_error");
        return Map.copyOf(words);
    }

    private static void put(Map<String, Integer> words, int status, String... names) {
        for (String name : names) {
            words.put(name, status);
        }
    }
}
