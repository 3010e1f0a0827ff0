package dev.keyway.observe;

import dev.keyway.exchange.Outcome;
import dev.keyway.exchange.OutcomeListener;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.HeapExhaustion;
import java.util.Locale;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * The errors log: a line ({@code Request Failed}) for each request that Keyway answered with an error, that the
 * upstream broke off, or that failed with a status of 500 or above; not for one whose client left. With the stack trace, if there is
 * one, as {@code stack}. The console gets one line without it, with it only where there is no file.
 */
public final class ErrorLog implements OutcomeListener {
    private static final Logger LOG = LogManager.getLogger(ErrorLog.class);
    private static final int SERVER_ERROR = 500;
    private final DailyLogs logs;

    public ErrorLog(DailyLogs logs) {
        this.logs = logs;
    }

    @Override
    public void onOutcome(Outcome outcome) {
        if (!failed(outcome)) {
            return;
        }
        Throwable failure = outcome.failure();
        HeapExhaustion.surface(failure);
        Throwable traced = failure instanceof ApiException ? failure.getCause() : failure;
        logs.write(
                LogFiles.Log.ERRORS,
                RequestLog.members(logs.line(levelOf(outcome).name(), "request_failed", "Request Failed"), outcome)
                        .text("ended", outcome.ended().name().toLowerCase(Locale.ROOT))
                        .text("error", describe(failure))
                        .text("stack", traced == null ? null : StackText.of(traced), StackText.LIMIT));
        LOG.atLevel(consoleLevelOf(outcome))
                .withThrowable(logs.onDisk() ? null : traced)
                .log(
                        "request failed: request={} client={} method={} path={} key={} status={} error={}",
                        outcome.id(),
                        outcome.client(),
                        outcome.method(),
                        RequestLog.withoutQuery(outcome.path()),
                        outcome.key(),
                        outcome.status(),
                        describe(failure));
    }

    private static boolean failed(Outcome outcome) {
        // A client that leaves is no error; the requests log tells how it ended.
        return (outcome.ended() != Outcome.Ended.CLIENT_GONE && outcome.failure() != null)
                || outcome.ended() == Outcome.Ended.ERROR
                || outcome.ended() == Outcome.Ended.UPSTREAM_BROKEN
                || outcome.status() >= SERVER_ERROR;
    }

    /** ERROR asks a person to look: only for what Keyway itself did wrong. */
    private static Level levelOf(Outcome outcome) {
        boolean ours = outcome.ended() == Outcome.Ended.ERROR && outcome.status() == SERVER_ERROR;
        return ours ? Level.ERROR : Level.WARN;
    }

    /** A refused request is everyday business that must not flood the console. */
    private static Level consoleLevelOf(Outcome outcome) {
        boolean everyday = outcome.status() < SERVER_ERROR && outcome.ended() != Outcome.Ended.UPSTREAM_BROKEN;
        return everyday ? Level.DEBUG : levelOf(outcome);
    }

    private static @Nullable String describe(@Nullable Throwable failure) {
        if (failure == null) {
            return null;
        }
        return failure instanceof ApiException api ? api.text() : StackText.headline(failure);
    }
}
