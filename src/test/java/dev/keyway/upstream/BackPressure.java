package dev.keyway.upstream;

import dev.keyway.sandbox.Received;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Watches how much an upstream could send. */
final class BackPressure {
    private BackPressure() {}

    /** Waits until the upstream has sent nothing for that long; returns what it had sent by then. */
    static long awaitStandStill(Received received, Duration still) {
        AtomicLong last = new AtomicLong(-1);
        AtomicLong since = new AtomicLong();
        Heart.await(Heart.SOON.plus(still), () -> {
            long sent = received.bytesSent();
            if (last.getAndSet(sent) != sent) {
                since.set(System.nanoTime());
            }
            return System.nanoTime() - since.get() > still.toNanos();
        });
        return last.get();
    }
}
