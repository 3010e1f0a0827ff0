package dev.keyway.access;

import dev.keyway.wire.IpAddress;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who guesses: after {@value #FREE} wrong secrets within a minute an address has to wait, a minute at first, twice as
 * long each time, at most {@link #LONGEST}. One that was quiet for as long begins anew.
 *
 * <p>At most {@value #CAPACITY} addresses are remembered, those that were seen last; an IPv6 network of 64 bits, which is
 * one household's, counts as one address. Safe for many threads.
 */
final class WrongSecrets {
    static final int FREE = 10;
    static final int CAPACITY = 10_000;
    static final Duration WINDOW = Duration.ofMinutes(1);
    static final Duration LONGEST = Duration.ofMinutes(15);

    private final InstantSource clock;
    private final Map<String, Guesser> byAddress = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Guesser> eldest) {
            return size() > CAPACITY;
        }
    };

    WrongSecrets(InstantSource clock) {
        this.clock = clock;
    }

    /** The wrong secrets of one address within a minute, and what came of the ones before. */
    private static final class Guesser {
        private final Deque<Instant> recent = new ArrayDeque<>(FREE);
        private int waits;
        private Instant last = Instant.MIN;
        private Instant until = Instant.MIN;
    }

    /** How long an address must wait from now on; zero: not at all. */
    synchronized Duration left(@Nullable String address) {
        Guesser guesser = byAddress.get(network(address));
        return guesser == null ? Duration.ZERO : left(guesser, clock.instant());
    }

    private static Duration left(Guesser guesser, Instant now) {
        if (guesser.until.equals(Instant.MIN)) {
            return Duration.ZERO;
        }
        Duration left = Duration.between(now, guesser.until);
        // Longer than any wait: the clock was set back.
        return left.isNegative() || left.compareTo(LONGEST) > 0 ? Duration.ZERO : left;
    }

    /** Counts a wrong secret; whether the address has to wait because of it. */
    synchronized boolean wrong(@Nullable String address) {
        Instant now = clock.instant();
        Guesser guesser = byAddress.computeIfAbsent(network(address), any -> new Guesser());
        Instant quietSince = guesser.until.isAfter(guesser.last) ? guesser.until : guesser.last;
        if (guesser.waits > 0 && quietSince.plus(LONGEST).isBefore(now)) {
            guesser.waits = 0;
        }
        guesser.last = now;
        guesser.recent.removeIf(at -> at.isAfter(now) || !at.plus(WINDOW).isAfter(now));
        guesser.recent.add(now);
        if (guesser.recent.size() < FREE) {
            return false;
        }
        guesser.recent.clear();
        Duration wait = WINDOW.multipliedBy(1L << Math.min(guesser.waits, 4));
        guesser.until = now.plus(wait.compareTo(LONGEST) > 0 ? LONGEST : wait);
        guesser.waits++;
        return true;
    }

    /** Forgets what was wrong before the right secret. */
    synchronized void right(@Nullable String address) {
        byAddress.remove(network(address));
    }

    /** How many addresses are remembered. */
    synchronized int size() {
        return byAddress.size();
    }

    private static String network(@Nullable String address) {
        return address == null
                ? "unknown"
                : IpAddress.ofPeer(address).map(IpAddress::household).orElse(address);
    }
}
