package dev.keyway.config;

import dev.keyway.access.AccessKey;
import dev.keyway.access.AccessOptions;
import java.util.ArrayList;
import java.util.List;

/** What is open to whom, in sentences for {@code check} and the lines at start. */
public final class Openness {
    private Openness() {}

    /** One sentence a line; keys by name or id only. */
    public static List<String> of(GatewayConfig config) {
        List<String> lines = new ArrayList<>();
        boolean pool = !config.keys().keys().isEmpty();
        lines.add(callers(config, pool));
        if (config.access().passthrough()) {
            lines.add("A caller's own sk-or- key is forwarded to "
                    + config.upstream().baseUrl() + " untouched.");
        }
        if (!config.access().publicEndpoints().isEmpty()) {
            lines.add("Without a key, and without a pool key being used: "
                    + String.join(", ", config.access().publicEndpoints()) + ".");
        }
        if (pool) {
            lines.add(accountRoutes(config.access().accountRoutes()));
        }
        if (!config.access().allowedOrigins().isEmpty()) {
            lines.add("Web pages of " + String.join(", ", config.access().allowedOrigins()) + " may call.");
        }
        return List.copyOf(lines);
    }

    private static String callers(GatewayConfig config, boolean pool) {
        List<AccessKey> keys = config.access().accessKeys();
        if (!keys.isEmpty()) {
            String names = String.join(", ", keys.stream().map(AccessKey::name).toList());
            return "Open to callers with an access key (" + names + ")"
                    + (pool ? "." : "; there is no OpenRouter key yet, so they get 503.");
        }
        if (!pool) {
            return "No OpenRouter key and no access key: whatever credential a caller sends is forwarded to "
                    + config.upstream().baseUrl() + ".";
        }
        return config.access().allowOpen()
                ? "OPEN TO EVERYONE who can reach this address: server.allow_open is true and there is no access key;"
                        + " the pool's keys pay for all of them."
                : "Open to local requests only (from this machine, through no proxy); everyone else gets 403."
                        + " To change that set server.access_key, or server.allow_open: true.";
    }

    private static String accountRoutes(AccessOptions.AccountRoutes routes) {
        return switch (routes) {
            case READ -> "Account routes with a pool key: reading only (openrouter.account_routes: read).";
            case ALLOW ->
                "Account routes with a pool key: EVERYTHING, keys can be made and deleted"
                        + " (openrouter.account_routes: allow).";
            case DENY -> "Account routes with a pool key: none (openrouter.account_routes: deny).";
        };
    }
}
