package dev.keyway.upstream;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The clocks of one run. What they call comes through the run's serialised queue and on the HTTP client's threads, so
 * the timer's one thread never does any work.
 */
final class RunClocks {
    private final ScheduledExecutorService timer;
    private final Executor executor;
    private final Executor events;
    private final Silence silence = new Silence();
    private @Nullable Alarm firstByte;
    private @Nullable Alarm handshake;
    private @Nullable Alarm hold;
    private @Nullable Alarm idle;
    private @Nullable Alarm total;

    /** @param events the run's serialised queue, in which all calls must be made too */
    RunClocks(Upstream upstream, Executor events) {
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

    /** Fires when the upstream brought no data for that long; the client's own slowness does not count. */
    void idle(Duration limit, Runnable onEnd) {
        silence.begin();
        cancel(idle);
        watch(limit, limit, onEnd);
    }

    private void watch(Duration limit, Duration next, Runnable onEnd) {
        idle = after(next, () -> {
            Duration silent = silence.length();
            if (silent.compareTo(limit) >= 0) {
                onEnd.run();
            } else {
                watch(limit, limit.minus(silent), onEnd);
            }
        });
    }

    /** Data came. */
    void progress() {
        silence.begin();
    }

    /** The next data can only come when the client has taken these. */
    void clientBusy() {
        silence.pause();
    }

    /** It has; to be called by any thread. */
    void clientFree() {
        silence.resume();
    }

    void stop() {
        cancel(firstByte);
        cancel(handshake);
        cancel(hold);
        cancel(idle);
        cancel(total);
    }

    private Alarm after(Duration limit, Runnable onEnd) {
        Alarm alarm = new Alarm(onEnd);
        alarm.timer = timer.schedule(
                () -> executor.execute(() -> events.execute(alarm)), limit.toNanos(), TimeUnit.NANOSECONDS);
        return alarm;
    }

    private static void cancel(@Nullable Alarm alarm) {
        if (alarm != null) {
            alarm.cancel();
        }
    }

    /** One clock; once cancelled it does nothing, even when it has gone off and waits in the queue. */
    private static final class Alarm implements Runnable {
        private final Runnable onEnd;
        private @Nullable Future<?> timer;
        private boolean off;

        Alarm(Runnable onEnd) {
            this.onEnd = onEnd;
        }

        @Override
        public void run() {
            if (!off) {
                off = true;
                onEnd.run();
            }
        }

        void cancel() {
            off = true;
            if (timer != null) {
                timer.cancel(false);
            }
        }
    }

    /** How long the upstream has said nothing, without the time in which it could not. */
    private static final class Silence {
        private long sinceNanos;
        private long pausedNanos;
        private int pauses;

        synchronized void begin() {
            sinceNanos = System.nanoTime();
            pausedNanos = sinceNanos;
        }

        synchronized void pause() {
            if (pauses++ == 0) {
                pausedNanos = System.nanoTime();
            }
        }

        synchronized void resume() {
            if (--pauses == 0) {
                sinceNanos += System.nanoTime() - pausedNanos;
            }
        }

        synchronized Duration length() {
            return Duration.ofNanos((pauses > 0 ? pausedNanos : System.nanoTime()) - sinceNanos);
        }
    }
}
