package dev.keyway.limit;

import dev.keyway.access.RoutePath;
import dev.keyway.exchange.Client;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Who may ask how often, as the configuration of one moment has it. */
public final class RateRules {
    private final boolean everyRoute;
    private final Allowance general;
    private final Allowance inference;
    private final Map<String, Allowance> byClient = new HashMap<>();

    /** @param limits of clients that have one of their own, by name; it holds on every route */
    public RateRules(RateLimitOptions options, Map<String, Integer> limits) {
        this.everyRoute = options.scope() == RateLimitOptions.Scope.ALL;
        this.general = new Allowance(options.maxRequests(), options.window());
        this.inference = new Allowance(options.inferenceMaxRequests(), options.window());
        limits.forEach((name, limit) -> byClient.put(name, new Allowance(limit, options.window())));
    }

    /** What holds for a request; null: nothing does. */
    @Nullable
    Allowance allowance(Client client, RoutePath.Kind kind) {
        Allowance own = client.isKnown() ? byClient.get(client.name()) : null;
        if (own != null) {
            return own;
        }
        if (!everyRoute && kind == RoutePath.Kind.OTHER) {
            return null;
        }
        return kind == RoutePath.Kind.INFERENCE ? inference : general;
    }

    /** Under what it counts: a limit of the client's own is one for all its requests. */
    Budget budget(Client client, RoutePath.Kind kind) {
        boolean own = client.isKnown() && byClient.containsKey(client.name());
        return kind == RoutePath.Kind.INFERENCE && !own ? Budget.INFERENCE : Budget.GENERAL;
    }
}
