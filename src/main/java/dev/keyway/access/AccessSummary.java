package dev.keyway.access;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What is open to whom, in lines for the start of the log.
 *
 * @param lines INFO
 * @param warnings WARN: what lets strangers spend the pool's money
 */
public record AccessSummary(List<String> lines, List<String> warnings) {
    public AccessSummary {
        lines = List.copyOf(lines);
        warnings = List.copyOf(warnings);
    }

    public static AccessSummary of(AccessOptions options, boolean poolHasKeys) {
        List<String> lines = new ArrayList<>();
        List<String> warnings = new ArrayList<>();
        boolean keyed = !options.accessKeys().isEmpty();
        if (keyed) {
            lines.add("callers need an access key: clients="
                    + options.accessKeys().stream().map(AccessKey::name).toList());
            if (!poolHasKeys) {
                warnings.add("access keys are set but there is no upstream key: their requests are answered 503");
            }
        } else if (poolHasKeys && options.allowOpen()) {
            warnings.add("the pool is open to everyone who can reach this address: server.allow_open=true and no"
                    + " server.access_key");
        } else if (poolHasKeys) {
            lines.add("the pool is open to programs on this machine only (a proxy here must send X-Forwarded-For);"
                    + " others are answered 403 until server.access_key is set");
        } else {
            lines.add("no upstream keys: each caller's own key is forwarded");
        }
        if (options.passthrough() && (keyed || poolHasKeys)) {
            lines.add("callers' own OpenRouter keys are forwarded: auth.passthrough=true");
        }
        if (!options.publicEndpoints().isEmpty()) {
            lines.add("readable without any key, by anyone: public_endpoints=" + options.publicEndpoints());
        }
        if (poolHasKeys) {
            lines.add("routes that manage the account, with the pool's keys: account_routes="
                    + options.accountRoutes().name().toLowerCase(Locale.ROOT));
        }
        origins(options, poolHasKeys && !keyed, lines, warnings);
        return new AccessSummary(lines, warnings);
    }

    /** The same, and who may administer and read the metrics, and which proxies are believed. */
    public AccessSummary with(AdminOptions admin, MetricsAccessOptions metrics, ProxyOptions proxies) {
        List<String> more = new ArrayList<>(lines);
        if (!proxies.trusted().isEmpty()) {
            more.add("proxies that tell their clients' addresses, no request of theirs is local: trusted_proxies="
                    + proxies.trusted());
        }
        more.add(
                admin.secret() == null
                        ? "/admin is open to programs on this machine only, until admin.secret is set"
                        : "/admin needs admin.secret");
        if (metrics.open()) {
            more.add("/metrics/raw is open to everyone who can reach this address: metrics.open=true");
        } else {
            more.add(
                    metrics.accessKey() == null
                            ? "/metrics/raw is open to programs on this machine only, until metrics.access_key is set"
                            : "/metrics/raw needs metrics.access_key");
        }
        return new AccessSummary(more, warnings);
    }

    private static void origins(AccessOptions options, boolean open, List<String> lines, List<String> warnings) {
        if (options.allowedOrigins().contains("*") && open) {
            warnings.add("every web page in a local browser may use the pool: cors.allowed_origins=[*]");
        } else if (!options.allowedOrigins().isEmpty()) {
            lines.add("web pages that may call: allowed_origins=" + options.allowedOrigins());
        }
    }
}
