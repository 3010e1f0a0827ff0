package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SilenceTest {
    private static final Duration LIMIT = Duration.ofSeconds(16);

    private final AtomicLong now = new AtomicLong(-5);
    private final Silence silence = new Silence(now::get);

    private void pass(long millis) {
        now.addAndGet(Duration.ofMillis(millis).toNanos());
    }

    @Test
    void is_over_when_nothing_came_for_the_limit() {
        silence.begin();
        pass(15_999);
        assertThat(silence.left(LIMIT)).isEqualTo(Duration.ofMillis(1));

        pass(1);

        assertThat(silence.left(LIMIT)).isZero();
    }

    @Test
    void begins_anew_with_what_comes() {
        silence.begin();
        pass(10_000);
        silence.begin();
        pass(6_000);

        assertThat(silence.left(LIMIT)).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void does_not_count_the_time_in_which_nothing_could_come() {
        silence.begin();
        pass(4_000);
        silence.pause();
        silence.pause();
        pass(60_000);
        silence.resume();
        pass(60_000);
        assertThat(silence.left(LIMIT)).isEqualTo(Duration.ofSeconds(12));
        silence.resume();
        pass(2_000);

        assertThat(silence.left(LIMIT)).isEqualTo(Duration.ofSeconds(10));
    }

    /** Symptom: a client that stopped reading just before the idle limit kept a thread busy until it went on. */
    @Test
    void is_not_looked_at_all_the_time_while_it_stands_still() {
        silence.begin();
        pass(15_999);
        silence.pause();

        assertThat(silence.left(LIMIT)).isEqualTo(Duration.ofSeconds(1));
    }
}
