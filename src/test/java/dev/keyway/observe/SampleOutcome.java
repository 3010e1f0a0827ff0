package dev.keyway.observe;

import dev.keyway.exchange.Answer;
import dev.keyway.exchange.Api;
import dev.keyway.exchange.Attempt;
import dev.keyway.exchange.Outcome;
import dev.keyway.exchange.RequestId;
import dev.keyway.exchange.Timings;
import dev.keyway.exchange.Usage;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Outcomes as the gateway would report them. */
final class SampleOutcome {
    private SampleOutcome() {}

    /** Two attempts, the second one served, everything known. */
    static Outcome complete() {
        return new Outcome(
                new RequestId("r-1"),
                "default",
                "POST",
                "/api/v1/chat/completions",
                Api.CHAT,
                "openai/gpt-5$think.high",
                new Answer(
                        "openai/gpt-5-2026",
                        "OpenAI",
                        "gen-1",
                        "stop",
                        new Usage(10, 0, 0, 20, 0, new BigDecimal("0.00000120"))),
                "k_00000002",
                List.of(
                        new Attempt("k_00000001", 429, "rate_limited", Duration.ofNanos(12_345_678)),
                        new Attempt("k_00000002", 200, "ok", Duration.ofMillis(400))),
                200,
                true,
                123,
                4567,
                Outcome.Ended.COMPLETE,
                new Timings(
                        Duration.ZERO,
                        Duration.ZERO,
                        Duration.ofNanos(250_500_000),
                        Duration.ofMillis(400),
                        Duration.ofNanos(1_234_999)),
                null);
    }

    /** Nothing but a head and an end. */
    static Outcome bare(int status, Outcome.Ended ended, @Nullable Throwable failure) {
        return with("/v1/chat/completions", null, List.of(), status, ended, failure);
    }

    static Outcome with(
            String path,
            @Nullable String model,
            List<Attempt> attempts,
            int status,
            Outcome.Ended ended,
            @Nullable Throwable failure) {
        return new Outcome(
                new RequestId("r-2"),
                null,
                "POST",
                path,
                Api.CHAT,
                model,
                Answer.NONE,
                null,
                attempts,
                status,
                false,
                0,
                0,
                ended,
                Timings.NONE,
                failure);
    }
}
