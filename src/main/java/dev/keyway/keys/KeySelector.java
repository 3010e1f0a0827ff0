package dev.keyway.keys;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Gives out leases. */
final class KeySelector {
    private final SelectionStrategy strategy;
    private final boolean same;
    private final Duration unknownEnd;
    private final PoolClock clock;
    private final KeyJournal journal;
    private final AtomicLong tickets = new AtomicLong();
    private final AtomicReference<@Nullable PooledKey> last = new AtomicReference<>();

    /**
     * A selector.
     *
     * @param same whether the last key is used again while it is usable
     * @param unknownEnd what is told as wait when nobody knows when the first key is back
     */
    KeySelector(SelectionStrategy strategy, boolean same, Duration unknownEnd, PoolClock clock, KeyJournal journal) {
        this.strategy = strategy;
        this.same = same;
        this.unknownEnd = unknownEnd;
        this.clock = clock;
        this.journal = journal;
    }

    /** The last ticket given. */
    long lastTicket() {
        return tickets.get();
    }

    Selection select(Roster all, KeyAsk ask) {
        Instant now = clock.now();
        Candidates candidates = new Candidates(all.keys(), ask, now);
        while (true) {
            long ticket = tickets.incrementAndGet();
            PooledKey chosen = choose(all, candidates, ask, ticket, now);
            if (chosen == null) {
                return none(all, ask, now);
            }
            if (wake(chosen, now)) {
                return new Selection.Lease(chosen.key(), ticket);
            }
        }
    }

    private @Nullable PooledKey choose(Roster all, Candidates candidates, KeyAsk ask, long ticket, Instant now) {
        String session = ask.session();
        if (session != null) {
            return SessionAffinity.choose(all.accounts(), candidates, session);
        }
        while (true) {
            PooledKey previous = last.get();
            if (same && previous != null && candidates.allows(previous)) {
                return previous;
            }
            PooledKey chosen = strategy.choose(candidates, ticket);
            if (chosen == null || previous == chosen) {
                return chosen;
            }
            if (last.compareAndSet(previous, chosen)) {
                tellOfRotation(previous, chosen, now);
                return chosen;
            }
            // With "same" all threads must agree on one key; the slower one follows the faster one's choice.
            if (!same) {
                return chosen;
            }
        }
    }

    /** Ends a rest that is over; false when the key was put to rest again meanwhile. */
    private boolean wake(PooledKey key, Instant now) {
        KeyCondition is = key.condition();
        if (is.state() == KeyState.ACTIVE) {
            return true;
        }
        if (!is.isUsable(now)) {
            return false;
        }
        if (!key.awake(is, now)) {
            return key.isUsable(now);
        }
        journal.tell(KeyEvent.REACTIVATED, key, is.reason());
        journal.keep();
        return true;
    }

    private void tellOfRotation(@Nullable PooledKey previous, PooledKey chosen, Instant now) {
        KeyCondition rest = previous == null ? null : previous.condition();
        if (rest != null && !rest.isUsable(now)) {
            journal.tell(KeyEvent.ROTATION, chosen, rest.reason());
        }
    }

    private Selection none(Roster all, KeyAsk ask, Instant now) {
        Instant soonest = null;
        Instant freeAgain = null;
        Account firstFree = null;
        boolean allFreeOut = ask.free();
        for (PooledKey key : all.keys()) {
            Instant at = key.usableAt(now);
            if (at == null) {
                continue;
            }
            Instant freeUntil = ask.free() ? key.account().freeUntil(now) : null;
            if (!at.isAfter(now)) {
                if (freeUntil == null) {
                    allFreeOut = false;
                } else if (freeAgain == null || freeUntil.isBefore(freeAgain)) {
                    freeAgain = freeUntil;
                    firstFree = key.account();
                }
            }
            Instant forThis = freeUntil != null && freeUntil.isAfter(at) ? freeUntil : at;
            soonest = soonest == null || forThis.isBefore(soonest) ? forThis : soonest;
        }
        if (allFreeOut && firstFree != null && freeAgain != null) {
            Instant until = clock.toWall(freeAgain);
            FreeTierRefusal told = firstFree.refusal();
            return new Selection.FreeTierOut(until, told == null ? FreeTierRefusal.inOurWords(until) : told);
        }
        return new Selection.Exhausted(clock.toWall(soonest == null ? now.plus(unknownEnd) : soonest));
    }
}
