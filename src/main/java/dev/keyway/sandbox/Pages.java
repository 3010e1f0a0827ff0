package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** What can be read without running a model: catalogue, key, credits, generations. */
final class Pages {
    private static final int DEFAULT_LIMIT = 500;
    private static final int MAX_LIMIT = 1_000;
    private static final Duration HOLD = Duration.ofMillis(5);
    private final Catalogue catalogue;
    private final Generations generations;
    private final Queue<Reply> lists = new ConcurrentLinkedQueue<>();
    private volatile CompletableFuture<Void> open = CompletableFuture.completedFuture(null);

    Pages(Catalogue catalogue, Generations generations) {
        this.catalogue = catalogue;
        this.generations = generations;
    }

    /** The next answers to {@code GET /models} itself, whoever asks. */
    void lists(List<Reply> replies) {
        lists.addAll(replies);
    }

    /** No list of models is sent before this is done. */
    void holdLists(CompletableFuture<Void> until) {
        open = until;
    }

    /** {@code GET /models}: with a validator, so that an unchanged list need not be sent again. */
    void list(Call call) throws IOException {
        while (!open.isDone()) {
            call.line().pause(HOLD);
        }
        Reply scripted = lists.poll();
        if (scripted != null && scripted.fixed()) {
            Replies.send(call, scripted);
        } else {
            models(call, "text");
        }
    }

    /** {@code GET /models} and its kin; {@code modality} is what a model must produce, when the query has no word. */
    void models(Call call, String modality) throws IOException {
        List<CatalogueModel> found = selected(call, modality);
        ObjectNode root = Json.object();
        ArrayNode data = root.putArray("data");
        String offset = parameter(call, "offset");
        String limit = parameter(call, "limit");
        int from = Math.min(number("offset", offset, 0, 0, Integer.MAX_VALUE), found.size());
        int count = number("limit", limit, DEFAULT_LIMIT, 1, MAX_LIMIT);
        boolean paged = offset != null || limit != null;
        int to = paged ? Math.min(found.size(), from + count) : found.size();
        found.subList(from, to).forEach(model -> data.add(model.row()));
        root.put("total_count", found.size());
        String next = to < found.size() ? "/api/v1/models?offset=" + to + "&limit=" + count : null;
        root.putObject("links").put("next", next);
        byte[] body = Json.bytes(root);
        String etag = "W/\"" + Integer.toHexString(Arrays.hashCode(body)) + '"';
        if (call.request().all("If-None-Match").contains(etag)) {
            call.answer().whole(304, List.of("ETag: " + etag), new byte[0]);
        } else {
            Replies.bytes(call, 200, "application/json", body, "ETag: " + etag);
        }
    }

    void count(Call call) throws IOException {
        ObjectNode root = Json.object();
        root.putObject("data").put("count", selected(call, "text").size());
        Replies.json(call, 200, root);
    }

    private List<CatalogueModel> selected(Call call, String otherwise) {
        String modality = parameter(call, "output_modalities");
        String wanted = modality == null ? otherwise : modality;
        String words = parameter(call, "q");
        String part = words == null ? "" : words.toLowerCase(Locale.ROOT);
        return catalogue.all().stream()
                .filter(model -> wanted.equals("all") || model.produces(wanted))
                .filter(model -> model.id().contains(part)
                        || model.row()
                                .get("name")
                                .asText()
                                .toLowerCase(Locale.ROOT)
                                .contains(part))
                .toList();
    }

    void model(Call call, String name) throws IOException {
        ObjectNode root = Json.object();
        root.set("data", row(name).row());
        Replies.json(call, 200, root);
    }

    private CatalogueModel row(String name) {
        CatalogueModel model = catalogue.row(URLDecoder.decode(name, StandardCharsets.UTF_8));
        if (model == null) {
            throw new RefusedException(ApiError.plain(404, "Model not found").anonymous());
        }
        return model;
    }

    void endpoints(Call call, String name) throws IOException {
        CatalogueModel model = row(name);
        ObjectNode root = Json.object();
        ObjectNode data = root.putObject("data");
        for (String member : List.of("id", "name", "created", "description", "architecture")) {
            data.set(member, model.row().get(member));
        }
        ArrayNode endpoints = data.putArray("endpoints");
        model.providers().forEach(provider -> endpoints.add(endpoint(model, provider)));
        Replies.json(call, 200, root);
    }

    private static ObjectNode endpoint(CatalogueModel model, CatalogueModel.Provider provider) {
        ObjectNode node = Json.object()
                .put("name", provider.name() + " | " + model.id())
                .put("model_id", model.id())
                .put("model_name", model.row().get("name").asText());
        node.set("context_length", model.row().get("context_length"));
        node.set("pricing", ((ObjectNode) model.row().get("pricing").deepCopy()).put("discount", 0));
        node.put("provider_name", provider.name()).put("tag", provider.slug()).putNull("quantization");
        node.set("max_completion_tokens", model.row().at("/top_provider/max_completion_tokens"));
        node.putNull("max_prompt_tokens");
        node.set("supported_parameters", model.row().get("supported_parameters"));
        node.put("status", 0)
                .put("uptime_last_5m", 100)
                .put("uptime_last_30m", 100)
                .put("uptime_last_1d", 100)
                .put("supports_implicit_caching", false)
                .put("supports_voice_cloning", false);
        ObjectNode choice = node.putObject("supports_tool_choice");
        for (String way : List.of("auto", "function", "none", "required")) {
            choice.put(way, true);
        }
        percentiles(node.putObject("latency_last_30m"), 1);
        percentiles(node.putObject("throughput_last_30m"), 100);
        return node;
    }

    private static void percentiles(ObjectNode node, int value) {
        node.put("p50", value).put("p75", value).put("p90", value).put("p99", value);
    }

    void providers(Call call) throws IOException {
        ObjectNode root = Json.object();
        root.set("data", catalogue.providerRows());
        Replies.json(call, 200, root);
    }

    void key(Call call, SandboxKey key) throws IOException {
        ObjectNode root = Json.object();
        ObjectNode data = root.putObject("data").put("label", key.label());
        limits(data, key);
        data.put("is_free_tier", key.account().bought().signum() == 0)
                .put("is_management_key", key.management())
                .put("is_provisioning_key", key.management())
                .put("creator_user_id", key.account().userId())
                .putNull("expires_at");
        int limit = key.account().dailyLimit();
        int used = key.account().usedToday(generations.now());
        data.putObject("free_model_daily_requests")
                .put("used", used)
                .put("limit", limit)
                .put("remaining", Math.max(0, limit - used));
        data.putArray("allowed_data_regions").add("global");
        data.putNull("organization_id").putNull("workspace_id");
        data.putObject("rate_limit")
                .put("requests", -1)
                .put("interval", "10s")
                .put("note", "This field is deprecated and safe to ignore.");
        Replies.json(call, 200, root);
    }

    private static void limits(ObjectNode data, SandboxKey key) {
        JsonNode used = Json.decimal(key.used());
        if (key.limit() == null) {
            data.putNull("limit").putNull("limit_remaining");
        } else {
            data.set("limit", Json.decimal(key.limit()));
            data.set("limit_remaining", Json.decimal(key.limit().subtract(key.used())));
        }
        data.putNull("limit_reset").put("include_byok_in_limit", false);
        for (String period : List.of("", "_daily", "_weekly", "_monthly")) {
            data.set("usage" + period, used);
        }
        for (String period : List.of("", "_daily", "_weekly", "_monthly")) {
            data.put("byok_usage" + period, 0);
        }
    }

    /** The real one wants a management key; here every key may look, so that {@code demo} can. */
    void credits(Call call, SandboxKey key) throws IOException {
        ObjectNode root = Json.object();
        ObjectNode data = root.putObject("data");
        data.set("total_credits", Json.decimal(key.account().bought()));
        data.set("total_usage", Json.decimal(key.account().used()));
        Replies.json(call, 200, root);
    }

    void generation(Call call) throws IOException {
        String id = parameter(call, "id");
        ObjectNode row = id == null ? null : generations.find(id);
        if (row == null) {
            throw new RefusedException(
                    ApiError.plain(404, "Generation not found").anonymous());
        }
        ObjectNode root = Json.object();
        root.set("data", row);
        Replies.json(call, 200, root);
    }

    /** Writes to the account: taken, answered in shape, without effect. */
    void write(Call call) throws IOException {
        String method = call.request().method();
        if (method.equals("DELETE")) {
            Replies.json(call, 200, Json.object().put("deleted", true));
            return;
        }
        ObjectNode root = Json.object();
        root.putObject("data")
                .put("hash", "0".repeat(64))
                .put("name", "stand-in")
                .put("label", "sk-or-v1-000...000")
                .put("disabled", false)
                .putNull("limit")
                .putNull("limit_remaining")
                .putNull("limit_reset")
                .put("include_byok_in_limit", false)
                .put("usage", 0)
                .put("created_at", generations.now().toString())
                .putNull("updated_at")
                .putNull("external_user");
        if (method.equals("POST")) {
            root.put("key", "sk-or-v1-STANDIN-not-a-real-key");
        }
        Replies.json(call, method.equals("POST") ? 201 : 200, root);
    }

    private static int number(String name, @Nullable String text, int otherwise, int min, int max) {
        if (text == null) {
            return otherwise;
        }
        try {
            int value = Integer.parseInt(text);
            if (value >= min && value <= max) {
                return value;
            }
        } catch (NumberFormatException e) {
            // Falls through to the same refusal as a number out of range.
        }
        throw new RefusedException(ApiError.invalid(name + ": must be " + min + " to " + max));
    }

    private static @Nullable String parameter(Call call, String name) {
        String query = call.request().query();
        int begin = 0;
        while (begin < query.length()) {
            int end = query.indexOf('&', begin) < 0 ? query.length() : query.indexOf('&', begin);
            if (query.startsWith(name + "=", begin)) {
                return URLDecoder.decode(query.substring(begin + name.length() + 1, end), StandardCharsets.UTF_8);
            }
            begin = end + 1;
        }
        return null;
    }
}
