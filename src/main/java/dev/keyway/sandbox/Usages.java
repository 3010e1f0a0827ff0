package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** The {@code usage} objects of the APIs, with costs as exact decimals. */
final class Usages {
    private Usages() {}

    static ObjectNode chat(Generation g) {
        ObjectNode usage = Json.object()
                .put("prompt_tokens", g.promptTokens())
                .put("completion_tokens", g.completionTokens())
                .put("total_tokens", g.promptTokens() + g.completionTokens());
        usage.set("cost", Json.decimal(g.cost()));
        usage.put("is_byok", false);
        usage.putObject("prompt_tokens_details")
                .put("cached_tokens", g.cachedTokens())
                .put("cache_write_tokens", g.cacheWriteTokens())
                .put("audio_tokens", 0)
                .put("video_tokens", 0);
        usage.set("cost_details", details(g, "prompt_cost", "completions_cost"));
        usage.putObject("completion_tokens_details")
                .put("reasoning_tokens", g.reasoningTokens())
                .put("image_tokens", 0)
                .put("audio_tokens", 0);
        return usage;
    }

    static ObjectNode responses(Generation g) {
        ObjectNode usage = Json.object().put("input_tokens", g.promptTokens());
        usage.putObject("input_tokens_details")
                .put("cached_tokens", g.cachedTokens())
                .put("cache_write_tokens", g.cacheWriteTokens());
        usage.put("output_tokens", g.completionTokens());
        usage.putObject("output_tokens_details").put("reasoning_tokens", g.reasoningTokens());
        usage.put("total_tokens", g.promptTokens() + g.completionTokens());
        usage.set("cost", Json.decimal(g.cost()));
        usage.put("is_byok", false);
        usage.set("cost_details", details(g, "input_cost", "output_cost"));
        return usage;
    }

    static ObjectNode messages(Generation g) {
        ObjectNode usage = messagesStart(g).put("output_tokens", g.completionTokens());
        usage.set("cost", Json.decimal(g.cost()));
        usage.put("is_byok", false);
        usage.set("cost_details", details(g, "prompt_cost", "completions_cost"));
        return usage;
    }

    /** In {@code message_start}: nothing has been written yet. */
    static ObjectNode messagesStart(Generation g) {
        return Json.object()
                .put("input_tokens", g.promptTokens() - g.cachedTokens() - g.cacheWriteTokens())
                .put("output_tokens", 0)
                .put("cache_creation_input_tokens", g.cacheWriteTokens())
                .put("cache_read_input_tokens", g.cachedTokens())
                .putNull("cache_creation")
                .putNull("inference_geo")
                .putNull("output_tokens_details")
                .putNull("server_tool_use")
                .put("service_tier", "standard");
    }

    /** In {@code message_delta}: the true figures. */
    static ObjectNode messagesEnd(Generation g) {
        ObjectNode usage = Json.object()
                .put("input_tokens", g.promptTokens() - g.cachedTokens() - g.cacheWriteTokens())
                .put("output_tokens", g.completionTokens())
                .put("cache_creation_input_tokens", g.cacheWriteTokens())
                .put("cache_read_input_tokens", g.cachedTokens())
                .putNull("output_tokens_details")
                .putNull("server_tool_use");
        usage.set("cost", Json.decimal(g.cost()));
        return usage.put("is_byok", false);
    }

    private static ObjectNode details(Generation g, String prompt, String completion) {
        ObjectNode details = Json.object();
        details.set("upstream_inference_cost", Json.decimal(g.cost()));
        details.set("upstream_inference_" + prompt, Json.decimal(g.promptCost()));
        details.set("upstream_inference_" + completion, Json.decimal(g.completionCost(g.completionTokens())));
        return details;
    }
}
