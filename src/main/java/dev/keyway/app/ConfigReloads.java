package dev.keyway.app;

import dev.keyway.admin.ConfigDesk;
import dev.keyway.admin.ConfigView;
import dev.keyway.config.ConfigProblem;
import dev.keyway.config.ConfigResult;
import dev.keyway.config.ConfigSource;
import dev.keyway.config.SettingChange;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads the configuration again, when its files change or somebody asks, and hands over what is valid; what is not
 * changes nothing and is told. All reading is done by one thread of its own, so that a slow disk holds up nothing else.
 *
 * <p>The files' content is looked at, not their times, and a change is taken once two looks have seen the same: so it
 * does not matter whether an editor rewrites a file, renames another over it, or a mounted folder swaps a link, and half
 * a file is seldom seen.
 */
final class ConfigReloads implements ConfigDesk, AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(ConfigReloads.class);
    private static final long END_SECONDS = 5;

    /** Each holds a file's text. */
    private static final int MOST_COMPARISONS = 8;

    private final ConfigSource source;
    private final Supplier<Snapshot> snapshots;
    private final Consumer<ConfigResult.Loaded> taken;
    private final InstantSource clock;
    private final ScheduledThreadPoolExecutor reader;
    private final AtomicReference<@Nullable CompletableFuture<Outcome>> waiting = new AtomicReference<>();
    private final AtomicInteger comparisons = new AtomicInteger();
    private volatile Instant since;
    private volatile ConfigView.@Nullable Reload last;

    // Of the reader's thread.
    private String seen;
    private String read;

    /** Who asked for a reload. */
    enum Trigger {
        FILE,
        SIGNAL,
        ADMIN
    }

    /**
     * Looks after a source that was loaded.
     *
     * @param snapshots what is in force
     * @param taken is given each valid configuration, on the reader's thread, before anybody is told
     */
    ConfigReloads(
            ConfigSource source,
            Supplier<Snapshot> snapshots,
            Consumer<ConfigResult.Loaded> taken,
            InstantSource clock) {
        this.source = source;
        this.snapshots = snapshots;
        this.taken = taken;
        this.clock = clock;
        this.since = clock.instant();
        this.seen = source.fingerprint();
        this.read = seen;
        this.reader = new ScheduledThreadPoolExecutor(1, work -> {
            Thread thread = new Thread(work, "keyway-config");
            thread.setDaemon(true);
            return thread;
        });
        reader.setRemoveOnCancelPolicy(true);
    }

    /** Begins to look at the files; zero: never by itself. */
    void watch(Duration interval) {
        if (!interval.isZero()) {
            var unused = reader.scheduleWithFixedDelay(
                    this::look, interval.toNanos(), interval.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void look() {
        try {
            String now = source.fingerprint();
            boolean settled = now.equals(seen);
            seen = now;
            if (settled && !now.equals(read)) {
                var unused = reload(Trigger.FILE);
            }
        } catch (RuntimeException e) {
            LOG.warn("configuration could not be looked at", e);
        }
    }

    /** Whether the last attempt found problems, so that what is in force is not what the sources say. */
    boolean isLastRefused() {
        ConfigView.Reload attempt = last;
        return attempt != null && !attempt.problems().isEmpty();
    }

    @Override
    public ConfigView view() {
        Snapshot now = snapshots.get();
        return new ConfigView(
                now.config().hash(),
                since,
                now.config().sources(),
                last,
                now.chain().links().stream()
                        .map(link ->
                                new ConfigView.Link(link.name(), link.stage().name()))
                        .toList(),
                now.config().settings().stream()
                        .map(setting -> new ConfigView.Setting(setting.path(), setting.value(), setting.source()))
                        .toList());
    }

    @Override
    public CompletionStage<Outcome> reload() {
        return ask(Trigger.ADMIN);
    }

    /** Reads all again; those who ask before the reading has begun share it. */
    CompletionStage<Outcome> ask(Trigger trigger) {
        CompletableFuture<Outcome> mine = new CompletableFuture<>();
        CompletableFuture<Outcome> before = waiting.compareAndExchange(null, mine);
        if (before != null) {
            return before;
        }
        onReader(mine, () -> {
            waiting.set(null);
            return reload(trigger);
        });
        return mine;
    }

    @Override
    public CompletionStage<Outcome> compare(String name, String yaml) {
        CompletableFuture<Outcome> outcome = new CompletableFuture<>();
        if (comparisons.incrementAndGet() > MOST_COMPARISONS) {
            outcome.completeExceptionally(
                    new ApiException(ErrorCode.UNAVAILABLE, "too many files are being compared; try again")
                            .withHeader("Retry-After", "1"));
        } else {
            onReader(outcome, () -> outcome(source.preview(name, yaml)));
        }
        return outcome.whenComplete((done, failure) -> comparisons.decrementAndGet());
    }

    private void onReader(CompletableFuture<Outcome> told, Supplier<Outcome> work) {
        try {
            reader.execute(() -> {
                try {
                    told.complete(work.get());
                } catch (RuntimeException e) {
                    told.completeExceptionally(e);
                }
            });
        } catch (RejectedExecutionException closed) {
            waiting.set(null);
            told.completeExceptionally(closed);
        }
    }

    private Outcome reload(Trigger trigger) {
        // Before it is read: what changes while it is being read is seen as a change by the next look.
        read = source.fingerprint();
        ConfigResult result = source.load();
        if (result instanceof ConfigResult.Loaded loaded) {
            taken.accept(loaded);
            since = loaded.changes().isEmpty() ? since : clock.instant();
        }
        Outcome outcome = outcome(result);
        if (result instanceof ConfigResult.Refused refused) {
            tellRefusal(trigger, refused);
        } else {
            tellChange(trigger, outcome);
        }
        last = new ConfigView.Reload(clock.instant(), word(trigger), needRestart(outcome), outcome.problems());
        return outcome;
    }

    private void tellRefusal(Trigger trigger, ConfigResult.Refused refused) {
        LOG.error(
                "configuration not reloaded, the old one stays: trigger={} hash={} problems={}",
                word(trigger),
                source.config().hash(),
                refused.problems().size());
        for (ConfigProblem problem : refused.problems()) {
            // Without a colon before the message, which would be taken for the value of an admin.secret and masked.
            LOG.error("configuration problem: {} {} {}", problem.source(), problem.path(), problem.message());
        }
    }

    private static void tellChange(Trigger trigger, Outcome outcome) {
        List<String> changed = outcome.changes().stream().map(Change::path).toList();
        LOG.info("configuration reloaded: trigger={} hash={} changed={}", word(trigger), outcome.hash(), changed);
        outcome.warnings().forEach(warning -> LOG.warn("configuration: {}", warning));
        List<String> needRestart = needRestart(outcome);
        if (!needRestart.isEmpty()) {
            LOG.warn("configuration: these count at the next start: {}", needRestart);
        }
    }

    private static List<String> needRestart(Outcome outcome) {
        return outcome.changes().stream()
                .filter(Change::needsRestart)
                .map(Change::path)
                .toList();
    }

    private static String word(Trigger trigger) {
        return trigger.name().toLowerCase(Locale.ROOT);
    }

    private Outcome outcome(ConfigResult result) {
        if (result instanceof ConfigResult.Refused refused) {
            return new Outcome(
                    source.config().hash(),
                    List.of(),
                    List.of(),
                    refused.problems().stream().map(ConfigProblem::line).toList());
        }
        ConfigResult.Loaded loaded = (ConfigResult.Loaded) result;
        return new Outcome(
                loaded.config().hash(),
                loaded.changes().stream().map(ConfigReloads::change).toList(),
                loaded.warnings(),
                List.of());
    }

    private static Change change(SettingChange change) {
        return new Change(change.path(), change.before(), change.after(), change.source(), change.needsRestart());
    }

    @Override
    public void close() {
        reader.shutdownNow();
        try {
            if (!reader.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("configuration is still being read, given up");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
