package dev.keyway.access;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class WrongSecretsTest {
    private static final String GUESSER = "192.0.2.7";
    private Instant now = Instant.parse("2026-11-27T12:00:00Z");
    private final WrongSecrets wrongSecrets = new WrongSecrets(() -> now);

    @Test
    void nine_wrong_secrets_in_a_minute_cost_nothing_and_the_tenth_a_minute() {
        guess(GUESSER, 9);
        assertThat(wrongSecrets.left(GUESSER)).isZero();

        guess(GUESSER, 1);

        assertThat(wrongSecrets.left(GUESSER)).isEqualTo(Duration.ofMinutes(1));
        assertThat(wrongSecrets.left("192.0.2.8"))
                .describedAs("another address")
                .isZero();
    }

    @Test
    void ten_wrong_secrets_in_more_than_a_minute_cost_nothing() {
        for (int i = 0; i < 30; i++) {
            guess(GUESSER, 1);
            pass(Duration.ofSeconds(7));
        }

        assertThat(wrongSecrets.left(GUESSER)).isZero();
    }

    @Test
    void each_wait_is_twice_as_long_as_the_one_before_and_at_most_15_minutes() {
        for (int minutes : new int[] {1, 2, 4, 8, 15, 15}) {
            guess(GUESSER, 10);

            assertThat(wrongSecrets.left(GUESSER)).isEqualTo(Duration.ofMinutes(minutes));
            pass(Duration.ofMinutes(minutes));
            assertThat(wrongSecrets.left(GUESSER)).isZero();
        }
    }

    @Test
    void an_address_that_was_quiet_for_15_minutes_begins_anew() {
        guess(GUESSER, 10);
        pass(Duration.ofMinutes(1));
        guess(GUESSER, 10);
        pass(Duration.ofMinutes(2).plus(WrongSecrets.LONGEST).plusSeconds(1));

        guess(GUESSER, 10);

        assertThat(wrongSecrets.left(GUESSER)).isEqualTo(Duration.ofMinutes(1));
    }

    @Test
    void the_right_secret_makes_forget_the_wrong_ones() {
        guess(GUESSER, 9);

        wrongSecrets.right(GUESSER);
        guess(GUESSER, 9);

        assertThat(wrongSecrets.left(GUESSER)).isZero();
    }

    @Test
    void a_clock_set_back_by_an_hour_does_not_prolong_a_wait() {
        pass(Duration.ofHours(2));
        guess(GUESSER, 10);

        pass(Duration.ofHours(-1));

        assertThat(wrongSecrets.left(GUESSER)).isZero();
    }

    @Test
    void addresses_of_one_ipv6_network_count_as_one() {
        for (int i = 0; i < 10; i++) {
            wrongSecrets.wrong("2001:db8:1:2::" + i);
        }

        assertThat(wrongSecrets.left("2001:db8:1:2:ffff::1")).isEqualTo(Duration.ofMinutes(1));
        assertThat(wrongSecrets.left("2001:db8:1:3::1")).isZero();
        assertThat(wrongSecrets.left("[2001:db8:1:2::1%eth0]")).isEqualTo(Duration.ofMinutes(1));
        assertThat(wrongSecrets.left("::ffff:192.0.2.1")).isZero();
    }

    @Test
    void ten_thousand_addresses_are_remembered_and_of_more_the_latest() {
        guess(GUESSER, 10);
        for (int i = 1; i < WrongSecrets.CAPACITY; i++) {
            guess("10.0." + i / 256 + "." + i % 256, 1);
        }
        assertThat(wrongSecrets.left(GUESSER)).describedAs("at the limit").isPositive();
        assertThat(wrongSecrets.size()).isEqualTo(WrongSecrets.CAPACITY);

        for (int i = 0; i < 100_001; i++) {
            guess("10." + (1 + i / 65536) + "." + i / 256 % 256 + "." + i % 256, 1);
        }

        assertThat(wrongSecrets.size()).isEqualTo(WrongSecrets.CAPACITY);
        assertThat(wrongSecrets.left(GUESSER)).describedAs("beyond it").isZero();
    }

    private void guess(String address, int times) {
        for (int i = 0; i < times; i++) {
            wrongSecrets.wrong(address);
        }
    }

    private void pass(Duration time) {
        now = now.plus(time);
    }
}
