package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.upstream.Circuit.Leave;
import dev.keyway.upstream.Circuit.Pass;
import dev.keyway.upstream.Circuit.Refused;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class CircuitTest {
    private final AtomicLong nanos = new AtomicLong(42);
    private final Circuit circuit = new Circuit(new CircuitOptions(5, Duration.ofSeconds(10)), nanos::get);

    private Pass pass() {
        return (Pass) circuit.ask();
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            circuit.failed(pass());
        }
    }

    private void advance(Duration by) {
        nanos.addAndGet(by.toNanos());
    }

    @Test
    void opens_after_five_failures_in_a_row_and_says_for_how_long() {
        fail(4);
        assertThat(circuit.ask()).isInstanceOf(Pass.class);
        fail(1);
        advance(Duration.ofSeconds(4));

        assertThat(circuit.ask()).isEqualTo(new Refused(Duration.ofSeconds(6)));
    }

    @Test
    void one_answer_in_between_begins_a_new_row() {
        fail(4);
        circuit.lives();
        fail(4);

        assertThat(circuit.ask()).isInstanceOf(Pass.class);
    }

    @Test
    void one_request_may_try_when_the_time_is_over() {
        fail(5);
        advance(Duration.ofSeconds(10));

        Leave probe = circuit.ask();

        assertThat(probe).isInstanceOf(Pass.class);
        assertThat(circuit.ask()).isInstanceOf(Refused.class);
        circuit.lives();
        assertThat(circuit.ask()).isInstanceOf(Pass.class);
        assertThat(circuit.ask()).isInstanceOf(Pass.class);
    }

    @Test
    void probe_that_fails_opens_it_for_as_long_again() {
        fail(5);
        advance(Duration.ofSeconds(10));
        circuit.failed(pass());

        assertThat(circuit.ask()).isEqualTo(new Refused(Duration.ofSeconds(10)));
    }

    @Test
    void probe_that_learned_nothing_leaves_its_place_to_the_next() {
        fail(5);
        advance(Duration.ofSeconds(10));
        circuit.unused(pass());

        assertThat(circuit.ask()).isInstanceOf(Pass.class);
        assertThat(circuit.ask()).isInstanceOf(Refused.class);
    }

    /** Symptom: a request sent before the outage failed in the end, and a second one was let through beside the probe. */
    @Test
    void request_from_before_neither_lengthens_the_pause_nor_frees_the_probe() {
        Pass before = pass();
        fail(5);
        advance(Duration.ofSeconds(4));
        circuit.failed(before);
        assertThat(circuit.ask()).isEqualTo(new Refused(Duration.ofSeconds(6)));
        advance(Duration.ofSeconds(6));
        pass();

        circuit.unused(before);

        assertThat(circuit.ask()).isInstanceOf(Refused.class);
    }

    @Test
    void circuit_of_zero_failures_never_opens() {
        Circuit never = new Circuit(new CircuitOptions(0, Duration.ofSeconds(10)), nanos::get);
        for (int i = 0; i < 100; i++) {
            never.failed((Pass) never.ask());
        }

        assertThat(never.ask()).isInstanceOf(Pass.class);
    }
}
