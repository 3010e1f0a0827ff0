package dev.keyway.upstream;

import dev.keyway.exchange.Attempt;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.Timings;
import dev.keyway.keys.Selection;
import dev.keyway.upstream.UpstreamFailure.Sent;
import dev.keyway.wire.Secret;
import java.util.concurrent.CancellationException;
import org.eclipse.jetty.client.Request;
import org.jspecify.annotations.Nullable;

/**
 * The sends of one run: the one under way, how many there were, and what each came to for the exchange and the circuit.
 * Used in the run's serialised queue only.
 */
final class Attempts {
    private final AttemptLoop loop;
    private final OutgoingRequest outgoing;
    private final KeyJudge keys;
    private final Exchange exchange;
    private final RunTimes times = new RunTimes();
    private int count;
    private @Nullable UpstreamAttempt current;
    /** The last one that stands in the exchange; one that fails after it was judged is not told again. */
    private @Nullable UpstreamAttempt told;

    private Circuit.@Nullable Pass pass;

    Attempts(AttemptLoop loop, OutgoingRequest outgoing, KeyJudge keys, Exchange exchange) {
        this.loop = loop;
        this.outgoing = outgoing;
        this.keys = keys;
        this.exchange = exchange;
    }

    /** How many there were, the one under way included. */
    int count() {
        return count;
    }

    boolean isCurrent(UpstreamAttempt attempt) {
        return attempt.equals(current);
    }

    boolean isUnderWay() {
        return current != null;
    }

    /** The next one, with the key that is held, not sent yet. */
    UpstreamAttempt next(AttemptRun run, Circuit.Pass leave) {
        String keyId = null;
        Request toSend = outgoing.next();
        Selection.Lease lease = keys.lease();
        Secret own = keys.own();
        if (lease != null) {
            keyId = lease.key().id();
            loop.authorization().apply(toSend, lease.key().secret());
        } else if (own != null) {
            keyId = own.id();
            loop.authorization().apply(toSend, own);
        }
        UpstreamAttempt attempt =
                new UpstreamAttempt(run, toSend, loop.upstream().client(), keyId);
        times.resumed();
        current = attempt;
        pass = leave;
        count++;
        return attempt;
    }

    /** How much of it the upstream may have. */
    Sent sent(UpstreamAttempt attempt) {
        if (!attempt.sent()) {
            return Sent.NOTHING;
        }
        return outgoing.mayHaveLeftWhole() ? Sent.WHOLE : Sent.PART;
    }

    /** What came of the one under way, for the log; the first word counts. */
    void tell(int status, String reason) {
        UpstreamAttempt attempt = current;
        if (attempt != null && !attempt.equals(told)) {
            told = attempt;
            exchange.attempted(new Attempt(attempt.keyId(), status, reason, attempt.took()));
        }
    }

    /** The upstream has shown that it lives. */
    void lives() {
        if (pass != null) {
            pass = null;
            loop.circuit().lives();
        }
    }

    /** Nobody seems to be there. */
    void nobodyThere() {
        Circuit.Pass leave = pass;
        if (leave != null) {
            pass = null;
            loop.circuit().failed(leave);
        }
    }

    /** Ends the one under way, if there is one; {@code committed}: its answer had begun to go to the client. */
    void abort(String why, boolean committed) {
        UpstreamAttempt attempt = current;
        forget();
        if (attempt != null) {
            if (!committed) {
                times.spent(attempt);
            }
            // Does nothing to an exchange that is already complete, whose connection stays in the pool.
            attempt.abort(new CancellationException(why));
        }
    }

    /** What still comes of it has no effect. */
    void forget() {
        current = null;
        Circuit.Pass leave = pass;
        if (leave != null) {
            pass = null;
            loop.circuit().unused(leave);
        }
    }

    /** The times at the first byte to the client. */
    Timings atFirstByte() {
        Timings timings = times.atFirstByte(exchange, current);
        exchange.timings(timings);
        return timings;
    }
}
