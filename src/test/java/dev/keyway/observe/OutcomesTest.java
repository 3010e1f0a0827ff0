package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Outcome;
import dev.keyway.exchange.OutcomeListener;
import dev.keyway.exchange.RequestId;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class OutcomesTest {
    @Test
    void each_listener_hears_everything_in_order_off_the_callers_thread() {
        Recorder first = new Recorder();
        Recorder second = new Recorder();

        try (Outcomes outcomes = new Outcomes(List.of(first, second))) {
            outcomes.arrival(new OutcomeListener.Arrival(new RequestId("r-1"), "GET", "/v1/models"));
            outcomes.accept(SampleOutcome.complete());
        }

        assertThat(first.heard).containsExactly("arrival r-1", "outcome r-1");
        assertThat(second.heard).containsExactlyElementsOf(first.heard);
        assertThat(first.threads).containsOnly("keyway-outcomes");
    }

    @Test
    void listener_that_throws_does_not_keep_the_others_from_hearing() {
        Recorder good = new Recorder();
        OutcomeListener bad = outcome -> {
            throw new IllegalStateException("bad listener");
        };

        try (Outcomes outcomes = new Outcomes(List.of(bad, good))) {
            outcomes.accept(SampleOutcome.complete());
            outcomes.accept(SampleOutcome.complete());
        }

        assertThat(good.heard).hasSize(2);
    }

    @Test
    void slow_listener_costs_reports_which_are_counted() throws InterruptedException {
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Recorder recorder = new Recorder();
        OutcomeListener slow = outcome -> {
            busy.countDown();
            awaitQuietly(go);
        };

        try (Outcomes outcomes = new Outcomes(List.of(slow, recorder), 3)) {
            outcomes.accept(SampleOutcome.complete());
            busy.await();
            for (int i = 0; i < 10; i++) {
                outcomes.accept(SampleOutcome.complete());
            }
            assertThat(outcomes.dropped()).isEqualTo(7);
            go.countDown();
        }

        assertThat(recorder.heard).hasSize(4);
    }

    /** Symptom: under load the last request before a stop sometimes had no line of its end. */
    @Test
    void end_that_is_about_to_be_told_when_all_closes_is_told() throws InterruptedException {
        Recorder recorder = new Recorder();
        Outcomes outcomes = new Outcomes(List.of(recorder));
        outcomes.arrival(new OutcomeListener.Arrival(new RequestId("r-1"), "GET", "/v1/models"));
        Thread closing = new Thread(outcomes::close);
        closing.start();
        while (closing.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }

        outcomes.accept(SampleOutcome.complete());
        closing.join();

        assertThat(recorder.heard).containsExactly("arrival r-1", "outcome r-1");
    }

    @Test
    void no_thread_is_left_after_the_close() {
        Outcomes outcomes = new Outcomes(List.of());

        outcomes.close();

        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(thread -> thread.getName().equals("keyway-outcomes"));
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static final class Recorder implements OutcomeListener {
        private final List<String> heard = new CopyOnWriteArrayList<>();
        private final List<String> threads = new CopyOnWriteArrayList<>();

        @Override
        public void onArrival(Arrival arrival) {
            heard.add("arrival " + arrival.id());
            threads.add(Thread.currentThread().getName());
        }

        @Override
        public void onOutcome(Outcome outcome) {
            heard.add("outcome " + outcome.id());
            threads.add(Thread.currentThread().getName());
        }
    }
}
