package dev.keyway.upstream;

import dev.keyway.wire.Durations;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Whether the upstream is asked at all. It opens after so many failures in a row to get any answer; then nothing is sent
 * for a while, then one request may try: what it finds closes the circuit or opens it anew. Any answer in between, also
 * of a request that was sent before, closes it. Safe for many threads; while it is closed and all is well it takes no
 * lock.
 *
 * <p>A failure is a sign that nobody is there: no connection, silence, an edge server's error page. An error that the
 * upstream words itself shows that it lives, so one overloaded model can't shut the gateway.
 */
public final class Circuit {
    private static final Logger LOG = LogManager.getLogger(Circuit.class);
    private static final Duration UNTIL_THE_PROBE_KNOWS = Duration.ofSeconds(1);

    private final CircuitOptions options;
    private final LongSupplier nanos;
    private final Pass ordinary = new Pass();
    private volatile int failures;
    private volatile boolean open;
    private long openUntil;
    private @Nullable Pass probe;

    /** @param nanos a clock that never steps, such as {@code System::nanoTime} */
    public Circuit(CircuitOptions options, LongSupplier nanos) {
        this.options = options;
        this.nanos = nanos;
    }

    /** Whether a request may be sent. */
    sealed interface Leave {}

    /** It may; given back once, with what came of it. */
    static final class Pass implements Leave {}

    /** It may not; perhaps after this time. */
    record Refused(Duration retryAfter) implements Leave {}

    /** Whether nothing is sent, but for one request that tries. */
    public boolean isOpen() {
        return open;
    }

    Leave ask() {
        return open ? askOpen() : ordinary;
    }

    private synchronized Leave askOpen() {
        if (!open) {
            return ordinary;
        }
        long left = openUntil - nanos.getAsLong();
        if (left > 0) {
            return new Refused(Duration.ofNanos(left));
        }
        if (probe != null) {
            return new Refused(UNTIL_THE_PROBE_KNOWS);
        }
        probe = new Pass();
        return probe;
    }

    /** The upstream answered. */
    void lives() {
        if (open || failures != 0) {
            close();
        }
    }

    private synchronized void close() {
        failures = 0;
        if (open) {
            open = false;
            probe = null;
            LOG.info("upstream circuit closed: it answers again");
        }
    }

    /** Nobody was there. */
    synchronized void failed(Pass pass) {
        if (open) {
            if (pass.equals(probe)) {
                rest();
            }
            return;
        }
        int row = failures + 1;
        failures = row;
        if (options.failures() > 0 && row >= options.failures()) {
            open = true;
            rest();
            LOG.warn("upstream circuit opened: failures={} pause={}", row, Durations.format(options.pause()));
        }
    }

    private void rest() {
        probe = null;
        openUntil = nanos.getAsLong() + options.pause().toNanos();
    }

    /** Nothing was learned, such as when the client left first. */
    void unused(Pass pass) {
        if (!pass.equals(ordinary)) {
            giveBack(pass);
        }
    }

    private synchronized void giveBack(Pass pass) {
        if (pass.equals(probe)) {
            probe = null;
        }
    }
}
