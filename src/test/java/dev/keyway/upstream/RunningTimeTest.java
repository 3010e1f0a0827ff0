package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Time in which the process stood still is not time in which the upstream was silent. */
class RunningTimeTest {
    private final AtomicLong nanos =
            new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(5).toNanos());
    private final RunningTime time = new RunningTime(nanos::get);

    private void pass(Duration duration) {
        nanos.addAndGet(duration.toNanos());
        time.beat();
    }

    @Test
    void time_that_beats_is_counted_whole() {
        long start = time.getAsLong();

        for (int i = 0; i < 500; i++) {
            pass(AttemptLoop.BEAT);
        }

        assertThat(Duration.ofNanos(time.getAsLong() - start)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void a_stop_is_not_counted() {
        long start = time.getAsLong();
        pass(Duration.ofMillis(20));

        pass(Duration.ofMinutes(10));
        pass(Duration.ofMillis(20));

        assertThat(Duration.ofNanos(time.getAsLong() - start)).isEqualTo(Duration.ofMillis(40));
    }

    @Test
    void a_beat_that_is_a_little_late_is_counted() {
        long start = time.getAsLong();

        pass(RunningTime.STOP);

        assertThat(Duration.ofNanos(time.getAsLong() - start)).isEqualTo(RunningTime.STOP);
    }

    /** Symptom it is for: right behind a SIGCONT the clocks of all requests had run out, though their events had come. */
    @Test
    void silence_of_a_stopped_process_does_not_reach_a_limit() {
        Silence silence = new Silence(time);
        silence.begin();
        pass(Duration.ofMillis(100));

        pass(Duration.ofSeconds(10));

        assertThat(silence.left(Duration.ofSeconds(1))).isEqualTo(Duration.ofMillis(900));
    }
}
