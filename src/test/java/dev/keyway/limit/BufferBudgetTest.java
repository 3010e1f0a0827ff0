package dev.keyway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyway.testing.HandTimer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class BufferBudgetTest {
    private static final Duration MAX_WAIT = Duration.ofSeconds(10);
    private final HandTimer timer = new HandTimer();
    private final BufferBudget budget = new BufferBudget(100, timer, MAX_WAIT);
    private final List<String> told = new ArrayList<>();

    @Test
    void room_is_granted_at_once_up_to_the_last_byte() {
        acquire("a", 60);
        acquire("b", 40);
        acquire("c", 1);

        assertThat(told).containsExactly("a granted", "b granted");
        assertThat(budget.used()).isEqualTo(100);
        assertThat(budget.waiting()).isEqualTo(1);
    }

    @Test
    void room_is_taken_without_a_wait_only_while_there_is_some_and_nobody_waits_for_it() {
        assertThat(budget.tryAcquire(60)).isTrue();
        assertThat(budget.tryAcquire(41)).isFalse();
        acquire("waits", 50);
        assertThat(budget.tryAcquire(40)).describedAs("ahead of one who waits").isFalse();

        budget.release(60);

        assertThat(told).containsExactly("waits granted");
        assertThat(budget.used()).isEqualTo(50);
        assertThat(budget.tryAcquire(50)).isTrue();
    }

    @Test
    void who_waits_is_granted_when_enough_is_given_back() {
        acquire("a", 100);
        acquire("b", 30);

        budget.release(29);
        List<String> tooLittle = List.copyOf(told);
        budget.release(1);

        assertThat(tooLittle).containsExactly("a granted");
        assertThat(told).containsExactly("a granted", "b granted");
        assertThat(budget.used()).isEqualTo(100);
        assertThat(timer.pending()).describedAs("nobody waits any more").isZero();
    }

    @Test
    void a_small_body_does_not_overtake_a_large_one() {
        acquire("a", 60);
        acquire("large", 80);
        acquire("small", 10);

        List<String> before = List.copyOf(told);
        budget.release(60);

        assertThat(before).containsExactly("a granted");
        assertThat(told).containsExactly("a granted", "large granted", "small granted");
    }

    @Test
    void after_the_longest_wait_it_is_refused_and_takes_nothing() {
        acquire("a", 100);
        acquire("b", 50);

        timer.advance(MAX_WAIT.minusNanos(1));
        List<String> before = List.copyOf(told);
        timer.advance(Duration.ofNanos(1));
        budget.release(100);

        assertThat(before).containsExactly("a granted");
        assertThat(told).containsExactly("a granted", "b refused");
        assertThat(budget.used()).isZero();
        assertThat(budget.waiting()).isZero();
    }

    @Test
    void when_the_first_in_line_gives_up_the_next_may_fit() {
        acquire("a", 60);
        acquire("large", 80);
        timer.advance(Duration.ofSeconds(1));
        acquire("small", 10);

        timer.advance(Duration.ofSeconds(9));

        assertThat(told).containsExactly("a granted", "large refused", "small granted");
    }

    @Test
    void more_than_the_whole_budget_is_refused_at_once() {
        acquire("a", 101);

        assertThat(told).containsExactly("a refused");
        assertThat(budget.waiting()).isZero();
        assertThat(timer.pending()).isZero();
    }

    @Test
    void the_line_has_an_end() {
        acquire("a", 100);
        for (int i = 0; i < 1024; i++) {
            acquire("w", 1);
        }

        acquire("one too many", 1);

        assertThat(budget.waiting()).isEqualTo(1024);
        assertThat(told).containsExactly("a granted", "one too many refused");
    }

    @Test
    void with_a_stopped_timer_nobody_waits() {
        acquire("a", 100);
        timer.shutdown();

        acquire("b", 1);

        assertThat(told).containsExactly("a granted", "b refused");
    }

    /** A thousand waiters that give back as soon as they are granted: no stack deep enough to overflow. */
    @Test
    void granted_ones_may_release_at_once() {
        AtomicInteger deepest = new AtomicInteger();
        acquire("a", 100);
        for (int i = 0; i < 1000; i++) {
            budget.acquire(
                    100,
                    () -> {
                        deepest.accumulateAndGet(new Throwable().getStackTrace().length, Math::max);
                        budget.release(100);
                    },
                    () -> told.add("refused"));
        }

        budget.release(100);

        assertThat(budget.used()).isZero();
        assertThat(budget.waiting()).isZero();
        assertThat(deepest.get()).isLessThan(500);
    }

    @Test
    void a_callback_that_fails_does_not_stop_the_others() {
        List<Throwable> failures = new ArrayList<>();
        Thread.currentThread().setUncaughtExceptionHandler((thread, failure) -> failures.add(failure));
        acquire("a", 100);
        budget.acquire(
                50,
                () -> {
                    throw new IllegalStateException("broken");
                },
                () -> told.add("refused"));
        acquire("b", 50);

        try {
            budget.release(100);
        } finally {
            Thread.currentThread().setUncaughtExceptionHandler(null);
        }

        assertThat(told).containsExactly("a granted", "b granted");
        assertThat(failures).hasSize(1);
    }

    @Test
    void giving_back_more_than_was_granted_is_a_bug_that_shows() {
        acquire("a", 10);

        assertThatThrownBy(() -> budget.release(11)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> acquire("b", -1)).isInstanceOf(IllegalArgumentException.class);
        assertThat(budget.used()).isEqualTo(10);
    }

    @Test
    void nothing_takes_no_room() {
        acquire("empty", 0);

        assertThat(told).containsExactly("empty granted");
        assertThat(budget.used()).isZero();
    }

    @Test
    void the_budget_holds_and_everyone_is_told_once_under_many_threads() throws Exception {
        ScheduledExecutorService realTimer = Executors.newSingleThreadScheduledExecutor();
        ExecutorService threads = Executors.newFixedThreadPool(16);
        BufferBudget shared = new BufferBudget(100, realTimer, Duration.ofSeconds(30));
        AtomicLong held = new AtomicLong();
        AtomicLong most = new AtomicLong();
        CountDownLatch toldOnce = new CountDownLatch(16 * 500);
        try {
            for (int t = 0; t < 16; t++) {
                int bytes = 10 + t * 5;
                threads.execute(() -> {
                    for (int i = 0; i < 500; i++) {
                        shared.acquire(
                                bytes,
                                () -> threads.execute(() -> {
                                    most.accumulateAndGet(held.addAndGet(bytes), Math::max);
                                    held.addAndGet(-bytes);
                                    toldOnce.countDown();
                                    shared.release(bytes);
                                }),
                                toldOnce::countDown);
                    }
                });
            }

            assertThat(toldOnce.await(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            threads.shutdown();
            assertThat(threads.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
            realTimer.shutdownNow();
        }

        assertThat(most.get()).isBetween(10L, 100L);
        assertThat(shared.used()).isZero();
        assertThat(shared.waiting()).isZero();
    }

    private void acquire(String name, long bytes) {
        budget.acquire(bytes, () -> told.add(name + " granted"), () -> told.add(name + " refused"));
    }
}
