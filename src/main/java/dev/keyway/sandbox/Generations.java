package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Makes generation ids and remembers the last generations for {@code GET /generation}. */
final class Generations {
    private static final int KEPT = 10_000;
    private static final int ID_LENGTH = 20;
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    private final InstantSource clock;
    private final RandomGenerator random;
    private BigDecimal billed = BigDecimal.ZERO;
    private final Map<String, ObjectNode> rows = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, ObjectNode> eldest) {
            return size() > KEPT;
        }
    };

    Generations(InstantSource clock, RandomGenerator random) {
        this.clock = clock;
        this.random = random;
    }

    /** {@code <prefix>-<seconds>-<20 letters and digits>}. */
    String newId(String prefix) {
        StringBuilder id =
                new StringBuilder(prefix).append('-').append(seconds()).append('-');
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return id.toString();
    }

    long seconds() {
        return clock.instant().getEpochSecond();
    }

    Instant now() {
        return clock.instant();
    }

    synchronized @Nullable ObjectNode find(String id) {
        return rows.get(id);
    }

    synchronized BigDecimal billed() {
        return billed;
    }

    synchronized void forget() {
        rows.clear();
        billed = BigDecimal.ZERO;
    }

    /** Writes down what a generation came to. */
    synchronized void settle(Generation g, boolean streamed, boolean cancelled, long tokens, BigDecimal cost) {
        billed = billed.add(cost);
        ObjectNode row = Json.object().put("id", g.id()).put("upstream_id", "chatcmpl-standin");
        row.set("total_cost", Json.decimal(cost));
        row.putNull("cache_discount").put("upstream_inference_cost", 0);
        row.put("created_at", Instant.ofEpochSecond(g.created()).toString())
                .put("model", g.servedModel())
                .putNull("app_id")
                .put("streamed", streamed)
                .put("cancelled", cancelled)
                .put("provider_name", g.provider())
                .put("latency", 1)
                .putNull("moderation_latency")
                .put("generation_time", 1)
                .put("finish_reason", cancelled ? null : ChatDialect.finish(g))
                .put("native_finish_reason", cancelled ? null : ChatDialect.nativeFinish(g))
                .putNull("service_tier")
                .put("tokens_prompt", g.promptTokens())
                .put("tokens_completion", tokens)
                .put("native_tokens_prompt", g.promptTokens())
                .put("native_tokens_completion", tokens)
                .putNull("native_tokens_completion_images")
                .put("native_tokens_reasoning", Math.min(tokens, g.reasoning().size()))
                .put("native_tokens_cached", g.cachedTokens());
        for (String name : new String[] {
            "num_media_prompt",
            "num_input_audio_prompt",
            "num_media_completion",
            "num_search_results",
            "num_fetches",
            "web_search_engine"
        }) {
            row.putNull(name);
        }
        row.put("origin", "");
        row.set("usage", Json.decimal(cost));
        row.put("is_byok", false)
                .putNull("external_user")
                .put("api_type", "completions")
                .putNull("preset_id")
                .putNull("router");
        row.putArray("provider_responses")
                .addObject()
                .put("provider_name", g.provider())
                .put("status", 200)
                .put("latency", 1)
                .put("is_byok", false);
        row.putNull("user_agent").putNull("http_referer").put("data_region", "global");
        for (String name : new String[] {"session_id", "request_id", "response_cache_source_id", "workspace_id"}) {
            row.putNull(name);
        }
        rows.put(g.id(), row);
    }

    /** Adds to the bill what has no generation of its own. */
    synchronized void bill(BigDecimal cost) {
        billed = billed.add(cost);
    }
}
