package dev.keyway.config;

import dev.keyway.access.AccessOptions;
import dev.keyway.access.AdminOptions;
import dev.keyway.access.MetricsAccessOptions;
import dev.keyway.access.ProxyOptions;
import dev.keyway.catalogue.CatalogueOptions;
import dev.keyway.filter.FilterOptions;
import dev.keyway.filter.IdentityOptions;
import dev.keyway.filter.RouteOptions;
import dev.keyway.inference.InferenceOptions;
import dev.keyway.keys.KeyPoolOptions;
import dev.keyway.keys.store.KeyStoreOptions;
import dev.keyway.limit.AdmissionOptions;
import dev.keyway.limit.RateLimitOptions;
import dev.keyway.observe.HealthOptions;
import dev.keyway.observe.LogOptions;
import dev.keyway.observe.MetricsOptions;
import dev.keyway.upstream.UpstreamOptions;
import dev.keyway.upstream.account.ProbeOptions;
import dev.keyway.watch.WatchOptions;
import java.nio.file.Path;
import java.util.List;

/**
 * The whole configuration, valid and bound to the options of each part.
 *
 * @param logs with the directory {@code logs} of a writable home, else none
 * @param home absolute; {@code keyway.yml}, {@code data} and {@code logs} live there; it need not exist yet
 * @param homeWritable false: console log only, nothing is kept
 * @param sources what was read, highest first, for the line at start: {@code environment (PORT)}, a file's path
 * @param hash 12 hex digits, another one where any setting has another value; for administrators only, since it
 *     depends on the secrets too
 * @param settings every setting as it stands and where it comes from, in the order of the example file; no secrets
 */
public record GatewayConfig(
        ServerOptions server,
        AccessOptions access,
        AdminOptions admin,
        MetricsAccessOptions metricsAccess,
        ProxyOptions proxies,
        AdmissionOptions admission,
        RateLimitOptions rateLimit,
        KeyPoolOptions keys,
        KeyStoreOptions keyStore,
        FilterOptions filter,
        RouteOptions route,
        IdentityOptions identity,
        CatalogueOptions catalogue,
        UpstreamOptions upstream,
        InferenceOptions inference,
        ProbeOptions probe,
        LogOptions logs,
        WatchOptions watch,
        HealthOptions health,
        MetricsOptions metrics,
        Path home,
        boolean homeWritable,
        List<String> sources,
        String hash,
        List<SettingValue> settings) {
    public GatewayConfig {
        sources = List.copyOf(sources);
        settings = List.copyOf(settings);
    }
}
