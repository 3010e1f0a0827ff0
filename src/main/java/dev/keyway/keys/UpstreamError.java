package dev.keyway.keys;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.temporal.TemporalAdjusters;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * An error as the upstream words it, in any of its shapes: {@code error} at the top, in a choice or in a failed response,
 * or the event itself; its {@code metadata} in it or, on the Messages API, beside it. What is missing or of another type
 * reads as absent.
 */
final class UpstreamError {
    /** Longer bodies are no error of the upstream's own making. */
    static final int MAX_BYTES = 64 * 1024;

    private static final String RESET = "X-RateLimit-Reset";
    private static final String RETRY_AFTER = "Retry-After";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> KEY_SCOPES = Set.of("key", "key_limit", "api_key");
    private static final List<String> KEY_NAMES =
            List.of("api key", "api-key", "management key", "provisioning key", "this key");
    private static final String AFFORDABLE = "can only afford ";
    private static final int MAX_CHOICES = 16;

    private final JsonNode error;
    private final JsonNode metadata;
    private final JsonNode availability;
    private final String message;
    private final boolean page;

    private UpstreamError(JsonNode root, boolean page) {
        this.error = find(root);
        this.metadata = error.path("metadata").isObject() ? error.path("metadata") : root.path("metadata");
        this.availability =
                error.path("availability").isObject() ? error.path("availability") : root.path("availability");
        this.message = lower(error.path("message"));
        this.page = page;
    }

    /** Reads a body; one that is empty, too long or no JSON is an error that says nothing. */
    static UpstreamError read(byte[] body) {
        if (body.length == 0 || body.length > MAX_BYTES) {
            return new UpstreamError(MissingNode.getInstance(), false);
        }
        try {
            JsonNode root = JSON.readTree(body);
            return new UpstreamError(root == null ? MissingNode.getInstance() : root, false);
        } catch (IOException notJson) {
            return new UpstreamError(MissingNode.getInstance(), isPage(body));
        }
    }

    private static boolean isPage(byte[] body) {
        for (byte each : body) {
            if (each > ' ') {
                return each == '<';
            }
        }
        return false;
    }

    private static JsonNode find(JsonNode root) {
        JsonNode failed = root.path("response").path("error");
        if (!root.path("error").isMissingNode() && !root.path("error").isNull()) {
            return root.path("error");
        }
        if (failed.isObject()) {
            return failed;
        }
        for (int i = 0; i < Math.min(MAX_CHOICES, root.path("choices").size()); i++) {
            JsonNode choice = root.path("choices").path(i).path("error");
            if (choice.isObject()) {
                return choice;
            }
        }
        return root.path("type").asText("").equals("error") ? root : MissingNode.getInstance();
    }

    /** Whether it is JSON that names an error: not a page or a fragment from something before the upstream. */
    boolean isUpstreamsOwn() {
        return error.isObject() && (error.has("message") || error.has("code"));
    }

    /** Whether it is HTML or the like: by its first character. */
    boolean isAPage() {
        return page;
    }

    // ---- limits

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
                || message.contains("rate limit");
    }

    /** Whether a provider behind the upstream is the one that limits, or the model's capacity is used up. */
    boolean isTheProvidersLimit() {
        String source = source();
        if (source.startsWith("openrouter")) {
            return false;
        }
        String raw =
                metadata.path("raw").isContainerNode() ? metadata.path("raw").toString() : text(metadata.path("raw"));
        return !text(metadata.path("provider_name")).isEmpty()
                || source.startsWith("upstream")
                || raw.contains("RESOURCE_EXHAUSTED")
                || raw.toLowerCase(Locale.ROOT).contains("rate-limited upstream")
                || message.contains("rate-limited upstream")
                || text(availability.path("code")).equals("capacity_exhausted");
    }

    /** Whether a provider said it, and the upstream only passes it on. */
    boolean isTheProviders() {
        return !source().startsWith("openrouter")
                && !text(metadata.path("provider_name")).isEmpty();
    }

    boolean isAboutFreeModels() {
        return source().startsWith("openrouter_free_tier") || message.contains("free-models-per-");
    }

    /** Of a limit on free models: whether it is that of the minute, not of the day. */
    boolean isAboutAMinute() {
        return source().endsWith("_minute") || message.contains("-per-min");
    }

    // ---- credit

    boolean isAboutRequestsUnderWay() {
        return source().equals("openrouter_in_flight_budget") || reason().equals("in_flight_budget_exhausted");
    }

    boolean isAboutThisRequestsWeight() {
        return reason().equals("weight_exceeds_budget");
    }

    boolean isAboutTheKeysLimit() {
        if (isFromAGuard()) {
            return false;
        }
        String source = source();
        return source.equals("openrouter_key_limit")
                || message.startsWith("key limit exceeded")
                || (!source.startsWith("openrouter_") && KEY_SCOPES.contains(text(metadata.path("scope"))));
    }

    boolean isAboutABudget() {
        return source().endsWith("_budget");
    }

    /** Whether some credit is left, only not enough for the most that this request could cost. */
    boolean affordsSome() {
        int at = message.indexOf(AFFORDABLE);
        if (at < 0) {
            return message.contains("fewer max_tokens");
        }
        int first = at + AFFORDABLE.length();
        for (int i = first; i < message.length() && isDigit(message.charAt(i)); i++) {
            if (message.charAt(i) != '0') {
                return true;
            }
        }
        return false;
    }

    /** Whether it is the key itself that is refused, by its message; not when a guard looked at what the client wrote. */
    boolean namesTheKey() {
        return !isFromAGuard()
                && !isTheProviders()
                && !isAboutABudget()
                && availability.isMissingNode()
                && KEY_NAMES.stream().anyMatch(message::contains);
    }

    private boolean isFromAGuard() {
        return metadata.has("reasons")
                || metadata.has("flagged_input")
                || metadata.has("patterns")
                || message.startsWith("request blocked")
                || message.contains("requires moderation")
                || message.contains("flagged");
    }

    // ---- until when

    /** The resets stated in body and head, the first to be believed first. */
    List<StatedReset> statedResets(Function<String, @Nullable String> header) {
        List<StatedReset> stated = new ArrayList<>(4);
        metadata.path("headers").properties().stream()
                .filter(member -> member.getKey().equalsIgnoreCase(RESET))
                .filter(member -> !member.getValue().isNull())
                .limit(1)
                .forEach(member ->
                        stated.add(new StatedReset("error.metadata.headers " + RESET, text(member.getValue()))));
        for (String name : List.of(RESET, RETRY_AFTER)) {
            String value = header.apply(name);
            if (value != null) {
                stated.add(new StatedReset(name, value));
            }
        }
        return stated;
    }

    /** How long to wait, as head and body state it. */
    List<StatedReset> statedPauses(Function<String, @Nullable String> header) {
        List<StatedReset> stated = new ArrayList<>(3);
        String value = header.apply(RETRY_AFTER);
        if (value != null) {
            stated.add(new StatedReset(RETRY_AFTER, value));
        }
        add(stated, "error.metadata.retry_after_seconds", metadata.path("retry_after_seconds"));
        add(stated, "error.availability.retry_after", availability.path("retry_after"));
        return stated;
    }

    /** When what may be spent is renewed. */
    List<StatedReset> statedRenewals() {
        List<StatedReset> stated = new ArrayList<>(1);
        add(stated, "error.metadata.resets_at", metadata.path("resets_at"));
        return stated;
    }

    private static void add(List<StatedReset> stated, String source, JsonNode value) {
        if (value.isValueNode() && !value.isNull()) {
            stated.add(new StatedReset(source, value.asText()));
        }
    }

    /** When a key's limit is renewed, by the word for it in the message; null when it has none, or never is. */
    @Nullable
    Instant renewalInWords(Instant now) {
        LocalDate today = LocalDate.ofInstant(now, ZoneOffset.UTC);
        LocalDate renewed = null;
        if (message.contains("daily limit")) {
            renewed = today.plusDays(1);
        } else if (message.contains("weekly limit")) {
            renewed = today.with(TemporalAdjusters.next(DayOfWeek.MONDAY));
        } else if (message.contains("monthly limit")) {
            renewed = today.with(TemporalAdjusters.firstDayOfNextMonth());
        }
        return renewed == null ? null : renewed.atStartOfDay(ZoneOffset.UTC).toInstant();
    }

    private String source() {
        return text(metadata.path("limit_source"));
    }

    private String reason() {
        return text(metadata.path("reason"));
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
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
