package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Attempt;
import dev.keyway.exchange.Outcome;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpstreamPulseTest {
    private final HandClock clock = new HandClock("2026-11-20T12:00:00Z");
    private final UpstreamPulse pulse = new UpstreamPulse(clock);

    @Test
    void nothing_is_known_before_the_first_exchange() {
        assertThat(pulse.status()).isEqualTo("unknown");
    }

    @ParameterizedTest
    @CsvSource({"200,up", "401,up", "429,up", "500,down", "529,down", "0,down"})
    void last_attempt_decides(int status, String expected) {
        pulse.onOutcome(outcome(Outcome.Ended.COMPLETE, 200));

        pulse.onOutcome(outcome(Outcome.Ended.ERROR, status));

        assertThat(pulse.status()).isEqualTo(expected);
    }

    @Test
    void request_that_never_went_upstream_says_nothing() {
        pulse.onOutcome(SampleOutcome.bare(401, Outcome.Ended.ERROR, null));

        assertThat(pulse.status()).isEqualTo("unknown");
    }

    @Test
    void client_that_left_before_the_status_line_says_nothing() {
        pulse.onOutcome(outcome(Outcome.Ended.COMPLETE, 200));

        pulse.onOutcome(outcome(Outcome.Ended.CLIENT_GONE, 0));

        assertThat(pulse.status()).isEqualTo("up");
    }

    @Test
    void exchange_is_forgotten_after_five_minutes() {
        pulse.onOutcome(outcome(Outcome.Ended.COMPLETE, 200));

        clock.move(Duration.ofMinutes(5));
        assertThat(pulse.status()).isEqualTo("up");

        clock.move(Duration.ofMillis(1));
        assertThat(pulse.status()).isEqualTo("unknown");
    }

    private static Outcome outcome(Outcome.Ended ended, int attemptStatus) {
        Attempt attempt = new Attempt("k_00000001", attemptStatus, "reason", Duration.ofMillis(5));
        return SampleOutcome.with("/v1/models", null, List.of(attempt), 200, ended, null);
    }
}
