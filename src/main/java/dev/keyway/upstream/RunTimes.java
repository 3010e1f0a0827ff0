package dev.keyway.upstream;

import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.Timings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Adds up what a run waited for others, so that what is left is Keyway's own. */
final class RunTimes {
    private Duration waited = Duration.ZERO;
    private long idleSince;

    /** An attempt is over without a byte for the client. */
    void spent(UpstreamAttempt attempt) {
        waited = waited.plus(attempt.took());
        idleSince = System.nanoTime();
    }

    /** Another one begins; between the two it was waited. */
    void resumed() {
        if (idleSince != 0) {
            waited = waited.plusNanos(System.nanoTime() - idleSince);
            idleSince = 0;
        }
    }

    /** The times at the first byte to the client; {@code current} is the attempt that answers, if it still runs. */
    Timings atFirstByte(Exchange exchange, @Nullable UpstreamAttempt current) {
        Duration firstByte = exchange.elapsed();
        if (current == null) {
            return new Timings(Duration.ZERO, Duration.ZERO, firstByte, firstByte, own(exchange, firstByte));
        }
        spent(current);
        return new Timings(current.queued(), current.connecting(), firstByte, firstByte, own(exchange, firstByte));
    }

    private Duration own(Exchange exchange, Duration firstByte) {
        Duration own = firstByte.minus(waited).minus(exchange.reading());
        return own.isNegative() ? Duration.ZERO : own;
    }
}
