package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * The four text APIs. Checks in OpenRouter's order: credential, JSON, model, limits; then answers and settles the bill.
 */
final class Inference {
    private static final String DEFAULT_MODEL = "openai/gpt-4o-mini";
    private static final String FAULT_PREFIX = "sandbox/";
    private static final String ANY = "any";
    private final Catalogue catalogue;
    private final Generations generations;
    private final PromptCache promptCache = new PromptCache();
    private final ResponseCache responseCache = new ResponseCache();
    private final Duration gap;

    Inference(Catalogue catalogue, Generations generations, Duration gap) {
        this.catalogue = catalogue;
        this.generations = generations;
        this.gap = gap;
    }

    /** A model that was picked for a request, under the name the request gave it. */
    private record Pick(String name, CatalogueModel model, Plan plan) {}

    /** Answers an authenticated request; {@code fault} comes from its header or its key's script. */
    void answer(Call call, Dialect dialect, SandboxKey key, JsonNode request, @Nullable String fault)
            throws IOException {
        validate(request, dialect);
        Pick pick = pick(request, fault);
        CatalogueModel.Provider provider = provider(request, pick);
        admit(dialect, key, request, pick);
        Plan plan = pick.plan();
        if (plan.platformLimit) {
            throw new RefusedException(ApiError.freeDaily(key.account().dailyLimit(), tomorrow()));
        }
        if (plan.refusal != null) {
            throw new RefusedException(plan.refusal.of(pick.name(), provider.name()));
        }
        if (plan.fixed != null) {
            Replies.send(call, plan.fixed);
            return;
        }
        if (plan.garbage != null) {
            call.answer().raw(plan.garbage.getBytes(StandardCharsets.US_ASCII));
            call.answer().cut();
            return;
        }
        Generation generation = generation(call, dialect, request, pick, provider);
        boolean stream = request.path("stream").asBoolean(false);
        call.received().started(generation.id());
        Deliveries delivery = new Deliveries(call, dialect, generation, plan);
        ResponseCache.Look asked = generation.cache();
        ResponseCache.Look miss = asked == null || asked.hit() ? null : asked;
        if (miss != null) {
            // Before the answer is out: who has it may ask again at once.
            responseCache.store(miss, generation.id(), generations.now());
        }
        boolean finished = false;
        try {
            delivery.send(stream);
            finished = !call.answer().broken() || plan.closeAfter;
        } finally {
            if (miss != null && (!finished || delivery.free())) {
                responseCache.forget(miss);
            }
            settle(call, key, generation, delivery, stream, finished);
        }
    }

    private Instant tomorrow() {
        return generations.now().truncatedTo(ChronoUnit.DAYS).plus(Duration.ofDays(1));
    }

    private void settle(
            Call call, SandboxKey key, Generation g, Deliveries delivery, boolean stream, boolean finished) {
        boolean cancelled = stream && !finished && !delivery.vanished();
        long tokens = cancelled ? delivery.tokens() : g.completionTokens();
        // Zero completion insurance: what brought no token, or ended in an error, costs nothing.
        BigDecimal cost = delivery.free() || tokens == 0 ? BigDecimal.ZERO : g.cost(tokens);
        call.received().bill(cost);
        key.charge(cost);
        generations.settle(g, stream, cancelled, tokens, cost);
    }

    private static void validate(JsonNode request, Dialect dialect) {
        String member = dialect.promptMember();
        JsonNode prompt = request.path(member);
        if (member.equals("messages") && !request.has("prompt") && (!prompt.isArray() || prompt.isEmpty())) {
            throw new RefusedException(ApiError.invalid("messages: at least one message is needed"));
        }
        if (!member.equals("messages") && !prompt.isTextual() && !prompt.isArray()) {
            throw new RefusedException(ApiError.invalid(member + ": Required"));
        }
        if (member.equals("input")
                && (request.path("store").asBoolean(false) || request.hasNonNull("previous_response_id"))) {
            throw new RefusedException(
                    ApiError.invalid("store and previous_response_id are not supported: this API is stateless"));
        }
    }

    private Pick pick(JsonNode request, @Nullable String fault) {
        List<String> names = new ArrayList<>();
        JsonNode model = request.path("model");
        if (model.isTextual()) {
            names.add(model.textValue());
        }
        request.path("models").forEach(name -> names.add(name.asText()));
        if (names.isEmpty()) {
            names.add(DEFAULT_MODEL);
        }
        Pick refused = null;
        for (String name : names) {
            Pick pick = pick(name, fault);
            if (pick != null && !pick.plan().refuses()) {
                return pick;
            }
            refused = refused == null ? pick : refused;
        }
        if (refused == null) {
            String first = names.get(0);
            throw new RefusedException(
                    first.endsWith(":free") ? ApiError.noEndpoints(first) : ApiError.unknownModel(first));
        }
        return refused;
    }

    private @Nullable Pick pick(String name, @Nullable String fault) {
        CatalogueModel model = catalogue.find(name);
        if (model == null) {
            return null;
        }
        Plan plan = new Plan(gap);
        try {
            if (name.startsWith(FAULT_PREFIX) && !name.equals(FAULT_PREFIX + ANY)) {
                Faults.parse(name.substring(FAULT_PREFIX.length())).on(plan);
            }
        } catch (IllegalArgumentException e) {
            return null;
        }
        try {
            if (fault != null) {
                Faults.parse(fault).on(plan);
            }
        } catch (IllegalArgumentException e) {
            throw new RefusedException(ApiError.invalid("X-Sandbox-Fault: " + e.getMessage()));
        }
        return new Pick(name, model, plan);
    }

    private static CatalogueModel.Provider provider(JsonNode request, Pick pick) {
        JsonNode wish = request.path("provider");
        List<CatalogueModel.Provider> serving = new ArrayList<>(pick.model().providers());
        if (wish.path("only").isArray()) {
            serving.removeIf(provider -> !listed(wish.get("only"), provider));
        }
        serving.removeIf(provider -> listed(wish.path("ignore"), provider));
        for (JsonNode word : wish.path("order")) {
            for (CatalogueModel.Provider provider : serving) {
                if (provider.is(word.asText())) {
                    return provider;
                }
            }
        }
        boolean strict =
                wish.path("order").size() > 0 && !wish.path("allow_fallbacks").asBoolean(true);
        if (serving.isEmpty() || strict) {
            throw new RefusedException(ApiError.noEndpoints(pick.name()));
        }
        return serving.get(0);
    }

    private static boolean listed(JsonNode words, CatalogueModel.Provider provider) {
        for (JsonNode word : words) {
            if (provider.is(word.asText())) {
                return true;
            }
        }
        return false;
    }

    private void admit(Dialect dialect, SandboxKey key, JsonNode request, Pick pick) {
        CatalogueModel model = pick.model();
        BigDecimal balance = key.account().balance();
        if (key.management()) {
            throw new RefusedException(ApiError.plain(403, "Management keys cannot be used for inference"));
        }
        if (balance.signum() < 0 || (balance.signum() == 0 && !model.free())) {
            throw new RefusedException(ApiError.noCredit());
        }
        if (key.overLimit()) {
            throw new RefusedException(ApiError.keyLimit("total"));
        }
        if (model.free()) {
            ApiError full = key.account().takeFree(generations.now());
            if (full != null) {
                throw new RefusedException(full);
            }
            return;
        }
        long asked = dialect.maxTokens(request, model);
        BigDecimal price = model.price("completion");
        if (price.signum() > 0 && price.multiply(BigDecimal.valueOf(asked)).compareTo(balance) > 0) {
            long affordable = balance.divide(price, RoundingMode.DOWN).longValue();
            throw new RefusedException(ApiError.tooDear(asked, affordable));
        }
    }

    private Generation generation(
            Call call, Dialect dialect, JsonNode request, Pick pick, CatalogueModel.Provider provider) {
        CatalogueModel model = pick.model();
        Plan plan = pick.plan();
        JsonNode prompt =
                request.has(dialect.promptMember()) ? request.get(dialect.promptMember()) : request.path("prompt");
        long max = Math.max(1, dialect.maxTokens(request, model));
        List<String> thoughts = Prompts.reasoning(request, model);
        List<String> reasoning = thoughts.size() > max ? List.copyOf(thoughts.subList(0, (int) max)) : thoughts;
        long pieces = plan.pieces;
        String blank = " ".repeat(plan.pieceLength);
        LongFunction<String> piece = i ->
                i + blank.substring(Math.min(blank.length(), Long.toString(i).length()));
        if (pieces == 0) {
            List<String> said = Prompts.answer(request, model, provider.name());
            pieces = said.size();
            piece = i -> said.get((int) i);
        }
        boolean explicit = plan.pieces > 0 && plan.pieceLength > 8;
        long room = explicit ? pieces : Math.min(pieces, max - reasoning.size());
        long promptTokens = Prompts.tokens(prompt) + Prompts.tokens(request.path("system")) - 1;
        ResponseCache.Look look = responseCache.look(call, generations.now());
        boolean hit = look != null && look.hit();
        PromptCache.Use use = !hit && model.price("input_cache_read").signum() > 0
                ? promptCache.use(request, prompt, model)
                : PromptCache.Use.NONE;
        return new Generation(
                generations.newId("gen"),
                generations.seconds(),
                model,
                provider.name(),
                request,
                reasoning,
                room,
                piece,
                room < pieces,
                hit ? 0 : promptTokens,
                use == PromptCache.Use.READ ? promptTokens : 0,
                use == PromptCache.Use.WRITTEN ? promptTokens : 0,
                plan.usageForm,
                metadata(call, pick, provider),
                look);
    }

    private static @Nullable ObjectNode metadata(Call call, Pick pick, CatalogueModel.Provider chosen) {
        String wanted = call.request().first("X-OpenRouter-Metadata");
        if (!"enabled".equalsIgnoreCase(wanted)) {
            return null;
        }
        List<CatalogueModel.Provider> all = pick.model().providers();
        ObjectNode metadata = Json.object()
                .put("requested", pick.name())
                .put("strategy", "direct")
                .put("region", "standin")
                .put("summary", "available=" + all.size() + ", selected=" + chosen.name())
                .put("attempt", 1)
                .put("is_byok", false);
        ObjectNode endpoints = metadata.putObject("endpoints").put("total", all.size());
        var available = endpoints.putArray("available");
        for (CatalogueModel.Provider provider : all) {
            available
                    .addObject()
                    .put("provider", provider.name())
                    .put("model", pick.model().id())
                    .put("selected", provider.equals(chosen));
        }
        metadata.putArray("attempts")
                .addObject()
                .put("provider", chosen.name())
                .put("model", pick.model().id())
                .put("status", 200);
        return metadata;
    }
}
