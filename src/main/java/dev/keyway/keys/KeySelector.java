package dev.keyway.keys;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Gives out leases. */
final class KeySelector {
    /** Needs to know no key before it is asked. */
    private static final SelectionStrategy MEANWHILE = new FirstStrategy();

    private final RandomGenerator random;
    private final PoolClock clock;
    private final KeyJournal journal;
    private final AtomicLong tickets = new AtomicLong();
    private final AtomicReference<@Nullable PooledKey> last = new AtomicReference<>();
    private volatile Way way;

    /**
     * How keys are chosen now.
     *
     * @param name of the strategy
     * @param same whether the last key is used again while it is usable
     * @param unknownEnd what is told as wait when nobody knows when the first key is back
     */
    private record Way(String name, SelectionStrategy strategy, boolean same, Duration unknownEnd) {
        static Way of(KeyPoolOptions options, SelectionStrategy strategy) {
            boolean same = options.same() || SelectionStrategies.impliesSame(options.strategy());
            return new Way(options.strategy(), strategy, same, options.rateLimitCooldown());
        }
    }

    /** A selector of these keys; they come and go by {@link #changed} and {@link #removed}. */
    KeySelector(KeyPoolOptions options, RandomGenerator random, Roster keys, PoolClock clock, KeyJournal journal) {
        this.random = random;
        this.clock = clock;
        this.journal = journal;
        this.way = Way.of(options, strategy(options, keys));
    }

    private SelectionStrategy strategy(KeyPoolOptions options, Roster keys) {
        SelectionStrategy strategy = SelectionStrategies.create(options.strategy(), random);
        for (PooledKey key : keys.keys()) {
            strategy.changed(key);
        }
        return strategy;
    }

    /** Other settings for the same keys. To be called by one thread at a time, as are the two below. */
    void configure(KeyPoolOptions options, Roster keys) {
        Way before = way;
        if (options.strategy().equals(before.name())) {
            way = Way.of(options, before.strategy());
            return;
        }
        // A key has a place in one order only, so that it must leave the old one before the new one has it.
        way = Way.of(options, MEANWHILE);
        for (PooledKey key : keys.keys()) {
            before.strategy().removed(key);
        }
        way = Way.of(options, strategy(options, keys));
    }

    /** A key came, or what a strategy goes by changed. */
    void changed(PooledKey key) {
        way.strategy().changed(key);
    }

    /** A key left. */
    void removed(PooledKey key) {
        way.strategy().removed(key);
    }

    /** The last ticket given. */
    long lastTicket() {
        return tickets.get();
    }

    Selection select(Roster all, KeyAsk ask) {
        Instant now = clock.now();
        Candidates candidates = new Candidates(all.keys(), ask, now);
        while (true) {
            Way is = way;
            long ticket = tickets.incrementAndGet();
            PooledKey chosen = choose(is, all, candidates, ask, ticket, now);
            if (chosen == null && !is.equals(way)) {
                continue;
            }
            if (chosen == null) {
                return none(is, all, ask, now);
            }
            if (wake(chosen, now)) {
                return new Selection.Lease(chosen.key(), ticket);
            }
        }
    }

    private @Nullable PooledKey choose(
            Way is, Roster all, Candidates candidates, KeyAsk ask, long ticket, Instant now) {
        String session = ask.session();
        if (session != null) {
            return SessionAffinity.choose(all, candidates, session);
        }
        while (true) {
            PooledKey previous = last.get();
            if (is.same() && previous != null && candidates.allows(previous)) {
                return previous;
            }
            PooledKey chosen = is.strategy().choose(candidates, ticket);
            if (chosen == null || previous == chosen) {
                return chosen;
            }
            if (last.compareAndSet(previous, chosen)) {
                tellOfRotation(previous, chosen, now);
                return chosen;
            }
            // With "same" all threads must agree on one key; the slower one follows the faster one's choice.
            if (!is.same()) {
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

    private Selection none(Way is, Roster all, KeyAsk ask, Instant now) {
        Instant soonest = null;
        Instant freeAgain = null;
        Account firstFree = null;
        for (PooledKey key : all.keys()) {
            Instant at = key.usableAt(now);
            if (at == null) {
                continue;
            }
            Instant freeUntil = ask.free() ? key.account().freeUntil(now) : null;
            boolean isUsable = !at.isAfter(now);
            if (isUsable && freeUntil != null && (freeAgain == null || freeUntil.isBefore(freeAgain))) {
                freeAgain = freeUntil;
                firstFree = key.account();
            }
            Instant forThis = freeUntil != null && freeUntil.isAfter(at) ? freeUntil : at;
            soonest = soonest == null || forThis.isBefore(soonest) ? forThis : soonest;
        }
        // Where another account serves earlier, when its rest is over, the free tier is not what to wait for.
        if (firstFree != null && freeAgain != null && !freeAgain.isAfter(soonest)) {
            Instant until = clock.toWall(freeAgain);
            FreeTierRefusal told = firstFree.refusal();
            return new Selection.FreeTierOut(until, told == null ? FreeTierRefusal.inOurWords(until) : told);
        }
        return new Selection.Exhausted(clock.toWall(soonest == null ? now.plus(is.unknownEnd()) : soonest));
    }
}
