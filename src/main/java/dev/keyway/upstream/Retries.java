package dev.keyway.upstream;

import dev.keyway.upstream.RetryPolicy.Decision;
import dev.keyway.upstream.RetryPolicy.Loss;
import dev.keyway.upstream.RetryPolicy.Resend;
import java.time.Duration;

/** What of its retries one run has used, and the deadline of all its sends together. */
final class Retries {
    private final RetryPolicy policy;
    private final UpstreamOptions options;
    private final OutgoingRequest outgoing;
    private final boolean oneSend;
    private final long startNanos = System.nanoTime();
    private boolean onceUsed;
    private boolean risky;

    /** @param oneSend whether there is but one, whatever comes of it */
    Retries(RetryPolicy policy, UpstreamOptions options, OutgoingRequest outgoing, boolean oneSend) {
        this.policy = policy;
        this.options = options;
        this.outgoing = outgoing;
        this.oneSend = oneSend;
        policy.payIn();
    }

    Decision after(Loss loss, int sends, Duration stated) {
        risky |= loss.mayBeBilled();
        boolean repeatable = !oneSend && outgoing.repeatable();
        boolean stream = repeatable && outgoing.asksForStream();
        Decision decision =
                policy.after(loss, new RetryPolicy.State(repeatable, stream, sends, onceUsed, left(stream)), stated);
        onceUsed |= decision instanceof Resend resend && resend.once();
        return decision;
    }

    /** Whether one of the sends may have been billed, so that the client must not send it all again. */
    boolean mayBeBilled() {
        return risky;
    }

    /** How long may be waited for the next status line. */
    Duration firstByte() {
        Duration limit = options.firstByteTimeout();
        boolean never = limit.compareTo(options.totalTimeout()) <= 0 && limit.compareTo(options.streamTimeout()) <= 0;
        if (never && !onceUsed) {
            return limit;
        }
        Duration left = left(outgoing.asksForStream());
        return left.compareTo(limit) < 0 ? left : limit;
    }

    /** What is left of the time for an answer, which is a stream or is none. */
    Duration left(boolean stream) {
        Duration whole = stream ? options.streamTimeout() : options.totalTimeout();
        Duration left = whole.minusNanos(System.nanoTime() - startNanos);
        return left.isNegative() ? Duration.ZERO : left;
    }
}
