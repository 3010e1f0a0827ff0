package dev.keyway.app;

import dev.keyway.wire.HeapExhaustion;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/** The gateway's one timer thread. A task that fails is logged, which the platform's timer leaves to whoever asks. */
final class GatewayTimer extends ScheduledThreadPoolExecutor {
    private static final Logger LOG = LogManager.getLogger(GatewayTimer.class);

    GatewayTimer() {
        super(1, GatewayTimer::thread);
        // Else every request would be kept until the longest of its clocks would have rung.
        setRemoveOnCancelPolicy(true);
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "keyway-timer");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    protected void afterExecute(Runnable task, @Nullable Throwable thrown) {
        super.afterExecute(task, thrown);
        if (task instanceof Future<?> future && future.isDone() && !future.isCancelled()) {
            try {
                future.get();
            } catch (ExecutionException e) {
                HeapExhaustion.surface(e);
                LOG.error("timed task failed", e.getCause());
            } catch (CancellationException stopped) {
                LOG.debug("timed task cancelled", stopped);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
