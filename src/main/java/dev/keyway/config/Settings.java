package dev.keyway.config;

import dev.keyway.access.AccessKey;
import dev.keyway.access.AccessOptions;
import dev.keyway.access.AccessOptions.AccountRoutes;
import dev.keyway.access.MetricsAccessOptions;
import dev.keyway.access.ProxyOptions;
import dev.keyway.catalogue.CatalogueOptions;
import dev.keyway.config.Setting.Variable;
import dev.keyway.filter.FilterOptions;
import dev.keyway.filter.FilterOptions.ProviderField;
import dev.keyway.filter.IdentityOptions;
import dev.keyway.filter.IdentityOptions.Mode;
import dev.keyway.filter.RouteOptions;
import dev.keyway.inference.InferenceOptions;
import dev.keyway.keys.KeyPoolOptions;
import dev.keyway.keys.SelectionStrategies;
import dev.keyway.keys.store.KeyStoreOptions;
import dev.keyway.limit.AdmissionOptions;
import dev.keyway.limit.RateLimitOptions;
import dev.keyway.observe.HealthOptions;
import dev.keyway.observe.LogOptions;
import dev.keyway.observe.MetricsOptions;
import dev.keyway.slug.AliasRule;
import dev.keyway.upstream.OutgoingProxyOptions;
import dev.keyway.upstream.RetryOptions.Ambiguous;
import dev.keyway.upstream.UpstreamOptions;
import dev.keyway.upstream.account.ProbeOptions;
import dev.keyway.watch.WatchOptions;
import dev.keyway.wire.Network;
import dev.keyway.wire.Secret;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Every setting, once; the loader, problems, {@code config show} and {@code config schema} all read this table. */
final class Settings {
    private static final Duration MILLI = Duration.ofMillis(1);
    private static final Duration DAY = Duration.ofDays(1);
    private static final long KB = 1024;
    private static final long MAX_SOCKET_BUFFER = 64 * KB * KB;
    private static final long GB = KB * KB * KB;
    static final int MOST_REQUESTS = 1_000_000;

    private static final ServerOptions SERVER = ServerOptions.DEFAULTS;
    private static final AccessOptions ACCESS = AccessOptions.DEFAULTS;
    private static final ProxyOptions PROXIES = ProxyOptions.DEFAULTS;
    private static final AdmissionOptions ADMISSION = AdmissionOptions.DEFAULTS;
    private static final RateLimitOptions RATE_LIMIT = RateLimitOptions.DEFAULTS;
    private static final KeyPoolOptions KEYS = KeyPoolOptions.DEFAULTS;
    private static final KeyStoreOptions KEY_STORE = KeyStoreOptions.DEFAULTS;
    private static final FilterOptions FILTER = FilterOptions.DEFAULTS;
    private static final RouteOptions ROUTE = RouteOptions.DEFAULTS;
    private static final IdentityOptions IDENTITY = IdentityOptions.DEFAULTS;
    private static final UpstreamOptions UPSTREAM = UpstreamOptions.DEFAULTS;
    private static final ProbeOptions PROBE = ProbeOptions.DEFAULTS;
    private static final LogOptions LOG = LogOptions.DEFAULTS;
    private static final InferenceOptions INFERENCE = InferenceOptions.DEFAULTS;
    private static final CatalogueOptions CATALOGUE = CatalogueOptions.DEFAULTS;
    private static final WatchOptions WATCH = WatchOptions.DEFAULTS;
    private static final HealthOptions HEALTH = HealthOptions.DEFAULTS;
    private static final MetricsOptions METRICS = MetricsOptions.DEFAULTS;
    private static final MetricsAccessOptions METRICS_ACCESS = MetricsAccessOptions.DEFAULTS;

    private static final Variable[] TIMEOUTS = {
        Variable.millis("REQUEST_TIMEOUT"), Variable.millis("OPENROUTER_TIMEOUT"), Variable.of("PROXY_TIMEOUT")
    };

    static final Setting<String> HOST = Setting.of(
                    "server.host", Types.host(), SERVER.host(), "name or address to bind; a WAR uses its container's")
            .variables("HOST", "APP_HOST")
            .flag("--host")
            .atStartOnly();
    static final Setting<Integer> PORT = Setting.of(
                    "server.port", Types.whole(0, 65535), SERVER.port(), "port to bind; 0 takes any free one")
            .variables("PORT", "APP_PORT")
            .flag("--port")
            .atStartOnly();
    static final Setting<Optional<AccessKey>> ACCESS_KEY = Setting.of(
            "server.access_key",
            KeyTypes.accessKey(),
            Optional.empty(),
            "what callers show as Bearer or x-api-key; null: no such key");
    static final Setting<List<AccessKey>> ACCESS_KEYS = Setting.of(
            "server.access_keys",
            KeyTypes.accessKeys(),
            ACCESS.accessKeys(),
            "more of them, each with a name for the logs: {name: alice, key: ...} or {name: bob, key_sha256: ...}; with"
                    + " strip_comments: true its streams come without comments; with models: [openai/*] it may use"
                    + " those only; with rate_limit: 500 it has a limit of its own, on every route");
    static final Setting<Boolean> ALLOW_OPEN = Setting.of(
            "server.allow_open",
            Types.bool(),
            ACCESS.allowOpen(),
            "pool keys without an access key serve everyone, not only local requests");
    static final Setting<List<Network>> TRUSTED_PROXIES = Setting.of(
            "server.trusted_proxies",
            ListType.of(Types.network()),
            PROXIES.trusted(),
            "proxies in front, such as 10.0.0.7 or fd00::/8: their X-Forwarded-For or Forwarded tells a client's address,"
                    + " and no request of theirs is local");
    static final Setting<Long> MAX_BODY = Setting.of(
                    "server.max_body",
                    Types.size(KB, GB),
                    UPSTREAM.maxBody(),
                    "largest request body, decoded; over it 413")
            .atStartOnly();
    static final Setting<Long> MAX_BUFFERED = Setting.of(
                    "server.max_buffered",
                    Types.sizeOrHeap(KB),
                    ADMISSION.maxBuffered(),
                    "all request bodies held at once: a size, or a part of the heap; over it a body waits, then 503")
            .atStartOnly();
    static final Setting<Integer> MAX_CONCURRENT_REQUESTS = Setting.of(
                    "server.max_concurrent_requests",
                    Types.whole(1, 1_000_000),
                    ADMISSION.maxConcurrentRequests(),
                    "requests at once; over it 503")
            .variables("MAX_CONCURRENT_REQUESTS")
            .atStartOnly();
    static final Setting<Duration> KEEP_ALIVE_INTERVAL = Setting.of(
            "server.keep_alive_interval",
            Types.duration(Duration.ZERO, Duration.ofHours(1)),
            UPSTREAM.keepAliveInterval(),
            "after that long without a byte an event stream gets a comment; 0: never");
    static final Setting<WatchOptions.Clients> WATCH_CLIENTS = Setting.of(
                    "server.watch_clients",
                    Types.choice(WatchOptions.Clients.values()),
                    WATCH.clients(),
                    "auto: on Linux a client that closes its side is gone within 2 s; off: only a failing write tells")
            .atStartOnly();
    static final Setting<Duration> DRAIN_DELAY = Setting.of(
            "server.drain_delay",
            Types.duration(Duration.ZERO, Duration.ofHours(1)),
            SERVER.drainDelay(),
            "java -jar: how long requests are still served at a stop while /health/ready is 503 already");
    static final Setting<Duration> DRAIN_TIMEOUT = Setting.of(
            "server.drain_timeout",
            Types.duration(Duration.ZERO, Duration.ofHours(1)),
            SERVER.drainTimeout(),
            "how long running requests may take to end at a stop");
    static final Setting<Long> SEND_BUFFER = Setting.of(
                    "server.send_buffer",
                    Types.size(0, MAX_SOCKET_BUFFER),
                    (long) SERVER.sendBuffer(),
                    "socket buffer towards a client; 0: the system's own growth; a WAR uses its container's")
            .atStartOnly();
    static final Setting<Boolean> SHARED_SELECTORS = Setting.of(
                    "server.shared_selectors",
                    Types.bool(),
                    SERVER.sharedSelectors(),
                    "java -jar: one set of threads reads clients and upstream, without hand-over; false: each has its own")
            .atStartOnly();
    static final Setting<Duration> WATCH_CONFIG = Setting.of(
                    "server.watch_config",
                    Types.duration(Duration.ZERO, Duration.ofHours(1)),
                    SERVER.watchConfig(),
                    "how often the configuration's files are looked at; what changed counts without a restart; 0: never")
            .atStartOnly();
    static final Setting<String> LOG_LEVEL = Setting.of(
                    "server.log_level", Types.level(), LOG.level(), "DEBUG, INFO, WARN, ERROR or CRITICAL")
            .variables("LOG_LEVEL")
            .flag("--log-level");
    static final Setting<String> HTTP_LOG_LEVEL = Setting.of(
            "server.http_log_level",
            Types.level(),
            LOG.httpLevel(),
            "the same for the HTTP client's and server's lines");
    static final Setting<Boolean> SYSTEM_METRICS = Setting.of(
                    "server.enable_system_metrics",
                    Types.bool(),
                    METRICS.system(),
                    "the machine's load and memory are among the metrics")
            .atStartOnly();
    static final Setting<Long> INFERENCE_MAX_BODY = Setting.of(
            "inference.max_body",
            Types.size(KB, GB),
            INFERENCE.maxBody(),
            "largest body of a request to /inference, decoded; never more than server.max_body");
    static final Setting<Long> INFERENCE_MAX_ANSWER = Setting.of(
            "inference.max_answer",
            Types.size(KB, GB),
            INFERENCE.maxAnswer(),
            "a larger whole answer of /inference passes as OpenRouter sent it");
    static final Setting<Boolean> PASSTHROUGH = Setting.of(
            "auth.passthrough", Types.bool(), ACCESS.passthrough(), "a caller's own sk-or- key is forwarded");
    static final Setting<URI> BASE_URL = Setting.of(
                    "openrouter.base_url", Types.baseUrl(), UPSTREAM.baseUrl(), "the upstream's address")
            .alias("backends.openrouter.api_url")
            .variables("OPENROUTER_BASE_URL", "OPENROUTER_API_BASE_URL")
            .flag("--openrouter-api-base-url")
            .atStartOnly();
    static final Setting<List<KeyPoolOptions.Entry>> POOL_KEYS = Setting.of(
                    "openrouter.keys",
                    KeyTypes.poolKeys(),
                    KEYS.keys(),
                    "OpenRouter keys in order: sk-or-... or {key: sk-or-..., label: ..., account: ...}")
            .alias("backends.openrouter.api_key")
            .variables(
                    Variable.numbered("OPENROUTER_API_KEY"),
                    Variable.of("OPENROUTER_KEYS"),
                    Variable.of("OPENROUTER_API_KEYS"))
            .flag("--openrouter-api-key")
            .joinVariables();
    static final Setting<List<String>> PUBLIC_ENDPOINTS = Setting.of(
            "openrouter.public_endpoints",
            ListType.of(Types.endpoint()),
            ACCESS.publicEndpoints(),
            "path prefixes that need no key and get none; null: none");
    static final Setting<String> KEY_SELECTION_STRATEGY = Setting.of(
            "openrouter.key_selection_strategy",
            Types.choice(SelectionStrategies.names().stream().sorted().toList()),
            KEYS.strategy(),
            String.join(", ", SelectionStrategies.names().stream().sorted().toList()));
    static final Setting<List<String>> KEY_SELECTION_OPTS = Setting.of(
            "openrouter.key_selection_opts",
            ListType.of(Types.choice(List.of("same", "session"))),
            KEYS.same() ? List.of("same") : List.of(),
            "same: the last key is used again while it is available; session: a conversation stays on one account");
    static final Setting<Duration> RATE_LIMIT_COOLDOWN = Setting.of(
            "openrouter.rate_limit_cooldown",
            Types.duration(Setting.SECOND, Duration.ofDays(32)),
            KEYS.rateLimitCooldown(),
            "how long a key rests after a limit that does not say until when");
    static final Setting<Duration> GOOGLE_RATE_DELAY = Setting.of(
                    "openrouter.google_rate_delay",
                    Types.duration(Duration.ZERO, Duration.ofMinutes(10)),
                    KEYS.googleRateDelay(),
                    "how long an answer waits when the limit is the provider's, not the key's")
            .alias("openrouter.global_rate_delay");
    static final Setting<AccountRoutes> ACCOUNT_ROUTES = Setting.of(
            "openrouter.account_routes",
            Types.choice(AccountRoutes.values()),
            ACCESS.accountRoutes(),
            "what a pool key may do on routes that manage the account: read, allow, deny");
    static final Setting<Boolean> ENABLE_CACHE = Setting.of(
            "openrouter.enable_cache",
            Types.bool(),
            CATALOGUE.enabled(),
            "/models and what is below it is answered from a list that Keyway keeps; false: OpenRouter is asked each time");
    static final Setting<Duration> CACHE_TTL = Setting.of(
            "openrouter.cache_ttl",
            Types.duration(Setting.SECOND, Duration.ofDays(30)),
            CATALOGUE.ttl(),
            "how old that list may get before OpenRouter is asked for it again");
    static final Setting<Boolean> FREE_ONLY = Setting.of(
            "openrouter.free_only",
            Types.bool(),
            CATALOGUE.freeOnly(),
            "only models without a price are in it; others may be used all the same");
    static final Setting<Boolean> FREE_ONLY_ENFORCE = Setting.of(
            "openrouter.free_only_enforce",
            Types.bool(),
            CATALOGUE.freeOnlyEnforced(),
            "403 for a request that names a model which is not free, or may name any");
    static final Setting<Integer> DEFAULT_LIMIT = Setting.of(
            "catalogue.default_limit",
            Types.whole(1, 100_000),
            CATALOGUE.defaultLimit(),
            "models on a page of /models when provider, search or offset is given without limit");
    static final Setting<Integer> MAX_LIMIT = Setting.of(
            "catalogue.max_limit", Types.whole(1, 100_000), CATALOGUE.maxLimit(), "the largest limit; over it 400");
    static final Setting<Optional<Secret>> MASTER_KEY = Setting.of(
                    "keys.master_key",
                    KeyTypes.masterKey(),
                    Optional.ofNullable(KEY_STORE.masterKey()),
                    "seals the keys in data/keys.json, 16 characters or more; best given as a variable; null: they stand"
                            + " there in clear")
            .variables("KEYWAY_MASTER_KEY")
            .atStartOnly();
    static final Setting<Boolean> TOKEN_COUNTING = Setting.of(
                    "openrouter.enable_token_counting",
                    Types.bool(),
                    METRICS.tokens(),
                    "tokens sent and received are among the metrics")
            .atStartOnly();
    static final Setting<String> BACKEND_TYPE = Setting.of(
                    "backends.openrouter.type",
                    Types.backend(),
                    "openrouter",
                    "the only backend; its api_key and api_url are openrouter.keys and openrouter.base_url")
            .atStartOnly();
    static final Setting<Duration> PROBE_INTERVAL = Setting.of(
                    "keys.probe_interval",
                    Types.duration(Duration.ZERO, DAY),
                    PROBE.interval(),
                    "how often OpenRouter is asked for each key's credit, at most one key a second; 0: never by itself")
            .atStartOnly();
    static final Setting<Boolean> USAGE_INJECTION = Setting.of(
            "usage_injection",
            Types.bool(),
            FILTER.usageInjection(),
            "usage.include is set, so that answers say costs");
    static final Setting<ProviderField> PROVIDER_FIELD = Setting.of(
            "slug.provider_field",
            Types.choice(ProviderField.values()),
            FILTER.providerField(),
            "where a $provider tag goes: only restricts, order prefers, both");
    static final Setting<List<AliasRule>> MODEL_ALIASES = Setting.of(
                    "model_aliases",
                    RouteTypes.aliases(),
                    ROUTE.aliases(),
                    "other names for models, first match wins: {pattern: ^gpt-(.*), replacement: openai/gpt-\\1}")
            .variables("MODEL_ALIASES")
            .flag("--model-alias");
    static final Setting<Optional<String>> FORCE_MODEL = Setting.of(
                    "force_model",
                    RouteTypes.model().optional(),
                    Optional.ofNullable(ROUTE.forceModel()),
                    "the model of every request, whatever it asks for; null: none")
            .flag("--force-model");
    static final Setting<Optional<String>> STATIC_ROUTE = Setting.of(
                    "static_route",
                    RouteTypes.route().optional(),
                    Optional.ofNullable(ROUTE.staticRoute()),
                    "openrouter:MODEL for every request that does not name openrouter: itself; null: none")
            .variables("STATIC_ROUTE")
            .flag("--static-route");
    static final Setting<String> DEFAULT_BACKEND = Setting.of(
                    "default_backend",
                    Types.backend(),
                    "openrouter",
                    "where models without a backend go; openrouter is the only one")
            .alias("backends.default_backend")
            .variables("LLM_BACKEND")
            .flag("--default-backend");
    static final Setting<List<RouteOptions.Failover>> FAILOVER = Setting.of(
            "failover",
            RouteTypes.failover(),
            ROUTE.failover(),
            "models that OpenRouter tries when one fails: {when: openai/gpt-4o, to: [anthropic/claude-sonnet-4]}");
    static final Setting<Mode> USER_AGENT_MODE = Setting.of(
                    "identity.user_agent.mode",
                    Types.choice(Mode.values()),
                    IDENTITY.userAgent().mode(),
                    "the User-Agent that OpenRouter sees: passthrough (the client's, else the default), override, default")
            .variables("APP_USER_AGENT_MODE");
    static final Setting<Optional<String>> USER_AGENT_OVERRIDE = Setting.of(
                    "identity.user_agent.override_value",
                    Types.headerValue().optional(),
                    Optional.ofNullable(IDENTITY.userAgent().overrideValue()),
                    "what override sends; given as flag or variable it means override, unless a mode is set; null: none")
            .variables("APP_USER_AGENT")
            .flag("--identity-user-agent");
    static final Setting<Optional<String>> USER_AGENT_DEFAULT = Setting.of(
            "identity.user_agent.default_value",
            Types.headerValue().optional(),
            Optional.ofNullable(IDENTITY.userAgent().defaultValue()),
            "what is sent when nothing else is; null: nothing");
    static final Setting<Mode> REFERER_MODE = Setting.of(
                    "identity.referer.mode",
                    Types.choice(Mode.values()),
                    IDENTITY.referer().mode(),
                    "the same for HTTP-Referer, the app's address in OpenRouter's rankings")
            .alias("identity.url.mode")
            .variables("APP_URL_MODE");
    static final Setting<Optional<String>> REFERER_OVERRIDE = Setting.of(
                    "identity.referer.override_value",
                    Types.headerValue().optional(),
                    Optional.ofNullable(IDENTITY.referer().overrideValue()),
                    "what override sends; null: none")
            .alias("identity.url.override_value")
            .variables("APP_URL")
            .flag("--identity-url");
    static final Setting<Optional<String>> REFERER_DEFAULT = Setting.of(
                    "identity.referer.default_value",
                    Types.headerValue().optional(),
                    Optional.ofNullable(IDENTITY.referer().defaultValue()),
                    "what is sent when nothing else is; null: nothing")
            .alias("identity.url.default_value")
            .variables("HTTP_REFERER");
    static final Setting<Mode> TITLE_MODE = Setting.of(
                    "identity.x_title.mode",
                    Types.choice(Mode.values()),
                    IDENTITY.title().mode(),
                    "the same for X-OpenRouter-Title and X-Title, the app's name")
            .alias("identity.title.mode")
            .variables("APP_TITLE_MODE");
    static final Setting<Optional<String>> TITLE_OVERRIDE = Setting.of(
                    "identity.x_title.override_value",
                    Types.headerValue().optional(),
                    Optional.ofNullable(IDENTITY.title().overrideValue()),
                    "what override sends; null: none")
            .alias("identity.title.override_value")
            .variables("APP_TITLE")
            .flag("--identity-title");
    static final Setting<Optional<String>> TITLE_DEFAULT = Setting.of(
                    "identity.x_title.default_value",
                    Types.headerValue().optional(),
                    Optional.ofNullable(IDENTITY.title().defaultValue()),
                    "what is sent when nothing else is; null: nothing")
            .alias("identity.title.default_value")
            .variables("SITE_NAME");
    static final Setting<Duration> CONNECT_TIMEOUT = Setting.of(
                    "upstream.connect_timeout",
                    Types.duration(MILLI, Duration.ofMinutes(10)),
                    UPSTREAM.connectTimeout(),
                    "TCP, and again for the TLS handshake")
            .atStartOnly();
    static final Setting<Duration> FIRST_BYTE_TIMEOUT = Setting.of(
                    "upstream.first_byte_timeout",
                    Types.duration(MILLI, DAY),
                    UPSTREAM.firstByteTimeout(),
                    "to the upstream's status line")
            .variables(TIMEOUTS)
            .flag("--timeout");
    static final Setting<Duration> IDLE_TIMEOUT = Setting.of(
            "upstream.idle_timeout",
            Types.duration(MILLI, DAY),
            UPSTREAM.idleTimeout(),
            "between data events; comments and padding do not count");
    static final Setting<Duration> TOTAL_TIMEOUT = Setting.of(
                    "upstream.total_timeout",
                    Types.duration(MILLI, DAY),
                    UPSTREAM.totalTimeout(),
                    "of an answer that is no stream")
            .variables(TIMEOUTS)
            .flag("--timeout");
    static final Setting<Duration> STREAM_TIMEOUT = Setting.of(
            "upstream.stream_timeout",
            Types.duration(MILLI, Duration.ofDays(7)),
            UPSTREAM.streamTimeout(),
            "of a stream");
    static final Setting<Duration> HOLD = Setting.of(
            "upstream.hold",
            Types.duration(Duration.ZERO, Duration.ofMinutes(1)),
            UPSTREAM.hold(),
            "how long a 200 without a data event is held back, so that an early error is still retried");
    static final Setting<Integer> MAX_CONNECTIONS = Setting.of(
                    "upstream.max_connections",
                    Types.whole(1, 65535),
                    UPSTREAM.maxConnections(),
                    "connections to the upstream at once")
            .atStartOnly();
    static final Setting<Integer> MAX_QUEUED = Setting.of(
                    "upstream.max_queued",
                    Types.whole(1, 1_000_000),
                    UPSTREAM.maxQueued(),
                    "requests waiting for one of them; over it 503")
            .atStartOnly();
    static final Setting<Long> RECEIVE_BUFFER = Setting.of(
                    "upstream.receive_buffer",
                    Types.size(0, MAX_SOCKET_BUFFER),
                    (long) UPSTREAM.receiveBuffer(),
                    "socket buffer from the upstream; 0: the system's own growth")
            .atStartOnly();
    static final Setting<Optional<Path>> CA_FILE = Setting.of(
                    "upstream.ca_file",
                    Types.path().optional(),
                    Optional.ofNullable(UPSTREAM.caFile()),
                    "PEM certificates trusted instead of the Java platform's; relative to home; null: the platform's")
            .atStartOnly();
    static final Setting<Integer> CIRCUIT_FAILURES = Setting.of(
                    "upstream.circuit_failures",
                    Types.whole(0, 1000),
                    UPSTREAM.circuit().failures(),
                    "so many failures in a row to get any answer, then 503 without asking; 0: never")
            .atStartOnly();
    static final Setting<Duration> CIRCUIT_PAUSE = Setting.of(
                    "upstream.circuit_pause",
                    Types.duration(MILLI, Duration.ofHours(1)),
                    UPSTREAM.circuit().pause(),
                    "how long nothing is asked then, before one request may try")
            .atStartOnly();
    static final Setting<Boolean> REQUEST_PROXY_ENABLED = Setting.of(
                    "requestProxy.enabled",
                    Types.bool(),
                    UPSTREAM.proxy() != null,
                    "OpenRouter is reached through the proxy of requestProxy.url, and nothing is connected to but that")
            .alias("request_proxy.enabled")
            .atStartOnly();
    static final Setting<Optional<OutgoingProxyOptions>> REQUEST_PROXY_URL = Setting.of(
                    "requestProxy.url",
                    new ProxyUrlType(),
                    Optional.ofNullable(UPSTREAM.proxy()),
                    "socks5://[user:password@]host:port or http://[user:password@]host:port; the proxy looks up names;"
                            + " null: none")
            .alias("request_proxy.url")
            .atStartOnly();
    static final Setting<Integer> MAX_ATTEMPTS = Setting.of(
            "retry.max_attempts",
            Types.whole(1, 10),
            UPSTREAM.retry().maxAttempts(),
            "every send of one request counts");
    static final Setting<Ambiguous> RETRY_AMBIGUOUS = Setting.of(
            "retry.ambiguous",
            Types.choice(Ambiguous.values()),
            UPSTREAM.retry().ambiguous(),
            "when one is sent again that may have been billed: never, stream-only (if it asks for a stream), once");
    static final Setting<Double> RETRY_BUDGET = Setting.of(
                    "retry.budget",
                    Types.part(),
                    UPSTREAM.retry().budget(),
                    "sends again that each request pays for, all together, after server errors and silence; 0: none")
            .atStartOnly();
    static final Setting<Integer> RETENTION_DAYS = Setting.of(
                    "logs.retention_days", Types.whole(1, 3650), LOG.retentionDays(), "logs of older days are deleted")
            .variables("LOG_RETENTION_DAYS")
            .atStartOnly();
    static final Setting<Long> MAX_FILE_SIZE = Setting.of(
                    "logs.max_file_size",
                    Types.size(KB, 1024 * GB),
                    LOG.maxFileSize(),
                    "a fuller file becomes a numbered part")
            .atStartOnly();
    static final Setting<Long> MAX_TOTAL = Setting.of(
                    "logs.max_total",
                    Types.size(KB, 1024 * GB),
                    LOG.maxTotal(),
                    "all log files together; the oldest are deleted beyond it")
            .atStartOnly();
    static final Setting<Optional<AccessKey>> ADMIN_SECRET = Setting.of(
                    "admin.secret",
                    KeyTypes.adminSecret(),
                    Optional.empty(),
                    "what opens /admin, at least 16 characters, as Bearer or X-Admin-Secret; null: local requests only")
            .variables("ADMIN_SECRET");
    static final Setting<Boolean> METRICS_OPEN =
            Setting.of("metrics.open", Types.bool(), METRICS_ACCESS.open(), "everyone may read /metrics/raw");
    static final Setting<Optional<AccessKey>> METRICS_KEY = Setting.of(
            "metrics.access_key",
            KeyTypes.metricsKey(),
            Optional.empty(),
            "what opens /metrics/raw, as Bearer; null: local requests only");
    static final Setting<Duration> RATE_WINDOW = Setting.of(
                    "rate_limit.window",
                    Types.duration(Setting.SECOND, DAY),
                    RATE_LIMIT.window(),
                    "requests are counted for so long, from a client's first on")
            .variables(Variable.millis("RATE_LIMIT_WINDOW_MS"));
    static final Setting<Integer> RATE_MAX_REQUESTS = Setting.of(
                    "rate_limit.max_requests",
                    Types.whole(1, MOST_REQUESTS),
                    RATE_LIMIT.maxRequests(),
                    "requests of one client, or address where no access key is shown, in a window; over it 429")
            .variables("RATE_LIMIT_MAX_REQUESTS");
    static final Setting<Integer> RATE_INFERENCE_MAX_REQUESTS = Setting.of(
            "rate_limit.inference_max_requests",
            Types.whole(1, MOST_REQUESTS),
            RATE_LIMIT.inferenceMaxRequests(),
            "the same of /api/v1/inference, which is counted by itself");
    static final Setting<RateLimitOptions.Scope> RATE_SCOPE = Setting.of(
            "rate_limit.scope",
            Types.choice(RateLimitOptions.Scope.values()),
            RATE_LIMIT.scope(),
            "seed: /api/v1/inference, the catalogue's routes and /ws only; all: the whole data API, which is also the"
                    + " default once rate_limit.max_requests is set");
    static final Setting<List<String>> ALLOWED_ORIGINS = Setting.of(
                    "cors.allowed_origins",
                    ListType.of(Types.origin()),
                    ACCESS.allowedOrigins(),
                    "web pages that may call, such as https://app.example.com")
            .variables("ALLOWED_ORIGINS");
    static final Setting<Boolean> CORS_CREDENTIALS = Setting.of(
                    "cors.credentials",
                    Types.bool(),
                    ACCESS.credentials(),
                    "those pages may send a browser's cookies and certificates along")
            .variables("CORS_CREDENTIALS");
    static final Setting<String> HEALTH_STATUS = Setting.of(
                    "health.status",
                    Types.choice(List.of("ok", "healthy")),
                    HEALTH.status(),
                    "what /health says when well: ok or healthy")
            .atStartOnly();
    static final Setting<String> HEALTH_ENVIRONMENT = Setting.of(
                    "health.environment", Types.word(), HEALTH.environment(), "what /health says as environment")
            .variables("NODE_ENV")
            .atStartOnly();

    /** All of them, in the order of the example file. */
    static final List<Setting<?>> ALL = List.of(
            HOST,
            PORT,
            ACCESS_KEY,
            ACCESS_KEYS,
            ALLOW_OPEN,
            TRUSTED_PROXIES,
            MAX_BODY,
            MAX_BUFFERED,
            MAX_CONCURRENT_REQUESTS,
            KEEP_ALIVE_INTERVAL,
            WATCH_CLIENTS,
            DRAIN_DELAY,
            DRAIN_TIMEOUT,
            SEND_BUFFER,
            SHARED_SELECTORS,
            WATCH_CONFIG,
            LOG_LEVEL,
            HTTP_LOG_LEVEL,
            SYSTEM_METRICS,
            INFERENCE_MAX_BODY,
            INFERENCE_MAX_ANSWER,
            PASSTHROUGH,
            BASE_URL,
            POOL_KEYS,
            PUBLIC_ENDPOINTS,
            KEY_SELECTION_STRATEGY,
            KEY_SELECTION_OPTS,
            RATE_LIMIT_COOLDOWN,
            GOOGLE_RATE_DELAY,
            ACCOUNT_ROUTES,
            ENABLE_CACHE,
            CACHE_TTL,
            FREE_ONLY,
            FREE_ONLY_ENFORCE,
            DEFAULT_LIMIT,
            MAX_LIMIT,
            MASTER_KEY,
            TOKEN_COUNTING,
            BACKEND_TYPE,
            PROBE_INTERVAL,
            USAGE_INJECTION,
            PROVIDER_FIELD,
            MODEL_ALIASES,
            FORCE_MODEL,
            STATIC_ROUTE,
            DEFAULT_BACKEND,
            FAILOVER,
            USER_AGENT_MODE,
            USER_AGENT_OVERRIDE,
            USER_AGENT_DEFAULT,
            REFERER_MODE,
            REFERER_OVERRIDE,
            REFERER_DEFAULT,
            TITLE_MODE,
            TITLE_OVERRIDE,
            TITLE_DEFAULT,
            CONNECT_TIMEOUT,
            FIRST_BYTE_TIMEOUT,
            IDLE_TIMEOUT,
            TOTAL_TIMEOUT,
            STREAM_TIMEOUT,
            HOLD,
            MAX_CONNECTIONS,
            MAX_QUEUED,
            RECEIVE_BUFFER,
            CA_FILE,
            CIRCUIT_FAILURES,
            CIRCUIT_PAUSE,
            REQUEST_PROXY_ENABLED,
            REQUEST_PROXY_URL,
            MAX_ATTEMPTS,
            RETRY_AMBIGUOUS,
            RETRY_BUDGET,
            RETENTION_DAYS,
            MAX_FILE_SIZE,
            MAX_TOTAL,
            ADMIN_SECRET,
            METRICS_OPEN,
            METRICS_KEY,
            RATE_WINDOW,
            RATE_MAX_REQUESTS,
            RATE_INFERENCE_MAX_REQUESTS,
            RATE_SCOPE,
            ALLOWED_ORIGINS,
            CORS_CREDENTIALS,
            HEALTH_STATUS,
            HEALTH_ENVIRONMENT);

    private Settings() {}
}
