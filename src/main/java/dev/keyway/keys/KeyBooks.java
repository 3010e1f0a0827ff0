package dev.keyway.keys;

import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Books what answers and probes mean on the keys. Each call returns a stage that is done when the changed state would
 * survive a crash, at once when none changed.
 */
final class KeyBooks {
    private static final CompletionStage<Void> DONE = CompletableFuture.completedFuture(null);
    /** A probe can't see the account's credit, so a key that was refused for it is only tried again after this. */
    private static final Duration CREDIT_TRIAL = Duration.ofMinutes(15);

    private static final String TOO_MANY_FAILURES = "Too many failures";
    private static final String EXPIRED = "expired";

    private final PoolClock clock;
    private final KeyJournal journal;
    private final LongSupplier lastTicket;
    private final LongAdder successes = new LongAdder();

    KeyBooks(PoolClock clock, KeyJournal journal, LongSupplier lastTicket) {
        this.clock = clock;
        this.journal = journal;
        this.lastTicket = lastTicket;
    }

    CompletionStage<Void> report(Roster all, PooledKey key, KeyVerdict verdict, long ticket) {
        KeyEffect effect = verdict.effect();
        String reason = verdict.reason();
        if (effect instanceof KeyEffect.None) {
            return DONE;
        }
        if (effect instanceof KeyEffect.Served) {
            key.served(clock.now());
            successes.increment();
            return DONE;
        }
        key.failed();
        if (effect instanceof KeyEffect.Refused) {
            return refused(key, reason);
        }
        if (effect instanceof KeyEffect.Trouble) {
            return troubled(all, key, reason, ticket);
        }
        if (effect instanceof KeyEffect.Cooling cooling) {
            Instant until = clock.toSteady(cooling.until());
            return rest(key, cooling.scope(), KeyState.COOLING, reason, until, verdict.ignoredReset());
        }
        if (effect instanceof KeyEffect.Exhausted out) {
            Instant until = out.until() == null ? null : clock.toSteady(out.until());
            return rest(key, out.scope(), KeyState.EXHAUSTED, reason, until, verdict.ignoredReset());
        }
        return effect instanceof KeyEffect.FreeTierOut free
                ? freeTierOut(key, clock.toSteady(free.until()), reason, verdict.ignoredReset())
                : DONE;
    }

    CompletionStage<Void> refused(PooledKey key, String reason) {
        KeyCondition.Moment at = moment();
        PooledKey.Change change = key.change(is -> is.refused(reason, at));
        if (change.isNone()) {
            return DONE;
        }
        KeyCondition after = change.after();
        if (after.state() == KeyState.DEACTIVATED) {
            journal.tell(KeyEvent.DEACTIVATED, key, TOO_MANY_FAILURES);
        } else if (change.isNews(at.now())) {
            journal.tell(KeyEvent.COOLING_DOWN, key, after.reason(), after.until());
        }
        return journal.save();
    }

    private CompletionStage<Void> troubled(Roster all, PooledKey key, String reason, long ticket) {
        KeyCondition.Moment at = moment();
        boolean others = all.othersUsable(key, at.now());
        PooledKey.Change change = key.change(is -> is.troubled(reason, at, ticket, others));
        // A count that is not the last is kept with the next change: a file written for each failure serves nobody.
        if (change.after().state() == change.before().state()) {
            return DONE;
        }
        journal.tell(KeyEvent.DEACTIVATED, key, TOO_MANY_FAILURES);
        return journal.save();
    }

    private KeyCondition.Moment moment() {
        return new KeyCondition.Moment(clock.now(), lastTicket.getAsLong(), successes.sum());
    }

    private CompletionStage<Void> rest(
            PooledKey key,
            KeyEffect.Scope scope,
            KeyState state,
            String reason,
            @Nullable Instant until,
            @Nullable String ignoredReset) {
        Instant now = clock.now();
        List<PooledKey> keys =
                scope == KeyEffect.Scope.KEY ? List.of(key) : key.account().keys();
        boolean changed = false;
        boolean news = false;
        for (PooledKey each : keys) {
            PooledKey.Change change = each.change(is -> is.resting(state, reason, until, now));
            changed |= !change.isNone();
            if (change.isNews(now)) {
                news = true;
                journal.tell(restEvent(state, reason), each, reason, until);
            }
        }
        if (news && ignoredReset != null) {
            journal.tell(KeyEvent.RESET_IGNORED, key, ignoredReset);
        }
        return changed ? journal.save() : DONE;
    }

    private static String restEvent(KeyState state, String reason) {
        if (state == KeyState.EXHAUSTED) {
            return KeyEvent.EXHAUSTED;
        }
        return reason.equals(KeyVerdict.RATE_LIMITED) ? KeyEvent.RATE_LIMIT_HIT : KeyEvent.COOLING_DOWN;
    }

    private CompletionStage<Void> freeTierOut(
            PooledKey key, Instant until, String reason, @Nullable String ignoredReset) {
        if (!key.account().freeOut(until)) {
            return DONE;
        }
        journal.tell(KeyEvent.RATE_LIMIT_HIT, key, reason, until);
        if (ignoredReset != null) {
            journal.tell(KeyEvent.RESET_IGNORED, key, ignoredReset);
        }
        return journal.save();
    }

    CompletionStage<Void> probed(PooledKey key, KeyCredit credit) {
        CompletionStage<Void> free = freeTierProbed(key, credit);
        return creditProbed(key, credit).thenCompose(kept -> free);
    }

    private CompletionStage<Void> freeTierProbed(PooledKey key, KeyCredit credit) {
        Integer left = credit.freeRequestsLeft();
        return left == null || left > 0
                ? DONE
                : freeTierOut(key, clock.toSteady(FreeDay.endsAfter(credit.asked())), KeyVerdict.FREE_TIER, null);
    }

    private CompletionStage<Void> creditProbed(PooledKey key, KeyCredit credit) {
        Instant expires = credit.expires();
        if (expires != null && !expires.isAfter(credit.asked())) {
            return expired(key);
        }
        BigDecimal remaining = credit.remaining();
        if (remaining == null || remaining.signum() > 0) {
            return hasCredit(key, clock.toSteady(credit.asked()));
        }
        Instant until = credit.resets() == null ? null : clock.toSteady(credit.resets());
        return rest(key, KeyEffect.Scope.KEY, KeyState.EXHAUSTED, KeyVerdict.KEY_LIMIT, until, null);
    }

    private CompletionStage<Void> expired(PooledKey key) {
        Instant now = clock.now();
        PooledKey.Change change = key.change(is -> is.state() == KeyState.DEACTIVATED ? is : is.out(EXPIRED, now));
        if (change.isNone()) {
            return DONE;
        }
        journal.tell(KeyEvent.DEACTIVATED, key, EXPIRED);
        return journal.save();
    }

    private CompletionStage<Void> hasCredit(PooledKey key, Instant asked) {
        Instant now = clock.now();
        PooledKey.Change change = key.change(is -> mayTry(is, asked) ? is.awake(now) : is);
        if (change.isNone()) {
            return DONE;
        }
        journal.tell(KeyEvent.REACTIVATED, key, "credit");
        return journal.save();
    }

    private static boolean mayTry(KeyCondition is, Instant asked) {
        if (is.state() != KeyState.EXHAUSTED) {
            return false;
        }
        Instant from = KeyVerdict.OUT_OF_CREDIT.equals(is.reason()) ? is.since().plus(CREDIT_TRIAL) : is.since();
        return !asked.isBefore(from);
    }
}
