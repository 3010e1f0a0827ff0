package dev.keyway.upstream;

import dev.keyway.keys.Fate;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Whether a request is sent again after a send that brought no answer: the table is {@link Loss}, one line for each kind
 * of failure. Nothing is sent again when it could be billed twice, but for what {@code retry.ambiguous} allows.
 */
public final class RetryPolicy {
    /** Longer than that nobody is kept waiting for an account that is busy. */
    static final Duration LONGEST_BUSY = Duration.ofSeconds(5);

    private static final long BASE_MILLIS = 100;
    private static final long CAP_MILLIS = 2000;

    private final RetryOptions options;
    private final RetryBudget budget;
    private final RandomGenerator random;

    /** @param random must be safe for many threads */
    public RetryPolicy(RetryOptions options, RetryBudget budget, RandomGenerator random) {
        this.options = options;
        this.budget = budget;
        this.random = random;
    }

    /** How a send failed, and what that means for another one. */
    enum Loss {
        /** Nothing reached the upstream: no name, no connection, no TLS, no place in the queue. */
        NOT_SENT(Chosen.ANY, Often.AS_ALLOWED, Wait.BACK_OFF, false),
        /** The connection broke, or nothing was read, before the whole request had left. */
        CUT_SENDING(Chosen.ANY, Often.ONCE, Wait.BACK_OFF, false),
        /** Refused for the key's sake, not billed. */
        KEY_REFUSED(Chosen.OTHER, Often.AS_ALLOWED, Wait.NONE, false),
        /** Refused because the account has too much under way, not billed. */
        ACCOUNT_BUSY(Chosen.OTHER_ACCOUNT, Often.AS_ALLOWED, Wait.STATED, false),
        /** Refused whichever key asks, not billed. */
        REFUSED(Chosen.ANY, Often.ONCE, Wait.STATED, true),
        /** A stream that ended without an event: insured, so not billed. */
        EMPTY_STREAM(Chosen.ANY, Often.ONCE, Wait.BACK_OFF, true),
        /** It may have been worked on, and billed. */
        AMBIGUOUS(Chosen.ANY, Often.IF_RISKED, Wait.BACK_OFF, true),
        /** Another one would bring the same, or a second bill for sure. */
        FINAL(Chosen.ANY, Often.NEVER, Wait.NONE, false);

        private final Chosen key;
        private final Often often;
        private final Wait wait;
        private final boolean charged;

        Loss(Chosen key, Often often, Wait wait, boolean charged) {
            this.key = key;
            this.often = often;
            this.wait = wait;
            this.charged = charged;
        }

        /** Of an answer that was judged. */
        static Loss of(Fate fate) {
            return switch (fate) {
                case KEY_REFUSED -> KEY_REFUSED;
                case ACCOUNT_BUSY -> ACCOUNT_BUSY;
                case REFUSED -> REFUSED;
                case AMBIGUOUS -> AMBIGUOUS;
                case ANSWERED, PROVIDER_LIMITED, PERMANENT -> FINAL;
            };
        }

        /** Whether a client that sends it again may pay twice. */
        boolean mayBeBilled() {
            return this == AMBIGUOUS;
        }
    }

    /** With which key. */
    enum Chosen {
        /** One that was not tried if there is one, else any. */
        ANY,
        /** One that was not tried. */
        OTHER,
        /** One of another account; without one, the same account after the wait. */
        OTHER_ACCOUNT
    }

    private enum Often {
        NEVER,
        /** At most one send of all such kinds together. */
        ONCE,
        /** The same, if {@code retry.ambiguous} takes the risk. */
        IF_RISKED,
        /** Until {@code retry.max_attempts}. */
        AS_ALLOWED
    }

    private enum Wait {
        NONE,
        /** A random part of 100 ms, twice as much with each send, of 2 s at most. */
        BACK_OFF,
        /** What the upstream asks for, else as above. */
        STATED
    }

    /**
     * What was sent of a request so far.
     *
     * @param repeatable whether its body is still there, and whose key it goes with allows another send
     * @param stream whether it asks for an event stream
     * @param sends how many there were, this one included
     * @param onceUsed whether a send of those that there may be one of was made
     * @param left until the deadline of all sends together
     */
    record State(boolean repeatable, boolean stream, int sends, boolean onceUsed, Duration left) {}

    /** What is to be done. */
    sealed interface Decision {}

    /** The client is told what there is. */
    record PassOn() implements Decision {}

    /**
     * Another send.
     *
     * @param pause before it; with {@link Chosen#OTHER_ACCOUNT} only before the same account is asked again
     * @param mayWait whether that pause is short enough; else without another key the error is passed on
     * @param once whether it is one of those that there may be one of
     */
    record Resend(Chosen key, Duration pause, boolean mayWait, boolean once) implements Decision {}

    /** A request has come, which pays for others to be sent again. */
    void payIn() {
        budget.payIn();
    }

    /**
     * Decides, and draws on the budget where the answer is a resend that is charged.
     *
     * @param stated how long the upstream asks to wait; zero when it did not say
     */
    Decision after(Loss loss, State state, Duration stated) {
        if (!state.repeatable() || state.sends() >= options.maxAttempts() || !allowed(loss, state)) {
            return new PassOn();
        }
        Duration wait = loss.wait == Wait.NONE ? Duration.ZERO : wait(loss, state, stated);
        boolean fits = wait.compareTo(state.left()) < 0;
        if (loss.key == Chosen.OTHER_ACCOUNT) {
            return new Resend(loss.key, wait, fits && wait.compareTo(LONGEST_BUSY) <= 0, false);
        }
        if (!fits || (loss.charged && !budget.takeOut())) {
            return new PassOn();
        }
        return new Resend(loss.key, wait, true, loss.often != Often.AS_ALLOWED);
    }

    private boolean allowed(Loss loss, State state) {
        return switch (loss.often) {
            case NEVER -> false;
            case AS_ALLOWED -> true;
            case ONCE -> !state.onceUsed();
            case IF_RISKED -> !state.onceUsed() && risked(state.stream());
        };
    }

    private boolean risked(boolean stream) {
        return switch (options.ambiguous()) {
            case NEVER -> false;
            case STREAM_ONLY -> stream;
            case ONCE -> true;
        };
    }

    private Duration wait(Loss loss, State state, Duration stated) {
        if (loss.wait == Wait.STATED && !stated.isZero()) {
            // Not all at once, and not before a rest of the same length is over.
            return stated.plusMillis(1 + random.nextLong(BASE_MILLIS));
        }
        long most = Math.min(CAP_MILLIS, BASE_MILLIS << Math.min(state.sends() - 1, 10));
        return Duration.ofMillis(random.nextLong(most + 1));
    }
}
