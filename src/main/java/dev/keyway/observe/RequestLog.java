package dev.keyway.observe;

import dev.keyway.exchange.Attempt;
import dev.keyway.exchange.Outcome;
import dev.keyway.exchange.OutcomeListener;
import dev.keyway.exchange.Usage;
import java.util.Locale;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * The requests log: a line when a request arrives ({@code Incoming Request}) and one after its end ({@code Outgoing
 * Response}). Sizes are bytes of the bodies, times milliseconds, {@code cost} USD with exactly the upstream's digits;
 * what is not known is left out.
 */
public final class RequestLog implements OutcomeListener {
    private static final Logger LOG = LogManager.getLogger(RequestLog.class);
    private static final int BAD_REQUEST = 400;
    private final DailyLogs logs;

    public RequestLog(DailyLogs logs) {
        this.logs = logs;
    }

    @Override
    public void onArrival(Arrival arrival) {
        logs.write(
                LogFiles.Log.REQUESTS,
                logs.line("INFO", "incoming_request", "Incoming Request")
                        .text("request_id", arrival.id().value())
                        .text("method", arrival.method())
                        .text("path", withoutQuery(arrival.path())));
    }

    @Override
    public void onOutcome(Outcome outcome) {
        String level =
                outcome.status() >= BAD_REQUEST || outcome.ended() == Outcome.Ended.UPSTREAM_BROKEN ? "WARN" : "INFO";
        logs.write(
                LogFiles.Log.REQUESTS,
                members(logs.line(level, "outgoing_response", "Outgoing Response"), outcome)
                        .word("ended", outcome.ended().name().toLowerCase(Locale.ROOT)));
        LOG.debug(
                "request completed: request={} client={} method={} path={} key={} status={} ms={} ended={}",
                outcome.id(),
                outcome.client(),
                outcome.method(),
                withoutQuery(outcome.path()),
                outcome.key(),
                outcome.status(),
                outcome.timings().total().toMillis(),
                outcome.ended());
    }

    /** All that is said of an outcome in a line, in the order of the page on logs. */
    static JsonLine members(JsonLine line, Outcome outcome) {
        line.text("request_id", outcome.id().value())
                .text("client", outcome.client())
                .text("method", outcome.method())
                .text("path", withoutQuery(outcome.path()))
                .text("model", outcome.modelAsked(), 256)
                .text("model_served", outcome.answer().model(), 256)
                .text("key", outcome.key())
                .status("status", outcome.status());
        attempts(line, outcome);
        line.number("bytes_in", outcome.bytesIn()).number("bytes_out", outcome.bytesOut());
        Usage usage = outcome.answer().usage();
        if (usage != null) {
            line.number("prompt_tokens", usage.promptTokens())
                    .number("completion_tokens", usage.completionTokens())
                    .decimal("cost", usage.cost());
        }
        return line.millis("ttfb_ms", outcome.timings().firstByte())
                .millis("total_ms", outcome.timings().total())
                .millis("own_ms", outcome.timings().own());
    }

    private static void attempts(JsonLine line, Outcome outcome) {
        if (outcome.attempts().isEmpty()) {
            return;
        }
        line.array("attempts");
        for (Attempt attempt : outcome.attempts()) {
            line.object()
                    .text("key", attempt.key())
                    .status("status", attempt.status())
                    .text("reason", attempt.reason(), 256)
                    .millis("ms", attempt.took())
                    .endObject();
        }
        line.endArray();
    }

    static String withoutQuery(String path) {
        int query = path.indexOf('?');
        return query < 0 ? path : path.substring(0, query);
    }
}
