package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.keys.Fate;
import dev.keyway.upstream.RetryOptions.Ambiguous;
import dev.keyway.upstream.RetryPolicy.Chosen;
import dev.keyway.upstream.RetryPolicy.Decision;
import dev.keyway.upstream.RetryPolicy.Loss;
import dev.keyway.upstream.RetryPolicy.PassOn;
import dev.keyway.upstream.RetryPolicy.Resend;
import dev.keyway.upstream.RetryPolicy.State;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The table alone; what it does to generations and bills is shown by {@link RetryTableTest}. */
class RetryPolicyTest {
    private static final Duration LONG = Duration.ofMinutes(10);
    private final RetryBudget budget = new RetryBudget(0.1);

    private Decision after(Loss loss, Ambiguous ambiguous, State state, Duration stated) {
        return new RetryPolicy(new RetryOptions(3, ambiguous, 0.1), budget, new Random(7)).after(loss, state, stated);
    }

    private Decision after(Loss loss, State state) {
        return after(loss, Ambiguous.STREAM_ONLY, state, Duration.ZERO);
    }

    private static State first(boolean stream) {
        return new State(true, stream, 1, false, LONG);
    }

    @ParameterizedTest
    @CsvSource({
        "NOT_SENT, false, ANY, false",
        "CUT_SENDING, false, ANY, true",
        "KEY_REFUSED, false, OTHER, false",
        "ACCOUNT_BUSY, false, OTHER_ACCOUNT, false",
        "REFUSED, false, ANY, true",
        "EMPTY_STREAM, true, ANY, true",
        "AMBIGUOUS, true, ANY, true"
    })
    void each_kind_has_its_key_and_its_number(Loss loss, boolean stream, Chosen key, boolean once) {
        Resend resend = (Resend) after(loss, first(stream));

        assertThat(resend.key()).isEqualTo(key);
        assertThat(resend.once()).isEqualTo(once);
        assertThat(after(loss, new State(true, stream, 2, true, LONG)) instanceof PassOn)
                .isEqualTo(once);
    }

    @ParameterizedTest
    @EnumSource(Loss.class)
    void nothing_is_sent_more_often_than_allowed_or_without_its_body(Loss loss) {
        assertThat(after(loss, Ambiguous.ONCE, new State(true, true, 3, false, LONG), Duration.ZERO))
                .isEqualTo(new PassOn());
        assertThat(after(loss, Ambiguous.ONCE, new State(false, true, 1, false, LONG), Duration.ZERO))
                .isEqualTo(new PassOn());
    }

    @ParameterizedTest
    @CsvSource({
        "NEVER, true, false", "NEVER, false, false",
        "STREAM_ONLY, true, true", "STREAM_ONLY, false, false",
        "ONCE, true, true", "ONCE, false, true"
    })
    void what_may_have_been_billed_is_sent_again_as_set(Ambiguous set, boolean stream, boolean again) {
        Decision decision = after(Loss.AMBIGUOUS, set, first(stream), Duration.ZERO);

        assertThat(decision instanceof Resend).isEqualTo(again);
    }

    @ParameterizedTest
    @CsvSource({
        "REFUSED, true",
        "AMBIGUOUS, true",
        "EMPTY_STREAM, true",
        "NOT_SENT, false",
        "KEY_REFUSED, false",
        "ACCOUNT_BUSY, false",
        "CUT_SENDING, false"
    })
    void empty_budget_stops_only_what_is_charged(Loss loss, boolean charged) {
        for (int i = 0; i < 10; i++) {
            assertThat(budget.takeOut()).isTrue();
        }

        assertThat(after(loss, first(true)) instanceof PassOn).isEqualTo(charged);
    }

    @Test
    void back_off_is_a_random_part_that_grows_to_two_seconds() {
        RetryPolicy policy = new RetryPolicy(new RetryOptions(10, Ambiguous.NEVER, 0.1), budget, new Random(7));
        for (int sends = 1; sends < 10; sends++) {
            long most = Math.min(2000, 100L << (sends - 1));
            long longest = 0;
            for (int i = 0; i < 200; i++) {
                State state = new State(true, false, sends, false, LONG);
                Resend resend = (Resend) policy.after(Loss.NOT_SENT, state, Duration.ZERO);
                longest = Math.max(longest, resend.pause().toMillis());
            }
            assertThat(longest).describedAs("after %d sends", sends).isBetween(most / 2, most);
        }
    }

    @Test
    void stated_pause_is_kept_if_it_fits_the_deadline() {
        Duration stated = Duration.ofSeconds(9);

        Resend fits = (Resend) after(Loss.REFUSED, Ambiguous.NEVER, first(false), stated);
        Decision late =
                after(Loss.REFUSED, Ambiguous.NEVER, new State(true, false, 1, false, Duration.ofSeconds(9)), stated);

        assertThat(fits.pause()).isBetween(stated, stated.plusMillis(100));
        assertThat(late).isEqualTo(new PassOn());
    }

    @ParameterizedTest
    @CsvSource({"4, 600, true", "6, 600, false", "4, 3, false"})
    void busy_account_is_waited_for_five_seconds_at_most(int stated, int left, boolean waits) {
        State state = new State(true, false, 1, false, Duration.ofSeconds(left));

        Resend resend = (Resend) after(Loss.ACCOUNT_BUSY, Ambiguous.NEVER, state, Duration.ofSeconds(stated));

        assertThat(resend.mayWait()).isEqualTo(waits);
    }

    @ParameterizedTest
    @CsvSource({
        "ANSWERED, FINAL",
        "PERMANENT, FINAL",
        "PROVIDER_LIMITED, FINAL",
        "REFUSED, REFUSED",
        "KEY_REFUSED, KEY_REFUSED",
        "ACCOUNT_BUSY, ACCOUNT_BUSY",
        "AMBIGUOUS, AMBIGUOUS"
    })
    void each_fate_is_a_line_of_the_table(Fate fate, Loss loss) {
        assertThat(Loss.of(fate)).isEqualTo(loss);
        assertThat(loss == Loss.FINAL && after(loss, first(true)) instanceof Resend)
                .isFalse();
    }
}
