package dev.keyway.upstream;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The clocks of one run. What they call comes through the run's serialised queue and on the HTTP client's threads, so
 * the timer's one thread never does any work.
 */
final class RunClocks {
    private final ScheduledExecutorService timer;
    private final Executor executor;
    private final Consumer<Runnable> events;
    private @Nullable Future<?> firstByte;
    private @Nullable Future<?> handshake;
    private @Nullable Future<?> hold;
    private @Nullable Future<?> idle;
    private @Nullable Future<?> total;
    private volatile long progressNanos;

    RunClocks(Upstream upstream, Consumer<Runnable> events) {
        this.timer = upstream.timer();
        this.executor = upstream.http().getExecutor();
        this.events = events;
    }

    void firstByte(Duration limit, Runnable onEnd) {
        cancel(firstByte);
        firstByte = after(limit, onEnd);
    }

    void handshake(Duration limit, Runnable onEnd) {
        cancel(handshake);
        handshake = after(limit, onEnd);
    }

    void total(Duration limit, Runnable onEnd) {
        cancel(total);
        total = after(limit, onEnd);
    }

    /** Runs at once when there is nothing to wait for. */
    void hold(Duration limit, Runnable onEnd) {
        stopHold();
        if (limit.isZero()) {
            onEnd.run();
        } else {
            hold = after(limit, onEnd);
        }
    }

    void stopHold() {
        cancel(hold);
        hold = null;
    }

    /** Fires when nothing {@linkplain #progress progressed} for that long, the time with {@code paused} not counted. */
    void idle(Duration limit, BooleanSupplier paused, Runnable onEnd) {
        progressNanos = System.nanoTime();
        cancel(idle);
        watch(limit, limit, paused, onEnd);
    }

    private void watch(Duration limit, Duration next, BooleanSupplier paused, Runnable onEnd) {
        idle = after(next, () -> {
            if (paused.getAsBoolean()) {
                progressNanos = System.nanoTime();
            }
            Duration silent = Duration.ofNanos(System.nanoTime() - progressNanos);
            if (silent.compareTo(limit) >= 0) {
                onEnd.run();
            } else {
                watch(limit, limit.minus(silent), paused, onEnd);
            }
        });
    }

    void progress(boolean real) {
        if (real) {
            progressNanos = System.nanoTime();
        }
    }

    void stop() {
        cancel(firstByte);
        cancel(handshake);
        cancel(hold);
        cancel(idle);
        cancel(total);
    }

    private Future<?> after(Duration limit, Runnable onEnd) {
        return timer.schedule(
                () -> executor.execute(() -> events.accept(onEnd)), limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static void cancel(@Nullable Future<?> clock) {
        if (clock != null) {
            clock.cancel(false);
        }
    }
}
