package dev.keyway.app;

import dev.keyway.access.AccessFilter;
import dev.keyway.access.AccessKey;
import dev.keyway.access.AccessRules;
import dev.keyway.access.AccessSummary;
import dev.keyway.access.AdminFilter;
import dev.keyway.access.CorsHeaders;
import dev.keyway.access.MetricsFilter;
import dev.keyway.admin.AdminServlet;
import dev.keyway.catalogue.Catalogue;
import dev.keyway.catalogue.CatalogueFilter;
import dev.keyway.catalogue.SnapshotFile;
import dev.keyway.config.ConfigResult;
import dev.keyway.config.ConfigSource;
import dev.keyway.config.GatewayConfig;
import dev.keyway.inference.InferenceServlet;
import dev.keyway.keys.KeyPool;
import dev.keyway.keys.KeyView;
import dev.keyway.limit.AdmissionFilter;
import dev.keyway.limit.BufferBudget;
import dev.keyway.limit.InFlight;
import dev.keyway.limit.RateLimitFilter;
import dev.keyway.limit.RateLimits;
import dev.keyway.limit.RateRules;
import dev.keyway.observe.DailyLogs;
import dev.keyway.observe.ErrorLog;
import dev.keyway.observe.HealthServlet;
import dev.keyway.observe.KeyLog;
import dev.keyway.observe.Logging;
import dev.keyway.observe.MachineFaults;
import dev.keyway.observe.Metrics;
import dev.keyway.observe.MetricsServlet;
import dev.keyway.observe.Outcomes;
import dev.keyway.observe.RequestLog;
import dev.keyway.observe.StartupReport;
import dev.keyway.observe.UpstreamPulse;
import dev.keyway.observe.VersionInfo;
import dev.keyway.upstream.AttemptLoop;
import dev.keyway.upstream.Circuit;
import dev.keyway.upstream.Pipeline;
import dev.keyway.upstream.RetryBudget;
import dev.keyway.upstream.RetryPolicy;
import dev.keyway.upstream.SelectorHost;
import dev.keyway.upstream.ServletDoors;
import dev.keyway.upstream.Upstream;
import dev.keyway.upstream.UpstreamClient;
import dev.keyway.upstream.UpstreamServlet;
import dev.keyway.upstream.account.KeyProbe;
import dev.keyway.upstream.account.ModelsCall;
import dev.keyway.watch.ClientWatch;
import dev.keyway.wire.Durations;
import dev.keyway.wire.Secret;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Everything one gateway is made of, wired by hand in one place; the same in every container.
 *
 * <p>{@link #close} lets running requests end for {@code server.drain_timeout}, breaks off the rest in a way their
 * clients understand, and gives back every thread, file and connection.
 */
public final class Gateway implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(Gateway.class);
    private static final Duration WAIT_FOR_ROOM = Duration.ofSeconds(10);
    /** How often counters and last uses of keys are kept; their states are at once. */
    private static final Duration KEEP = Duration.ofSeconds(10);

    /** How often faults of the machine are looked for, and what failed by one is tried again. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private static final Duration FORGET = Duration.ofMinutes(1);
    private static final Duration AGAIN = Duration.ofSeconds(2);
    private static final Duration AFTER_BREAK = Duration.ofSeconds(2);
    private static final String LAST_WORDS = "Keyway is shutting down";

    private final ConfigSource source;
    private final @Nullable HomeLock home;
    private final Logging logging;
    private final DailyLogs logs;
    private final Outcomes outcomes;
    private final ScheduledExecutorService timer;
    private final KeyFile keyFile;
    private final UpstreamClient client;
    private final KeyPool pool;
    private final KeyProbe probe;
    private final Catalogue catalogue;
    private final InFlight inFlight;
    private final RateLimits rateLimits;
    private final AttemptLoop attempts;
    private final ClientWatch watch;
    private final MachineFaults faults;
    private final RandomGenerator random;
    private final RetryBudget retryBudget;
    private final Secret token;
    private final GatewayFile file;
    private final AccessFilter accessFilter;
    private final RateLimitFilter rateLimitFilter;
    private final AdmissionFilter admissionFilter;
    private final CatalogueFilter catalogueFilter;
    private final AdminFilter adminFilter;
    private final MetricsFilter metricsFilter;
    private final Endpoints endpoints;
    private final ConfigReloads reloads;
    private volatile Snapshot snapshot;
    private final AtomicBoolean draining = new AtomicBoolean();
    private final CompletableFuture<Void> hurried = new CompletableFuture<>();
    private volatile boolean stopping;

    /** Builds a gateway that is in no container, shares nothing with its server and has this clock for everything. */
    public Gateway(ConfigSource source, InstantSource clock) throws IOException {
        this(source, clock, clock, null, null);
    }

    /**
     * Builds a gateway that is ready to be {@linkplain #install installed}.
     *
     * @param source loaded; read again when its files change
     * @param clock the wall clock
     * @param steady measures how long keys rest; a step of the wall clock must not move it
     * @param context the path of the context it is deployed at; null when it is its own server
     * @param host of the server, on whose selectors connections to the upstream live; null: on their own
     * @throws IOException when another gateway has the home folder, the key file can't be read or must not be, or
     *     {@code upstream.ca_file} can't be read
     */
    public Gateway(
            ConfigSource source,
            InstantSource clock,
            InstantSource steady,
            @Nullable String context,
            @Nullable SelectorHost host)
            throws IOException {
        GatewayConfig config = source.config();
        this.source = source;
        this.home = lock(config, context);
        this.keyFile = KeyFile.open(config, home, clock);
        this.client = startClient(config, host);
        this.logging = Logging.configure(config.logs(), context);
        this.logs = new DailyLogs(config.logs(), clock, ZoneId.systemDefault());
        this.faults = new MachineFaults(logs);
        faults.watch("key_file", keyFile.store()::failure);
        UpstreamPulse pulse = new UpstreamPulse(clock);
        // Of many threads at once, and nothing rests on it being hard to guess.
        this.random = () -> ThreadLocalRandom.current().nextLong();
        this.timer = new GatewayTimer();
        this.pool =
                new KeyPool(config.keys(), clock, steady, random, new KeyLog(logs), keyFile.stored(), keyFile.store());
        Metrics metrics = new Metrics(config.metrics(), pool::views);
        this.outcomes = new Outcomes(List.of(new RequestLog(logs), new ErrorLog(logs), pulse, metrics));
        metrics.counter("keyway_log_lines_dropped_total", "log lines lost to a full queue", logs::dropped);
        metrics.counter("keyway_log_lines_lost_total", "log lines that the disk refused", logs::lost);
        metrics.gauge(
                "keyway_machine_faults",
                "what the machine refuses now",
                () -> faults.now().size());
        metrics.counter("keyway_reports_dropped_total", "ends of requests lost to a full queue", outcomes::dropped);
        this.probe = new KeyProbe(client, config.upstream(), config.probe(), pool, clock, random, timer);
        metrics.counter(
                "keyway_probes_accepted_total",
                "keys that were asked about and are good",
                () -> probe.counts().accepted());
        metrics.counter(
                "keyway_probes_refused_total",
                "keys that were asked about and refused",
                () -> probe.counts().refused());
        metrics.counter(
                "keyway_probes_unreachable_total",
                "questions about keys without an answer",
                () -> probe.counts().unreachable());
        SnapshotFile models = new SnapshotFile(
                home == null ? null : config.home(), config.upstream().baseUrl());
        faults.watch("models_file", models::failure);
        this.catalogue = new Catalogue(
                new ModelsCall(client, config.upstream()),
                models,
                () -> snapshot.config().catalogue(),
                new Catalogue.Clocks(clock, steady),
                timer,
                client.worker());
        count(metrics, catalogue);
        this.inFlight = new InFlight(config.admission().maxConcurrentRequests());
        this.rateLimits = new RateLimits(steady, random);
        metrics.counter(
                "keyway_rate_limited_requests_total", "requests over rate_limit, answered 429", rateLimits::refused);
        metrics.gauge(
                "keyway_rate_limit_addresses",
                "addresses whose requests are counted, 100000 at most",
                rateLimits::addresses);
        this.retryBudget = new RetryBudget(config.upstream().retry().budget());
        Circuit circuit = new Circuit(config.upstream().circuit(), System::nanoTime);
        metrics.gauge(
                "keyway_upstream_circuit_open",
                "1 while the upstream is left alone because it does not answer",
                () -> circuit.isOpen() ? 1 : 0);
        this.attempts = new AttemptLoop(new Upstream(client, config.upstream().baseUrl(), pool, clock, timer), circuit);
        this.watch = ClientWatch.start(config.watch(), context == null);
        BufferBudget budget = new BufferBudget(config.admission().maxBuffered(), timer, WAIT_FOR_ROOM);
        this.token = GatewayFile.newToken(new SecureRandom());
        this.file = new GatewayFile(home == null ? null : config.home(), token, clock.instant(), timer);
        Function<HttpServletRequest, AccessRules> rules =
                request -> Snapshot.of(request).access();
        this.adminFilter = new AdminFilter(rules, clock);
        this.accessFilter = new AccessFilter(rules, () -> !pool.isEmpty(), adminFilter::recognises);
        this.rateLimitFilter =
                new RateLimitFilter(rateLimits, request -> Snapshot.of(request).rates(), rules, clock);
        this.admissionFilter = new AdmissionFilter(inFlight);
        this.catalogueFilter = new CatalogueFilter(
                catalogue, request -> Snapshot.of(request).config().catalogue());
        this.metricsFilter = new MetricsFilter(rules);
        this.snapshot = snapshotOf(config);
        this.reloads = new ConfigReloads(source, () -> snapshot, this::takeUp, clock);
        metrics.gauge(
                "keyway_config_last_reload_refused",
                "1 while the configuration's files are not those in force, because they have problems",
                () -> reloads.isLastRefused() ? 1 : 0);
        Function<HttpServletRequest, CorsHeaders> cors =
                request -> Snapshot.of(request).access().cors();
        Function<HttpServletRequest, Pipeline> pipelines =
                request -> Snapshot.of(request).pipeline();
        ServletDoors doors = new ServletDoors(attempts, budget, watch);
        VersionInfo version = VersionInfo.read();
        this.endpoints = Endpoints.of(
                new UpstreamServlet(client, doors, pipelines, cors),
                new InferenceServlet(doors, Gateway::inferenceRules, catalogue::knows),
                new HealthServlet(
                        config.health(),
                        version,
                        new HealthServlet.Signs(() -> pool.usable() > 0, () -> stopping, faults::now),
                        pulse,
                        clock),
                new MetricsServlet(metrics),
                new AdminServlet(pool, new ProbeTester(probe), reloads, cors),
                new RootServlet(version.version()));
        every(KEEP, pool::keep);
        every(LOOK, faults::look);
        every(AGAIN, this::tryAgain);
        every(FORGET, rateLimits::forget);
        probe.start();
        reloads.watch(config.server().watchConfig());
        awaitHome(false);
    }

    private static void count(Metrics metrics, Catalogue catalogue) {
        metrics.gauge(
                "keyway_catalogue_models",
                "models in the list that Keyway keeps",
                () -> catalogue.status().models());
        metrics.gauge(
                "keyway_catalogue_age_seconds",
                "since OpenRouter gave or confirmed that list; -1 without one",
                () -> catalogue.status().ageSeconds());
        metrics.gauge(
                "keyway_catalogue_failing",
                "1 while OpenRouter was last asked for it in vain",
                () -> catalogue.status().lastError().isEmpty() ? 0 : 1);
        metrics.counter(
                "keyway_catalogue_fetches_total",
                "times OpenRouter was asked for it",
                () -> catalogue.status().fetches());
        metrics.counter(
                "keyway_catalogue_fetch_failures_total",
                "times that brought no list",
                () -> catalogue.status().failures());
    }

    private void every(Duration interval, Runnable task) {
        var unused = timer.scheduleAtFixedRate(task, interval.toMillis(), interval.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** What a full disk refused. */
    private void tryAgain() {
        if (!keyFile.store().failure().isEmpty()) {
            pool.keepAll();
        }
        file.again();
    }

    /**
     * Adds what the machine may refuse the server.
     *
     * @param reason as {@link MachineFaults#watch} has it
     */
    void watch(String name, Supplier<String> reason) {
        faults.watch(name, reason);
    }

    private Snapshot snapshotOf(GatewayConfig config) {
        Chain chain = Chain.standard(
                accessFilter, rateLimitFilter, admissionFilter, catalogueFilter, catalogue::isFree, config);
        return new Snapshot(
                config,
                AccessRules.of(config.access(), config.admin(), config.metricsAccess(), config.proxies(), token),
                new RateRules(config.rateLimit(), limits(config)),
                chain,
                new Pipeline(
                        chain.requestFilters(),
                        config.upstream(),
                        config.keys(),
                        new RetryPolicy(config.upstream().retry(), retryBudget, random)));
    }

    private static InferenceServlet.Rules inferenceRules(HttpServletRequest request) {
        Snapshot now = Snapshot.of(request);
        return new InferenceServlet.Rules(
                now.pipeline(), now.config().inference(), now.access().cors());
    }

    private static Map<String, Integer> limits(GatewayConfig config) {
        Map<String, Integer> limits = new HashMap<>();
        for (AccessKey key : config.access().accessKeys()) {
            if (key.rateLimit() != null) {
                limits.put(key.name(), key.rateLimit());
            }
        }
        return limits;
    }

    /** Puts a valid configuration in force; what runs goes on with the one it began with. */
    private void takeUp(ConfigResult.Loaded loaded) {
        GatewayConfig config = loaded.config();
        AccessSummary before = access(snapshot.config());
        var unused = pool.configure(config.keys());
        logging.levels(config.logs());
        snapshot = snapshotOf(config);
        rateLimits.keep(
                config.access().accessKeys().stream().map(AccessKey::name).collect(Collectors.toUnmodifiableSet()));
        AccessSummary access = access(config);
        if (!access.equals(before)) {
            access.lines().forEach(line -> LOG.info("access: {}", line));
            access.warnings().forEach(LOG::warn);
        }
    }

    /** Reads the configuration again, as at SIGHUP; returns at once, and the console tells what became of it. */
    public void reload() {
        var unused = reloads.ask(ConfigReloads.Trigger.SIGNAL);
    }

    /**
     * Until the same context's older deployment has let go of the home folder: at its end that one has written the key
     * file too, without what this one was told meanwhile.
     *
     * @param waited whether it was not to be had at once
     */
    private void awaitHome(boolean waited) {
        try {
            if (home == null) {
                return;
            }
            if (!home.retry()) {
                if (!waited) {
                    LOG.info("home still held by this context's older deployment: home={}", folder());
                }
                var unused = timer.schedule(() -> awaitHome(true), 1, TimeUnit.SECONDS);
            } else if (waited) {
                LOG.info("home taken over from the older deployment: home={}", folder());
                pool.keepAll();
            }
        } catch (IOException e) {
            LOG.warn("home folder can't be locked: home={} error={}", folder(), e.toString());
        }
    }

    private static @Nullable HomeLock lock(GatewayConfig config, @Nullable String context) throws IOException {
        try {
            return config.homeWritable() ? HomeLock.take(config.home(), context) : null;
        } catch (FileSystemException e) {
            // Access rights may promise what the file system then refuses.
            return null;
        }
    }

    private UpstreamClient startClient(GatewayConfig options, @Nullable SelectorHost host) throws IOException {
        try {
            return UpstreamClient.start(options.upstream(), host);
        } catch (IOException e) {
            keyFile.store().close();
            letGo(home);
            throw e;
        }
    }

    private static void letGo(@Nullable HomeLock home) throws IOException {
        if (home != null) {
            home.close();
        }
    }

    /** Registers every filter and servlet with a context that is being initialised. */
    public void install(ServletContext context) {
        addFilter(context, "exchange", new ExchangeFilter(outcomes, () -> snapshot, timer, file, () -> stopping))
                .addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), true, "/*");
        for (Endpoints.Who who : Endpoints.Who.values()) {
            for (Chain.Link.Head door : doors(who)) {
                // By servlet, not by path: Jetty maps /metrics%2Fraw to the servlet and to no filter of /metrics/raw.
                addFilter(context, door.name(), door.filter())
                        .addMappingForServletNames(
                                EnumSet.of(DispatcherType.REQUEST),
                                true,
                                endpoints.namesOf(who).toArray(String[]::new));
            }
        }
        for (Endpoints.Row row : endpoints.rows()) {
            ServletRegistration.Dynamic servlet = context.addServlet(row.name(), row.servlet());
            servlet.setAsyncSupported(true);
            // Else Jetty's proxy servlet looks up this machine's own name, which may ask the network and wait for it.
            servlet.setInitParameter("viaHost", "keyway");
            servlet.setLoadOnStartup(1);
            servlet.addMapping(row.patterns().toArray(String[]::new));
        }
    }

    /** What stands before the rows of a kind, in order; a new kind is asked for its own by the compiler. */
    private List<Chain.Link.Head> doors(Endpoints.Who who) {
        return switch (who) {
            case ANYONE -> List.of();
            case CLIENTS -> snapshot.chain().heads();
            case ADMIN -> List.of(new Chain.Link.Head("admin access", adminFilter));
            case METRICS -> List.of(new Chain.Link.Head("metrics access", metricsFilter));
        };
    }

    private static FilterRegistration.Dynamic addFilter(ServletContext context, String name, Filter filter) {
        FilterRegistration.Dynamic registration = context.addFilter(name, filter);
        registration.setAsyncSupported(true);
        return registration;
    }

    /** Says on the console, and returns when it is said, what started: version, addresses, what is open to whom, where things are, keys by id. */
    public void report(List<String> addresses) {
        file.listens(addresses.isEmpty() ? null : addresses.get(0));
        GatewayConfig config = source.config();
        AccessSummary access = access(config);
        new StartupReport(
                        VersionInfo.read(),
                        addresses,
                        access.lines(),
                        warnings(access),
                        config.sources(),
                        config.home(),
                        config.logs().directory(),
                        config.upstream().proxy() == null
                                ? null
                                : config.upstream().proxy().toString(),
                        pool.views().stream().map(KeyView::id).toList())
                .log();
        logging.settle();
    }

    private AccessSummary access(GatewayConfig config) {
        return AccessSummary.of(config.access(), !pool.isEmpty())
                .with(config.admin(), config.metricsAccess(), config.proxies());
    }

    private Path folder() {
        return source.config().home();
    }

    private List<String> warnings(AccessSummary access) {
        List<String> warnings = new ArrayList<>(access.warnings());
        if (home == null) {
            warnings.add("home " + folder() + " is not writable: no log files, nothing is kept");
        }
        return warnings;
    }

    public Chain chain() {
        return snapshot.chain();
    }

    public Endpoints endpoints() {
        return endpoints;
    }

    /** How many clients are watched for leaving, {@code server.watch_clients}; 0 when it is off. */
    public int watchedClients() {
        return watch.size();
    }

    /**
     * From now on it is not ready, and each answer asks its client to come back on another connection; requests are still
     * served. Returns after {@code server.drain_delay}, or when it is told to {@link #hurry}.
     */
    public void announceStop() {
        stopping = true;
        Duration delay = source.config().server().drainDelay();
        if (delay.isZero() || hurried.isDone()) {
            return;
        }
        LOG.info("stop announced, still serving: drain_delay={}", Durations.format(delay));
        try {
            hurried.get(delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException | ExecutionException over) {
            LOG.debug("drain_delay is over: {}", over.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whatever a stop still waits for, it waits no longer; running requests are broken off. */
    public void hurry() {
        hurried.complete(null);
    }

    /** Not ready any more, and new requests of the data API are refused with 503; running ones go on. */
    public void drain() {
        stopping = true;
        inFlight.drain();
    }

    /** Drains, waits for {@code server.drain_timeout}, then breaks off what still runs; returns when nothing does. */
    public void endRequests() {
        drain();
        // In a container two threads may come by here, the exit's and the one that stops the context.
        boolean first = !draining.getAndSet(true);
        Duration timeout = source.config().server().drainTimeout();
        if (first) {
            LOG.info("drain begun: running={} drain_timeout={}", inFlight.count(), Durations.format(timeout));
        }
        try {
            if (!inFlight.awaitEmpty(timeout, hurried)) {
                breakOff(first);
                inFlight.awaitEmpty(AFTER_BREAK, new CompletableFuture<>());
            } else if (first) {
                LOG.info("drain ended: running=0");
            }
        } catch (InterruptedException e) {
            // Told to hurry: what still runs is broken off without a wait.
            breakOff(first);
            Thread.currentThread().interrupt();
        }
    }

    private void breakOff(boolean tell) {
        if (tell) {
            LOG.warn("running requests broken off: running={}", inFlight.count());
        }
        attempts.breakOff(LAST_WORDS);
    }

    @Override
    public void close() {
        endRequests();
        reloads.close();
        file.close();
        probe.close();
        catalogue.close();
        watch.close();
        client.close();
        timer.shutdownNow();
        pool.keep();
        keyFile.store().close();
        outcomes.close();
        logs.close();
        logging.close();
        try {
            letGo(home);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
