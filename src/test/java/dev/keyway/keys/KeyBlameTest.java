package dev.keyway.keys;

import static dev.keyway.keys.KeyPoolKit.K1;
import static dev.keyway.keys.KeyPoolKit.K2;
import static dev.keyway.keys.KeyPoolKit.REFUSED;
import static dev.keyway.keys.KeyPoolKit.SERVED;
import static dev.keyway.keys.KeyPoolKit.TROUBLE;
import static dev.keyway.keys.KeyPoolKit.id;
import static dev.keyway.keys.KeyPoolKit.keys;
import static dev.keyway.keys.KeyPoolKit.limited;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Proof 8: 64 threads share two keys, one bad, and the good one is never blamed; and the same check finds a pool that
 * blames a shared "current key".
 */
class KeyBlameTest {
    private static final int THREADS = 64;
    private static final int ROUNDS = 150;

    @ParameterizedTest
    @ValueSource(strings = {"round-robin", "first", "random", "least-recently-used", "sticky", "most-credit"})
    void the_good_key_is_never_blamed(String strategy) throws Exception {
        KeyPoolKit kit = new KeyPoolKit(strategy, keys(K1, K2));

        KeyView good = share(kit, kit.pool::report);

        assertThat(good.failed()).isZero();
        assertThat(good.failures()).isZero();
        assertThat(good.state()).isEqualTo(KeyState.ACTIVE);
        assertThat(good.served()).isPositive();
    }

    @Test
    void a_pool_with_a_shared_current_key_is_found_out() throws Exception {
        KeyPoolKit kit = new KeyPoolKit("round-robin", keys(K1, K2));

        KeyView good = share(kit, new SharedCurrentKey(kit.pool));

        assertThat(good.failed()).isPositive();
    }

    /** The bug of the Node system, planted: an answer is booked on whichever key was leased last. */
    private record SharedCurrentKey(KeyPool pool) implements BiConsumer<Selection.Lease, KeyVerdict> {
        @Override
        public void accept(Selection.Lease lease, KeyVerdict verdict) {
            if (pool.select(KeyAsk.ANY) instanceof Selection.Lease current) {
                pool.report(current, verdict);
            }
        }
    }

    /** All threads hold a lease before any is ended, over and over; what the pool then says of the good key. */
    private static KeyView share(KeyPoolKit kit, BiConsumer<Selection.Lease, KeyVerdict> end) throws Exception {
        CyclicBarrier together = new CyclicBarrier(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int number = t;
                running.add(threads.submit(() -> {
                    for (int round = 0; round < ROUNDS; round++) {
                        Selection selection = kit.pool.select(KeyAsk.ANY);
                        together.await(60, TimeUnit.SECONDS);
                        if (selection instanceof Selection.Lease lease) {
                            end.accept(lease, answer(kit, lease, number + round));
                        }
                    }
                    return null;
                }));
            }
            for (Future<?> each : running) {
                each.get(120, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        return kit.view(K2);
    }

    /** K1 is always bad, each time in another way, and its rests are over at once; K2 always serves. */
    private static KeyVerdict answer(KeyPoolKit kit, Selection.Lease lease, int way) {
        if (lease.key().id().equals(id(K2))) {
            return SERVED;
        }
        return switch (way % 8) {
            case 0 -> REFUSED;
            case 1, 2 -> TROUBLE;
            default -> limited(kit.wall.instant());
        };
    }
}
