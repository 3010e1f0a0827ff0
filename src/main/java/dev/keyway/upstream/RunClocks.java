package dev.keyway.upstream;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The clocks of one run. What they call comes through the run's serialised queue and on the HTTP client's threads, so
 * the timer's one thread never does any work.
 */
final class RunClocks {
    private final ScheduledExecutorService timer;
    private final Executor executor;
    private final Executor events;
    private final Silence upstreamSilence = new Silence(System::nanoTime);
    private final Silence clientSilence = new Silence(System::nanoTime);
    private @Nullable Alarm firstByte;
    private @Nullable Alarm handshake;
    private @Nullable Alarm hold;
    private @Nullable Alarm idle;
    private @Nullable Alarm quiet;
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
        upstreamSilence.begin();
        cancel(idle);
        idle = watch(upstreamSilence, limit, limit, alarm -> idle = alarm, onEnd);
    }

    /** Fires when nothing was written to the client for that long. */
    void quiet(Duration limit, Runnable onEnd) {
        clientSilence.begin();
        cancel(quiet);
        quiet = watch(clientSilence, limit, limit, alarm -> quiet = alarm, onEnd);
    }

    private Alarm watch(Silence silence, Duration limit, Duration next, Consumer<Alarm> again, Runnable onEnd) {
        return after(next, () -> {
            Duration left = silence.left(limit);
            if (left.isZero()) {
                onEnd.run();
            } else {
                again.accept(watch(silence, limit, left, again, onEnd));
            }
        });
    }

    /** Data came. */
    void progress() {
        upstreamSilence.begin();
    }

    /** The next data can only come when the client has taken these. */
    void clientBusy() {
        upstreamSilence.pause();
        clientSilence.pause();
    }

    /** It has; to be called by any thread. */
    void clientFree() {
        upstreamSilence.resume();
        clientSilence.begin();
        clientSilence.resume();
    }

    void stop() {
        cancel(firstByte);
        cancel(handshake);
        cancel(hold);
        cancel(idle);
        cancel(quiet);
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
}
