package dev.keyway.app;

import dev.keyway.access.Access;
import dev.keyway.access.AccessFilter;
import dev.keyway.access.AccessSummary;
import dev.keyway.access.AdminAccess;
import dev.keyway.access.AdminFilter;
import dev.keyway.access.CorsHeaders;
import dev.keyway.access.MetricsFilter;
import dev.keyway.access.TrustedProxies;
import dev.keyway.admin.AdminServlet;
import dev.keyway.admin.ConfigView;
import dev.keyway.config.GatewayConfig;
import dev.keyway.keys.KeyPool;
import dev.keyway.keys.KeyView;
import dev.keyway.limit.AdmissionFilter;
import dev.keyway.limit.BufferBudget;
import dev.keyway.limit.InFlight;
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
import dev.keyway.upstream.RetryBudget;
import dev.keyway.upstream.RetryOptions;
import dev.keyway.upstream.RetryPolicy;
import dev.keyway.upstream.SelectorHost;
import dev.keyway.upstream.Upstream;
import dev.keyway.upstream.UpstreamClient;
import dev.keyway.upstream.UpstreamServlet;
import dev.keyway.upstream.account.KeyProbe;
import dev.keyway.watch.ClientWatch;
import dev.keyway.wire.Durations;
import dev.keyway.wire.Secret;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterRegistration;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletRegistration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
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

    private static final Duration AGAIN = Duration.ofSeconds(2);
    private static final Duration AFTER_BREAK = Duration.ofSeconds(2);
    private static final String LAST_WORDS = "Keyway is shutting down";

    private final GatewayConfig config;
    private final @Nullable HomeLock home;
    private final Logging logging;
    private final DailyLogs logs;
    private final Outcomes outcomes;
    private final ScheduledExecutorService timer;
    private final KeyFile keyFile;
    private final UpstreamClient client;
    private final KeyPool pool;
    private final KeyProbe probe;
    private final InFlight inFlight;
    private final AttemptLoop attempts;
    private final ClientWatch watch;
    private final MachineFaults faults;
    private final CorsHeaders cors;
    private final GatewayFile file;
    private final AdminFilter adminFilter;
    private final MetricsFilter metricsFilter;
    private final Chain chain;
    private final Endpoints endpoints;
    private final AtomicBoolean draining = new AtomicBoolean();
    private final CompletableFuture<Void> hurried = new CompletableFuture<>();
    private volatile boolean stopping;

    /** Builds a gateway that is in no container, shares nothing with its server and has this clock for everything. */
    public Gateway(GatewayConfig config, InstantSource clock) throws IOException {
        this(config, clock, clock, null, null);
    }

    /**
     * Builds a gateway that is ready to be {@linkplain #install installed}.
     *
     * @param clock the wall clock
     * @param steady measures how long keys rest; a step of the wall clock must not move it
     * @param context the path of the context it is deployed at; null when it is its own server
     * @param host of the server, on whose selectors connections to the upstream live; null: on their own
     * @throws IOException when another gateway has the home folder, the key file can't be read or must not be, or
     *     {@code upstream.ca_file} can't be read
     */
    public Gateway(
            GatewayConfig config,
            InstantSource clock,
            InstantSource steady,
            @Nullable String context,
            @Nullable SelectorHost host)
            throws IOException {
        this.config = config;
        this.home = lock(config, context);
        this.keyFile = KeyFile.open(config, home, clock);
        this.client = startClient(config, host);
        this.logging = Logging.configure(config.logs(), context);
        this.logs = new DailyLogs(config.logs(), clock, ZoneId.systemDefault());
        this.faults = new MachineFaults(logs);
        faults.watch("key_file", keyFile.store()::failure);
        UpstreamPulse pulse = new UpstreamPulse(clock);
        // Of many threads at once, and nothing rests on it being hard to guess.
        RandomGenerator random = () -> ThreadLocalRandom.current().nextLong();
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
        this.inFlight = new InFlight(config.admission().maxConcurrentRequests());
        RetryOptions retry = config.upstream().retry();
        Circuit circuit = new Circuit(config.upstream().circuit(), System::nanoTime);
        metrics.gauge(
                "keyway_upstream_circuit_open",
                "1 while the upstream is left alone because it does not answer",
                () -> circuit.isOpen() ? 1 : 0);
        this.attempts = new AttemptLoop(
                new Upstream(client, config.upstream(), pool, config.keys(), clock, timer),
                new RetryPolicy(retry, new RetryBudget(retry.budget()), random),
                circuit);
        this.watch = ClientWatch.start(config.watch(), context == null);
        this.cors = new CorsHeaders(config.access().allowedOrigins());
        BufferBudget budget = new BufferBudget(config.admission().maxBuffered(), timer, WAIT_FOR_ROOM);
        Secret token = GatewayFile.newToken(new SecureRandom());
        this.file = new GatewayFile(home == null ? null : config.home(), token, clock.instant(), timer);
        TrustedProxies proxies = new TrustedProxies(config.proxies());
        this.adminFilter = new AdminFilter(
                new AdminAccess(config.admin(), config.access().allowedOrigins(), token), proxies, clock);
        this.chain = Chain.standard(
                new AccessFilter(new Access(config.access()), proxies, () -> !pool.isEmpty(), adminFilter::recognises),
                new AdmissionFilter(inFlight),
                config.filter(),
                config.route(),
                config.identity());
        this.metricsFilter = new MetricsFilter(config.metricsAccess(), proxies);
        VersionInfo version = VersionInfo.read();
        this.endpoints = Endpoints.of(
                new UpstreamServlet(client, attempts, chain::requestFilters, budget, watch, config.upstream(), cors),
                new HealthServlet(
                        config.health(),
                        version,
                        new HealthServlet.Signs(() -> pool.usable() > 0, () -> stopping, faults::now),
                        pulse,
                        clock),
                new MetricsServlet(metrics),
                new AdminServlet(pool, new ProbeTester(probe), this::view, cors),
                new RootServlet(version.version()));
        every(KEEP, pool::keep);
        every(LOOK, faults::look);
        every(AGAIN, this::tryAgain);
        probe.start();
        awaitHome(false);
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

    private ConfigView view() {
        return new ConfigView(
                chain.links().stream()
                        .map(link ->
                                new ConfigView.Link(link.name(), link.stage().name()))
                        .toList(),
                config.settings().stream()
                        .map(setting -> new ConfigView.Setting(setting.path(), setting.value(), setting.source()))
                        .toList());
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
                    LOG.info("home still held by this context's older deployment: home={}", config.home());
                }
                var unused = timer.schedule(() -> awaitHome(true), 1, TimeUnit.SECONDS);
            } else if (waited) {
                LOG.info("home taken over from the older deployment: home={}", config.home());
                pool.keepAll();
            }
        } catch (IOException e) {
            LOG.warn("home folder can't be locked: home={} error={}", config.home(), e.toString());
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
        addFilter(context, "exchange", new ExchangeFilter(outcomes, cors, timer, file, () -> stopping))
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
            case CLIENTS -> chain.heads();
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
        AccessSummary access = AccessSummary.of(config.access(), !pool.isEmpty())
                .with(config.admin(), config.metricsAccess(), config.proxies());
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

    private List<String> warnings(AccessSummary access) {
        List<String> warnings = new ArrayList<>(access.warnings());
        if (home == null) {
            warnings.add("home " + config.home() + " is not writable: no log files, nothing is kept");
        }
        return warnings;
    }

    public Chain chain() {
        return chain;
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
        Duration delay = config.server().drainDelay();
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
        Duration timeout = config.server().drainTimeout();
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
        file.close();
        probe.close();
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
