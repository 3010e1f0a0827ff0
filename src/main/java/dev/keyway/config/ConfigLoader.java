package dev.keyway.config;

import static dev.keyway.config.Settings.ACCESS_KEY;
import static dev.keyway.config.Settings.ACCESS_KEYS;

import dev.keyway.access.AccessKey;
import dev.keyway.access.AccessOptions;
import dev.keyway.access.AdminOptions;
import dev.keyway.access.MetricsAccessOptions;
import dev.keyway.access.ProxyOptions;
import dev.keyway.catalogue.CatalogueOptions;
import dev.keyway.filter.FilterOptions;
import dev.keyway.filter.RouteOptions;
import dev.keyway.inference.InferenceOptions;
import dev.keyway.keys.KeyPoolOptions;
import dev.keyway.keys.store.KeyStoreOptions;
import dev.keyway.limit.AdmissionOptions;
import dev.keyway.limit.RateLimitOptions;
import dev.keyway.observe.HealthOptions;
import dev.keyway.observe.LogOptions;
import dev.keyway.observe.MetricsOptions;
import dev.keyway.upstream.CircuitOptions;
import dev.keyway.upstream.RetryOptions;
import dev.keyway.upstream.UpstreamOptions;
import dev.keyway.upstream.account.ProbeOptions;
import dev.keyway.watch.WatchOptions;
import java.nio.file.InvalidPathException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes a {@link GatewayConfig} from, highest first: command line, process environment, {@code --env-file},
 * {@code .env} in home, YAML, default.
 *
 * <p>Reads files and nothing else of the process. Finds all problems before it refuses.
 */
public final class ConfigLoader {
    private final ConfigInputs inputs;
    private final @Nullable Values running;
    private final ConfigFiles.@Nullable Text yamlGiven;
    private final Problems problems = new Problems();
    private final List<String> sources = new ArrayList<>();
    private @Nullable Values loaded;

    /** Of a configuration that is read once; {@link ConfigSource} reads one again and again. */
    public ConfigLoader(ConfigInputs inputs) {
        this(inputs, null, null);
    }

    /**
     * A loader of what is to follow a configuration in force.
     *
     * @param running what is in force; null at the start
     * @param yamlGiven stands for the YAML file; null: the file is read
     */
    ConfigLoader(ConfigInputs inputs, @Nullable Values running, ConfigFiles.@Nullable Text yamlGiven) {
        this.inputs = inputs;
        this.running = running;
        this.yamlGiven = yamlGiven;
    }

    /** What was loaded and would be in force now; null when it was refused, and before. */
    @Nullable
    Values loaded() {
        return loaded;
    }

    /** Loads once; the loader is used up then. */
    public ConfigResult load() {
        Home home;
        try {
            home = Home.of(inputs);
        } catch (InvalidPathException e) {
            problems.add(Origin.of(Home.source(inputs)), "", Masking.quoted(e.getInput()) + " is no path here");
            return new ConfigResult.Refused(problems.problems());
        }
        Values values = new Values(layers(home), problems);
        IdentitySettings.implyModes(values);
        implyScope(values);
        boolean writable = home.writable();
        if (!writable) {
            problems.warn(
                    Origin.of(home.source().isEmpty() ? "home" : home.source()),
                    "",
                    home.folder() + " is not writable: console log only, nothing is kept");
        }
        GatewayConfig config = bind(values, home, writable);
        new CrossChecks(values, config, problems).run();
        if (problems.count() > 0) {
            return new ConfigResult.Refused(problems.problems());
        }
        Values before = running;
        if (before == null) {
            loaded = values;
            return new ConfigResult.Loaded(config, problems.warnings(), List.of());
        }
        Values next = values.keepingWhatCountsAtStart(before);
        loaded = next;
        return new ConfigResult.Loaded(bind(next, home, writable), problems.warnings(), values.changesSince(before));
    }

    /** Whoever sets a limit means all that it could limit; the default is that of a few routes. */
    private static void implyScope(Values values) {
        if (values.isWritten(Settings.RATE_MAX_REQUESTS) && !values.isWritten(Settings.RATE_SCOPE)) {
            values.imply(Settings.RATE_SCOPE, RateLimitOptions.Scope.ALL, Settings.RATE_MAX_REQUESTS);
        }
    }

    private List<Layer> layers(Home home) {
        ConfigFiles files = new ConfigFiles(inputs, home, problems);
        OverrideLayer overrides = new OverrideLayer(inputs.overrides());
        overrides.reportUnknown(problems);
        EnvironmentLayer process = EnvironmentLayer.of(inputs.environment(), problems);
        source("command line", overrides.names());
        source("environment", process.names());
        EnvironmentLayer envFile = environment(files.envFile());
        EnvironmentLayer dotEnv = environment(files.dotEnv());
        List<EnvironmentLayer> environments = List.of(process, envFile, dotEnv);
        environments.forEach(EnvironmentLayer::reportUnknown);
        YamlLayer yaml = yaml(yamlGiven == null ? files.yaml() : yamlGiven, environments);
        return List.of(overrides, process, envFile, dotEnv, yaml);
    }

    private void source(String name, List<String> parts) {
        if (!parts.isEmpty()) {
            sources.add(name + " (" + String.join(", ", parts) + ")");
        }
    }

    private EnvironmentLayer environment(ConfigFiles.@Nullable Text file) {
        if (file == null) {
            return EnvironmentLayer.of(Map.of(), problems);
        }
        sources.add(file.name());
        return EnvironmentLayer.ofFile(DotEnv.read(file.name(), file.content(), problems), problems);
    }

    private YamlLayer yaml(ConfigFiles.@Nullable Text file, List<EnvironmentLayer> environments) {
        Interpolation interpolation = new Interpolation(name -> lookup(name, environments), problems);
        if (file == null) {
            return new YamlLayer(null, interpolation, problems);
        }
        sources.add(file.name());
        return new YamlLayer(new YamlReader(file.name(), problems).read(file.content()), interpolation, problems);
    }

    private static @Nullable String lookup(String name, List<EnvironmentLayer> environments) {
        for (EnvironmentLayer environment : environments) {
            String value = environment.value(name);
            if (value != null) {
                return value;
            }
        }
        return null;
    }

    private GatewayConfig bind(Values values, Home home, boolean writable) {
        return new GatewayConfig(
                new ServerOptions(
                        values.get(Settings.HOST),
                        values.get(Settings.PORT),
                        values.get(Settings.DRAIN_DELAY),
                        values.get(Settings.DRAIN_TIMEOUT),
                        values.get(Settings.SEND_BUFFER).intValue(),
                        values.get(Settings.SHARED_SELECTORS),
                        values.get(Settings.WATCH_CONFIG)),
                access(values),
                new AdminOptions(values.get(Settings.ADMIN_SECRET).orElse(null)),
                new MetricsAccessOptions(
                        values.get(Settings.METRICS_OPEN),
                        values.get(Settings.METRICS_KEY).orElse(null)),
                new ProxyOptions(values.get(Settings.TRUSTED_PROXIES)),
                new AdmissionOptions(values.get(Settings.MAX_CONCURRENT_REQUESTS), values.get(Settings.MAX_BUFFERED)),
                new RateLimitOptions(
                        values.get(Settings.RATE_WINDOW),
                        values.get(Settings.RATE_MAX_REQUESTS),
                        values.get(Settings.RATE_INFERENCE_MAX_REQUESTS),
                        values.get(Settings.RATE_SCOPE)),
                new KeyPoolOptions(
                        values.get(Settings.POOL_KEYS),
                        values.get(Settings.KEY_SELECTION_STRATEGY),
                        values.get(Settings.KEY_SELECTION_OPTS).contains("same"),
                        values.get(Settings.RATE_LIMIT_COOLDOWN),
                        values.get(Settings.GOOGLE_RATE_DELAY)),
                new KeyStoreOptions(values.get(Settings.MASTER_KEY).orElse(null)),
                new FilterOptions(
                        values.get(Settings.PROVIDER_FIELD),
                        values.get(Settings.USAGE_INJECTION),
                        values.get(Settings.KEY_SELECTION_OPTS).contains("session")),
                new RouteOptions(
                        values.get(Settings.MODEL_ALIASES),
                        values.get(Settings.FORCE_MODEL).orElse(null),
                        values.get(Settings.STATIC_ROUTE).orElse(null),
                        values.get(Settings.FAILOVER)),
                IdentitySettings.bind(values),
                new CatalogueOptions(
                        values.get(Settings.ENABLE_CACHE),
                        values.get(Settings.CACHE_TTL),
                        values.get(Settings.FREE_ONLY),
                        values.get(Settings.FREE_ONLY_ENFORCE),
                        values.get(Settings.DEFAULT_LIMIT),
                        values.get(Settings.MAX_LIMIT)),
                upstream(values, home),
                new InferenceOptions(
                        values.get(Settings.INFERENCE_MAX_BODY), values.get(Settings.INFERENCE_MAX_ANSWER)),
                new ProbeOptions(values.get(Settings.PROBE_INTERVAL)),
                new LogOptions(
                        writable ? home.folder().resolve("logs") : null,
                        values.get(Settings.RETENTION_DAYS),
                        values.get(Settings.MAX_FILE_SIZE),
                        values.get(Settings.MAX_TOTAL),
                        values.get(Settings.LOG_LEVEL),
                        values.get(Settings.HTTP_LOG_LEVEL)),
                new WatchOptions(values.get(Settings.WATCH_CLIENTS)),
                new HealthOptions(values.get(Settings.HEALTH_STATUS), values.get(Settings.HEALTH_ENVIRONMENT)),
                new MetricsOptions(values.get(Settings.TOKEN_COUNTING), values.get(Settings.SYSTEM_METRICS)),
                home.folder(),
                writable,
                sources,
                values.hash(),
                values.shown());
    }

    private static AccessOptions access(Values values) {
        List<AccessKey> keys = Stream.concat(values.get(ACCESS_KEY).stream(), values.get(ACCESS_KEYS).stream())
                .toList();
        return new AccessOptions(
                keys,
                values.get(Settings.ALLOW_OPEN),
                values.get(Settings.PASSTHROUGH),
                values.get(Settings.PUBLIC_ENDPOINTS),
                values.get(Settings.ACCOUNT_ROUTES),
                values.get(Settings.ALLOWED_ORIGINS),
                values.get(Settings.CORS_CREDENTIALS));
    }

    private static UpstreamOptions upstream(Values values, Home home) {
        return new UpstreamOptions(
                values.get(Settings.BASE_URL),
                values.get(Settings.CONNECT_TIMEOUT),
                values.get(Settings.FIRST_BYTE_TIMEOUT),
                values.get(Settings.IDLE_TIMEOUT),
                values.get(Settings.TOTAL_TIMEOUT),
                values.get(Settings.STREAM_TIMEOUT),
                values.get(Settings.HOLD),
                values.get(Settings.KEEP_ALIVE_INTERVAL),
                values.get(Settings.MAX_CONNECTIONS),
                values.get(Settings.MAX_QUEUED),
                values.get(Settings.RECEIVE_BUFFER).intValue(),
                values.get(Settings.CA_FILE)
                        .map(file -> home.folder().resolve(file))
                        .orElse(null),
                values.get(Settings.REQUEST_PROXY_ENABLED)
                        ? values.get(Settings.REQUEST_PROXY_URL).orElse(null)
                        : null,
                new RetryOptions(
                        values.get(Settings.MAX_ATTEMPTS),
                        values.get(Settings.RETRY_AMBIGUOUS),
                        values.get(Settings.RETRY_BUDGET)),
                new CircuitOptions(values.get(Settings.CIRCUIT_FAILURES), values.get(Settings.CIRCUIT_PAUSE)),
                values.get(Settings.MAX_BODY));
    }
}
