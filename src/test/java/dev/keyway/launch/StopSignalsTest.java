package dev.keyway.launch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.launch.StopSignals.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What each signal leads to; that real ones arrive is for {@code DrainIT}. */
class StopSignalsTest {
    private static final Duration LATER = StopSignals.SAME.plusMillis(1);

    private final List<String> happened = new ArrayList<>();
    /** Far below zero, as the real counter may be. */
    private long nanos = Long.MIN_VALUE + 1;

    private boolean terminalGone;

    private final StopSignals signals = new StopSignals(
            () -> happened.add("end"),
            code -> happened.add("exit " + code),
            () -> happened.add("reload"),
            () -> terminalGone,
            () -> nanos);

    private void after(Duration time, Signal signal) {
        nanos += time.toNanos();
        signals.arrived(signal);
    }

    @ParameterizedTest
    @EnumSource(Signal.class)
    void the_first_signal_ends_in_order(Signal signal) {
        terminalGone = true;

        signals.arrived(signal);

        assertThat(happened).containsExactly("end");
    }

    @ParameterizedTest
    @CsvSource({"TERM,TERM,143", "INT,INT,130", "INT,TERM,143", "HUP,INT,130"})
    void a_further_one_ends_at_once_with_the_exit_code_of_its_own(Signal first, Signal second, int code) {
        terminalGone = true;
        signals.arrived(first);

        after(LATER, second);

        assertThat(happened).containsExactly("end", "exit " + code);
    }

    /** Symptom: {@code timeout 60 java -jar keyway.war} cut every stream, because it signals its child and its group. */
    @Test
    void what_comes_together_with_the_first_is_taken_for_the_same() {
        signals.arrived(Signal.TERM);

        after(StopSignals.SAME, Signal.TERM);
        assertThat(happened).containsExactly("end");

        after(Duration.ofMillis(1), Signal.TERM);
        assertThat(happened).containsExactly("end", "exit 143");
    }

    @Test
    void a_hangup_reloads_while_the_terminal_is_there_or_there_never_was_one() {
        signals.arrived(Signal.HUP);
        after(LATER, Signal.HUP);
        after(LATER, Signal.TERM);

        assertThat(happened).containsExactly("reload", "reload", "end");
    }

    @Test
    void a_hangup_never_hurries() {
        terminalGone = true;
        signals.arrived(Signal.HUP);

        after(LATER, Signal.HUP);

        assertThat(happened).containsExactly("end");
    }

    @Test
    void it_hurries_once() {
        signals.arrived(Signal.TERM);
        after(LATER, Signal.INT);

        after(LATER, Signal.TERM);

        assertThat(happened).containsExactly("end", "exit 130");
    }
}
