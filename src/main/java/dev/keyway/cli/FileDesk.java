package dev.keyway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.admin.KeyJson;
import dev.keyway.app.HomeLock;
import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigLoader;
import dev.keyway.config.ConfigProblem;
import dev.keyway.config.ConfigResult;
import dev.keyway.config.GatewayConfig;
import dev.keyway.keys.Fate;
import dev.keyway.keys.KeyEffect;
import dev.keyway.keys.KeyPool;
import dev.keyway.keys.KeySource;
import dev.keyway.keys.KeyStateStore;
import dev.keyway.keys.KeyVerdict;
import dev.keyway.keys.Selection;
import dev.keyway.keys.UpstreamKey;
import dev.keyway.keys.store.KeyStateStores;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The key file of a home in which no gateway runs, under its lock: the gateway's own pool decides what becomes of it. */
final class FileDesk implements KeyDesk {
    private static final long KEPT_WITHIN_S = 30;
    private static final String UNKNOWN = "there is no key with this id";

    private final KeyPool pool;
    private final KeyStateStore store;
    private final KeyFileLog log;
    private final HomeLock lock;
    private final String name;

    private FileDesk(KeyPool pool, KeyStateStore store, KeyFileLog log, HomeLock lock, String name) {
        this.pool = pool;
        this.store = store;
        this.log = log;
        this.lock = lock;
        this.name = name;
    }

    /** Opens the file; lets go of the lock when that fails. */
    static FileDesk open(CommandContext context, ConfigInputs inputs, HomeLock lock) throws NoDeskException {
        try {
            ConfigResult result = new ConfigLoader(inputs).load();
            if (result instanceof ConfigResult.Refused refused) {
                throw new NoDeskException(
                        refused.problems().stream().map(ConfigProblem::line).toList());
            }
            return open(context, ((ConfigResult.Loaded) result).config(), lock);
        } catch (NoDeskException | RuntimeException e) {
            letGo(lock);
            throw e;
        }
    }

    private static FileDesk open(CommandContext context, GatewayConfig config, HomeLock lock) throws NoDeskException {
        KeyStateStore store = KeyStateStores.open(config.home(), config.keyStore(), context.clock());
        try {
            KeyFileLog log = new KeyFileLog(config.logs(), context.clock(), context.zone());
            KeyPool pool = new KeyPool(
                    config.keys(), context.clock(), context.clock(), new SecureRandom(), log, store.load(), store);
            return new FileDesk(pool, store, log, lock, "the key file of " + config.home() + ", where no gateway runs");
        } catch (IOException e) {
            store.close();
            throw new NoDeskException(String.valueOf(e.getMessage()));
        }
    }

    static void letGo(HomeLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            throw new IllegalStateException("a lock file could not be closed", e);
        }
    }

    @Override
    public Reply list() {
        return new Reply.Done(KeyJson.list(pool.views()));
    }

    @Override
    public Reply add(Secret key, @Nullable String label, @Nullable String account) {
        return kept(pool.add(key, label, account, KeySource.FILE), added -> {
            ObjectNode body = Json.object()
                    .put("message", "API key added successfully")
                    .put("id", added.id())
                    .put("created", added.created());
            if (!key.reveal().startsWith(KeyText.UPSTREAM_PREFIX)) {
                body.put("warning", "it does not start with sk-or-, as OpenRouter's keys do");
            }
            return new Reply.Done(body);
        });
    }

    @Override
    public Reply change(String id, KeyChange change) {
        return switch (change) {
            case TEST -> new Reply.Refused("only a running gateway asks OpenRouter; start it, then test");
            case DISABLE -> kept(pool.disable(id), known -> known ? view(id) : new Reply.Refused(UNKNOWN));
            case REACTIVATE -> kept(pool.reactivate(id), known -> known ? view(id) : new Reply.Refused(UNKNOWN));
            case REMOVE -> kept(pool.remove(id), FileDesk::removed);
        };
    }

    @Override
    public Reply rest(String id, Instant until) {
        Optional<UpstreamKey> key = pool.key(id);
        if (key.isEmpty()) {
            return new Reply.Refused(UNKNOWN);
        }
        KeyVerdict limited = new KeyVerdict(
                new KeyEffect.Cooling(until, KeyEffect.Scope.KEY),
                Fate.KEY_REFUSED,
                KeyVerdict.RATE_LIMITED,
                Duration.ZERO,
                null);
        return kept(pool.report(new Selection.Lease(key.get(), 0), limited), done -> view(id));
    }

    private Reply view(String id) {
        return pool.view(id)
                .<Reply>map(view -> new Reply.Done(KeyJson.one(view)))
                .orElseGet(() -> new Reply.Refused(UNKNOWN));
    }

    private static Reply removed(KeyPool.Removal removal) {
        return switch (removal) {
            case REMOVED -> new Reply.Done(Json.object());
            case UNKNOWN -> new Reply.Refused(UNKNOWN);
            case CONFIGURED ->
                new Reply.Refused("it stands in the configuration or the environment, from where it would come back:"
                        + " take it out there, or disable it");
        };
    }

    /** Waits until what was changed would survive a crash. */
    private static <T> Reply kept(CompletionStage<T> stage, Function<T, Reply> then) {
        try {
            return then.apply(stage.toCompletableFuture().get(KEPT_WITHIN_S, TimeUnit.SECONDS));
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            return new Reply.Refused("the key file could not be written: " + cause.getMessage());
        } catch (TimeoutException e) {
            return new Reply.Refused("the key file was not written within " + KEPT_WITHIN_S + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new Reply.Refused("interrupted");
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public void close() {
        store.close();
        log.close();
        letGo(lock);
    }
}
