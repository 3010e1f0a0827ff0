package dev.keyway.upstream;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The clocks of one run. To set or stop one costs nothing: they are looked at {@linkplain AttemptLoop#BEAT all together, a
 * few times a second}, and may be late by that much. What they call comes through the run's serialised queue and on the
 * HTTP client's threads, so whoever looks never does any work.
 */
final class RunClocks {
    private static final long NEVER = Long.MAX_VALUE;

    private final Executor executor;
    private final Executor events;
    private final LongSupplier nanoTime;
    private final Silence upstreamSilence;
    private final Silence clientSilence;
    private final long startNanos;
    private @Nullable Alarm firstByte;
    private @Nullable Alarm handshake;
    private @Nullable Alarm hold;
    private @Nullable Alarm idle;
    private @Nullable Alarm quiet;
    private @Nullable Alarm total;

    /** When the next of them may go off, in nanoseconds since the start; never later than it does. */
    private volatile long next = NEVER;

    /**
     * @param events the run's serialised queue, in which all calls but {@link #look} must be made too
     * @param nanoTime elapsed nanoseconds
     */
    RunClocks(Upstream upstream, Executor events, LongSupplier nanoTime) {
        this.executor = upstream.http().getExecutor();
        this.events = events;
        this.nanoTime = nanoTime;
        this.upstreamSilence = new Silence(nanoTime);
        this.clientSilence = new Silence(nanoTime);
        this.startNanos = nanoTime.getAsLong();
    }

    /** Sees to it that what is due goes off; returns at once. To be called by one thread. */
    void look() {
        if (next <= now()) {
            next = NEVER;
            executor.execute(() -> events.execute(this::ring));
        }
    }

    private void ring() {
        long now = now();
        for (Alarm alarm : new Alarm[] {firstByte, handshake, hold, idle, quiet, total}) {
            if (alarm != null && alarm.at <= now) {
                alarm.run();
            }
        }
        for (Alarm alarm : new Alarm[] {firstByte, handshake, hold, idle, quiet, total}) {
            if (alarm != null && !alarm.off) {
                next = Math.min(next, alarm.at);
            }
        }
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
        next = NEVER;
    }

    private Alarm after(Duration limit, Runnable onEnd) {
        long at = now() + limit.toNanos();
        next = Math.min(next, at);
        return new Alarm(at, onEnd);
    }

    private long now() {
        return nanoTime.getAsLong() - startNanos;
    }

    private static void cancel(@Nullable Alarm alarm) {
        if (alarm != null) {
            alarm.off = true;
        }
    }

    /** One clock; once off it does nothing. */
    private static final class Alarm implements Runnable {
        private final long at;
        private final Runnable onEnd;
        private boolean off;

        Alarm(long at, Runnable onEnd) {
            this.at = at;
            this.onEnd = onEnd;
        }

        @Override
        public void run() {
            if (!off) {
                off = true;
                onEnd.run();
            }
        }
    }
}
