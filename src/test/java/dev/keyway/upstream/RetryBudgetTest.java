package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class RetryBudgetTest {
    private static int takeAll(RetryBudget budget) {
        int taken = 0;
        while (budget.takeOut()) {
            taken++;
        }
        return taken;
    }

    @Test
    void ten_requests_pay_for_one_send_after_the_ten_it_begins_with() {
        RetryBudget budget = new RetryBudget(0.1);
        assertThat(takeAll(budget)).isEqualTo(10);

        for (int i = 0; i < 9; i++) {
            budget.payIn();
        }
        assertThat(budget.takeOut()).isFalse();
        budget.payIn();

        assertThat(takeAll(budget)).isEqualTo(1);
    }

    @Test
    void quiet_day_does_not_pay_for_a_storm() {
        RetryBudget budget = new RetryBudget(1);

        for (int i = 0; i < 10_000; i++) {
            budget.payIn();
        }

        assertThat(takeAll(budget)).isEqualTo(10);
    }

    @Test
    void budget_of_nothing_never_pays() {
        RetryBudget budget = new RetryBudget(0);
        budget.payIn();

        assertThat(budget.takeOut()).isFalse();
    }

    @Test
    void many_threads_together_take_no_more_than_was_paid_in() throws Exception {
        RetryBudget budget = new RetryBudget(0.1);
        takeAll(budget);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Future<Integer>> taken = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            taken.add(threads.submit(() -> {
                int mine = 0;
                for (int i = 0; i < 10_000; i++) {
                    budget.payIn();
                    mine += budget.takeOut() ? 1 : 0;
                }
                return mine;
            }));
        }
        int all = 0;
        for (Future<Integer> one : taken) {
            all += one.get();
        }
        threads.shutdown();

        assertThat(all + takeAll(budget)).isEqualTo(8_000);
    }
}
