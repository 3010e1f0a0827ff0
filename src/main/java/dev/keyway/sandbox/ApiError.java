package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An error in OpenRouter's terms, before it is put into the envelope of one API.
 *
 * @param status HTTP status, also {@code error.code}
 * @param headers header lines that go with it
 * @param accountKnown whether the envelope names a {@code user_id}
 */
record ApiError(
        int status,
        String message,
        @Nullable ObjectNode metadata,
        @Nullable ObjectNode availability,
        List<String> headers,
        boolean accountKnown) {
    private static final String DOCS = "https://openrouter.ai/docs/errors#";

    static ApiError plain(int status, String message) {
        return new ApiError(status, message, null, null, List.of(), true);
    }

    static ApiError typed(int status, String message, String errorType) {
        return plain(status, message).with(Json.object().put("error_type", errorType));
    }

    ApiError with(ObjectNode value) {
        return new ApiError(status, message, value, availability, headers, accountKnown);
    }

    ApiError withHeaders(String... lines) {
        return new ApiError(status, message, metadata, availability, List.of(lines), accountKnown);
    }

    ApiError anonymous() {
        return new ApiError(status, message, metadata, availability, headers, false);
    }

    private ApiError available(String code, boolean retryable, @Nullable Integer retryAfter, String model) {
        ObjectNode node = Json.object().put("code", code).put("retryable", retryable);
        if (retryAfter != null) {
            node.put("retry_after", retryAfter);
        }
        node.putArray("requested_models").add(model);
        node.put("docs_url", DOCS + code);
        return new ApiError(status, message, metadata, node, headers, accountKnown);
    }

    static ApiError missingCredential() {
        return plain(401, "Missing Authentication header").anonymous();
    }

    static ApiError badCredential() {
        return plain(401, "User not found.").anonymous();
    }

    static ApiError invalid(String message) {
        return typed(400, message, "invalid_request").anonymous();
    }

    static ApiError unknownModel(String model) {
        return typed(400, model + " is not a valid model ID", "invalid_request")
                .available("model_not_found", false, null, model);
    }

    static ApiError noEndpoints(String model) {
        return plain(404, "No endpoints found for " + model + ".");
    }

    static ApiError noSuchRoute() {
        return plain(404, "Not Found").anonymous();
    }

    static ApiError noCredit() {
        return plain(402, "Insufficient credits. Add more using https://openrouter.ai/settings/credits");
    }

    static ApiError tooDear(long asked, long affordable) {
        String short402 = "This request requires more credits, or fewer max_tokens. You requested up to " + asked
                + " tokens, but can only afford " + affordable + ".";
        ObjectNode metadata = Json.object()
                .put("limit_source", "openrouter_credits")
                .put("remedy_hint", "Add credits, or lower max_tokens or the prompt size.")
                .putNull("provider_name");
        metadata.putArray("previous_errors").addObject().put("code", 402).put("message", short402);
        return plain(402, short402 + " To increase, visit https://openrouter.ai/settings/credits and add more credits")
                .with(metadata);
    }

    static ApiError inFlight(int seconds) {
        return plain(402, "Too many paid requests in flight for the available credits")
                .with(Json.object()
                        .put("limit_source", "openrouter_in_flight_budget")
                        .put("reason", "in_flight_budget_exhausted"))
                .withHeaders("Retry-After: " + seconds);
    }

    static ApiError keyLimit(String kind) {
        return plain(
                403, "Key limit exceeded (" + kind + " limit). Manage it using https://openrouter.ai/settings/keys");
    }

    static ApiError freeDaily(int limit, Instant reset) {
        String hint = limit >= 1_000
                ? "free-models-per-day-high-balance. "
                : "free-models-per-day. Add 10 credits to unlock 1000 free model requests per day";
        ObjectNode metadata = Json.object();
        metadata.set("headers", rateHeaders(limit, reset));
        metadata.put("limit_source", "openrouter_free_tier_daily")
                .put("remedy_hint", "Wait for the daily reset, or purchase credits.")
                .putNull("provider_name");
        return freeLimit(hint, limit, reset, metadata);
    }

    static ApiError freeMinute(int limit, Instant reset) {
        ObjectNode metadata = Json.object();
        metadata.set("headers", rateHeaders(limit, reset));
        metadata.put("limit_source", "openrouter_free_tier_minute");
        return freeLimit("free-models-per-min. ", limit, reset, metadata);
    }

    private static ApiError freeLimit(String what, int limit, Instant reset, ObjectNode metadata) {
        return plain(429, "Rate limit exceeded: " + what)
                .with(metadata)
                .withHeaders(
                        "X-RateLimit-Limit: " + limit,
                        "X-RateLimit-Remaining: 0",
                        "X-RateLimit-Reset: " + reset.toEpochMilli());
    }

    private static ObjectNode rateHeaders(int limit, Instant reset) {
        return Json.object()
                .put("X-RateLimit-Limit", Integer.toString(limit))
                .put("X-RateLimit-Remaining", "0")
                .put("X-RateLimit-Reset", Long.toString(reset.toEpochMilli()));
    }

    static ApiError providerLimit(String model, String provider, int seconds) {
        ObjectNode metadata = Json.object()
                .put("raw", model + " is temporarily rate-limited upstream. Please retry shortly.")
                .put("provider_name", provider)
                .put("is_byok", false)
                .put("limit_source", "upstream_provider_shared_pool")
                .put("remedy_hint", "Retry shortly, add your own provider key, or route elsewhere.")
                .put("retry_after_seconds", seconds)
                .put("retry_after_seconds_raw", seconds - 0.8);
        metadata.putObject("headers").put("Retry-After", Integer.toString(seconds));
        return plain(429, "Provider returned error").with(metadata).withHeaders("Retry-After: " + seconds);
    }

    static ApiError moderation(String model, String provider) {
        ObjectNode metadata = Json.object();
        metadata.putArray("reasons").add("violence");
        metadata.put("flagged_input", "first fifty characters of the flagged te...last fifty characters of the text")
                .put("provider_name", provider)
                .put("model_slug", model);
        return plain(
                        403,
                        model + " requires moderation on " + provider
                                + ". Your input was flagged for \"violence\". No credits were charged.")
                .with(metadata);
    }

    static ApiError provider(int status, String provider) {
        return plain(status, "Provider returned error")
                .with(Json.object()
                        .put("raw", "upstream sent an empty body")
                        .put("provider_name", provider)
                        .put("is_byok", false)
                        .put("error_type", "provider_unavailable"));
    }

    static ApiError unavailable(String model, int seconds) {
        return typed(503, "No provider can serve this request right now", "provider_overloaded")
                .available("temporarily_unavailable", true, seconds, model)
                .withHeaders("Retry-After: " + seconds);
    }

    static ApiError server() {
        return typed(500, "Internal Server Error", "server");
    }

    static ApiError tooLarge() {
        return typed(413, "Request body is too large", "payload_too_large").anonymous();
    }

    /** The chat API's envelope; {@code account} is the {@code user_id}. */
    ObjectNode envelope(String account) {
        ObjectNode root = Json.object();
        root.set("error", node());
        if (accountKnown) {
            root.put("user_id", account);
        }
        return root;
    }

    ObjectNode node() {
        ObjectNode error = Json.object().put("message", message).put("code", status);
        if (metadata != null) {
            error.set("metadata", metadata);
        }
        if (availability != null) {
            error.set("availability", availability);
        }
        return error;
    }

    /** The word for the kind of error, as in {@code metadata.error_type}. */
    String errorType() {
        if (metadata != null && metadata.has("error_type")) {
            return metadata.get("error_type").asText();
        }
        return switch (status) {
            case 401 -> "authentication";
            case 402 -> "payment_required";
            case 403 -> "permission_denied";
            case 404 -> "not_found";
            case 408, 504, 524 -> "timeout";
            case 429 -> "rate_limit_exceeded";
            case 503, 529 -> "provider_overloaded";
            default -> status >= 500 ? "server" : "invalid_request";
        };
    }
}
