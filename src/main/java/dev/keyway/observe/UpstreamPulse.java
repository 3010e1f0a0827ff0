package dev.keyway.observe;

import dev.keyway.exchange.Attempt;
import dev.keyway.exchange.Outcome;
import dev.keyway.exchange.OutcomeListener;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * Whether the upstream answers, as the last real exchange within five minutes showed it: any status below 500 is
 * {@code up}; none, or one from 500, is {@code down}; no exchange is {@code unknown}. It never calls the upstream.
 */
public final class UpstreamPulse implements OutcomeListener {
    private static final Duration MEMORY = Duration.ofMinutes(5);
    private static final int SERVER_ERROR = 500;
    private final InstantSource clock;
    private volatile @Nullable Beat last;

    public UpstreamPulse(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void onOutcome(Outcome outcome) {
        if (outcome.attempts().isEmpty()) {
            return;
        }
        Attempt attempt = outcome.attempts().get(outcome.attempts().size() - 1);
        if (attempt.status() == 0 && outcome.ended() == Outcome.Ended.CLIENT_GONE) {
            // It was not given the time to answer.
            return;
        }
        last = new Beat(clock.instant(), attempt.status() > 0 && attempt.status() < SERVER_ERROR);
    }

    /** {@code up}, {@code down} or {@code unknown}. */
    public String status() {
        Beat beat = last;
        if (beat == null || beat.at().plus(MEMORY).isBefore(clock.instant())) {
            return "unknown";
        }
        return beat.up() ? "up" : "down";
    }

    private record Beat(Instant at, boolean up) {}
}
