package dev.keyway.keys;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the pool makes of a key at one moment, and what is held against it. Times are those of the pool's steady clock.
 *
 * @param reason why it is not active; null while it is
 * @param until when it may be used again by itself; null: now while active, else not known
 * @param since when the state began
 * @param failures failures in a row that count; the fifth puts the key out
 * @param refusals how many of a row the key itself was refused: doubles its rest
 * @param row where the row of failures stands
 */
record KeyCondition(
        KeyState state,
        @Nullable String reason,
        @Nullable Instant until,
        Instant since,
        int failures,
        int refusals,
        Row row) {
    static final int FAILURES_TO_GO_OUT = 5;
    private static final Duration FIRST_REFUSAL = Duration.ofMinutes(10);

    /**
     * Where a row of failures stands.
     *
     * @param successes how many requests the pool had served at its first failure; since the key served none of them
     *     after that, any more of them are another key's
     * @param ticket the last one given when the last failure was counted: a lease given before it was under way with the
     *     one that failed, and both are one failure
     */
    record Row(long successes, long ticket) {
        static final Row NONE = new Row(0, -1);
    }

    /**
     * When something is booked.
     *
     * @param ticket the last one given
     * @param successes how many requests the pool has served
     */
    record Moment(Instant now, long ticket, long successes) {
        Row row() {
            return new Row(successes, ticket);
        }
    }

    static KeyCondition active(Instant since) {
        return new KeyCondition(KeyState.ACTIVE, null, null, since, 0, 0, Row.NONE);
    }

    boolean isUsable(Instant now) {
        return state == KeyState.ACTIVE || (until != null && !now.isBefore(until));
    }

    /** Whether it rests because it was refused, so that another refusal is of the same time. */
    private boolean restsRefused(Instant now) {
        return state == KeyState.COOLING && refusals > 0 && !isUsable(now);
    }

    KeyCondition awake(Instant now) {
        return new KeyCondition(KeyState.ACTIVE, null, null, now, failures, refusals, row);
    }

    /** Whether nothing is held against it. */
    boolean isClean() {
        return failures == 0 && refusals == 0;
    }

    KeyCondition served() {
        return isClean() ? this : new KeyCondition(state, reason, until, since, 0, 0, Row.NONE);
    }

    KeyCondition out(String why, Instant now) {
        return new KeyCondition(KeyState.DEACTIVATED, why, null, now, failures, refusals, row);
    }

    /** A rest, unless one that lasts longer is on; {@code end} null: nobody knows until when. */
    KeyCondition resting(KeyState how, String why, @Nullable Instant end, Instant now) {
        boolean longer = isUsable(now)
                || (state != KeyState.DEACTIVATED && until != null && (end == null || end.isAfter(until)));
        return longer ? new KeyCondition(how, why, end, now, failures, refusals, row) : this;
    }

    /** The key itself was refused. */
    KeyCondition refused(String why, Moment at) {
        if (state == KeyState.DEACTIVATED || restsRefused(at.now())) {
            return this;
        }
        Row begun = failures == 0 ? at.row() : row;
        KeyCondition counted = new KeyCondition(state, reason, until, since, failures + 1, refusals + 1, begun);
        if (counted.failures >= FAILURES_TO_GO_OUT) {
            return counted.out(why, at.now());
        }
        Duration rest = FIRST_REFUSAL.multipliedBy(1L << refusals);
        return counted.resting(KeyState.COOLING, why, at.now().plus(rest), at.now());
    }

    /**
     * The upstream or the way to it failed.
     *
     * @param lease the ticket of the lease that failed
     * @param others whether another key is usable: the last one is never put out for this
     */
    KeyCondition troubled(String why, Moment at, long lease, boolean others) {
        if (state == KeyState.DEACTIVATED || (failures > 0 && lease <= row.ticket())) {
            return this;
        }
        if (failures == 0) {
            return new KeyCondition(state, reason, until, since, 1, refusals, at.row());
        }
        if (at.successes() <= row.successes()) {
            return this;
        }
        int counted = Math.min(failures + 1, FAILURES_TO_GO_OUT);
        KeyCondition next =
                new KeyCondition(state, reason, until, since, counted, refusals, new Row(row.successes(), at.ticket()));
        return counted == FAILURES_TO_GO_OUT && others ? next.out(why, at.now()) : next;
    }
}
