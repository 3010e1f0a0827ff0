package dev.keyway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InFlightTest {
    @Test
    void over_the_cap_a_request_is_refused_and_a_free_place_is_taken_again() {
        InFlight inFlight = new InFlight(2);
        InFlight.Slot first = inFlight.enter();
        InFlight.Slot second = inFlight.enter();

        ApiException refused = catchThrowableOfType(ApiException.class, inFlight::enter);
        first.close();
        InFlight.Slot third = inFlight.enter();

        assertThat(refused.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(refused.headers()).isEqualTo(Map.of("Retry-After", "1"));
        assertThat(refused.text()).contains("server.max_concurrent_requests", "2");
        assertThat(inFlight.count()).isEqualTo(2);
        second.close();
        third.close();
        assertThat(inFlight.count()).isZero();
    }

    @Test
    void a_place_is_given_back_once_however_often_it_is_closed() {
        InFlight inFlight = new InFlight(2);
        InFlight.Slot one = inFlight.enter();
        InFlight.Slot other = inFlight.enter();

        one.close();
        one.close();

        assertThat(inFlight.count()).isEqualTo(1);
        other.close();
    }

    @Test
    void a_draining_gateway_refuses_new_requests_and_waits_for_the_running_ones() throws Exception {
        InFlight inFlight = new InFlight(2);
        InFlight.Slot running = inFlight.enter();

        inFlight.drain();
        ApiException refused = catchThrowableOfType(ApiException.class, inFlight::enter);
        boolean emptyAtOnce = inFlight.awaitEmpty(Duration.ofMillis(1), new CompletableFuture<>());
        CompletableFuture<Boolean> empty = CompletableFuture.supplyAsync(() -> awaitEmpty(inFlight));
        running.close();

        assertThat(refused.code()).isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(refused.headers()).containsEntry("Retry-After", "5");
        assertThat(emptyAtOnce).isFalse();
        assertThat(empty.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(inFlight.isDraining()).isTrue();
    }

    @Test
    void an_idle_gateway_is_empty_as_soon_as_it_drains() throws Exception {
        InFlight inFlight = new InFlight(1);
        inFlight.enter().close();

        inFlight.drain();

        assertThat(inFlight.awaitEmpty(Duration.ZERO, new CompletableFuture<>()))
                .isTrue();
    }

    @Test
    void who_is_told_to_hurry_waits_no_longer_and_hears_that_some_still_run() throws Exception {
        InFlight inFlight = new InFlight(1);
        InFlight.Slot running = inFlight.enter();
        inFlight.drain();

        boolean empty = inFlight.awaitEmpty(Duration.ofHours(1), CompletableFuture.completedFuture(null));

        assertThat(empty).isFalse();
        running.close();
    }

    @Test
    void the_cap_holds_and_every_place_comes_back_under_many_threads() throws Exception {
        InFlight inFlight = new InFlight(5);
        AtomicInteger most = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(32);
        try {
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < 32; t++) {
                done.add(threads.submit(() -> enterAndLeave(inFlight, most)));
            }
            for (Future<?> thread : done) {
                thread.get(30, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }

        assertThat(most.get()).isBetween(1, 5);
        assertThat(inFlight.count()).isZero();
    }

    private static void enterAndLeave(InFlight inFlight, AtomicInteger most) {
        for (int i = 0; i < 2_000; i++) {
            try (InFlight.Slot slot = inFlight.enter()) {
                assertThat(slot).isNotNull();
                most.accumulateAndGet(inFlight.count(), Math::max);
                Thread.onSpinWait();
            } catch (ApiException full) {
                assertThat(full.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            }
        }
    }

    private static boolean awaitEmpty(InFlight inFlight) {
        try {
            return inFlight.awaitEmpty(Duration.ofSeconds(10), new CompletableFuture<>());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
