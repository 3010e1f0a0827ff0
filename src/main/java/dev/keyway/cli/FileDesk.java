package dev.keyway.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.app.HomeLock;
import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigLoader;
import dev.keyway.config.ConfigProblem;
import dev.keyway.config.ConfigResult;
import dev.keyway.config.GatewayConfig;
import dev.keyway.keys.KeyPool;
import dev.keyway.keys.KeySource;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.security.SecureRandom;
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
    private final HomeLock lock;
    private final String name;

    private FileDesk(KeyPool pool, HomeLock lock, String name) {
        this.pool = pool;
        this.lock = lock;
        this.name = name;
    }

    /** Opens the file; lets go of the lock when that fails. */
    static FileDesk open(CommandContext context, ConfigInputs inputs, HomeLock lock) throws NoDeskException {
        ConfigResult result = new ConfigLoader(inputs).load();
        if (result instanceof ConfigResult.Refused refused) {
            letGo(lock);
            throw new NoDeskException(
                    refused.problems().stream().map(ConfigProblem::line).toList());
        }
        GatewayConfig config = ((ConfigResult.Loaded) result).config();
        KeyPool pool = new KeyPool(config.keys(), context.clock(), new SecureRandom(), event -> {});
        return new FileDesk(pool, lock, "the key file in " + config.home() + ", where no gateway runs");
    }

    private static void letGo(HomeLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            throw new IllegalStateException("a lock file could not be closed", e);
        }
    }

    @Override
    public Reply list() {
        return new Reply.Done(KeyJson.of(pool.views()));
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

    private Reply view(String id) {
        return pool.view(id)
                .<Reply>map(view -> new Reply.Done(KeyJson.of(view)))
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
        letGo(lock);
    }
}
