package dev.keyway.keys;

import dev.keyway.wire.Secret;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The upstream keys and which of them may be used now. Safe for many threads; no call waits or takes a lock.
 *
 * <p>Each attempt holds a lease of its own, and what its answer meant is booked on that lease's key: there is no shared
 * "current key" to blame.
 */
@SuppressWarnings("DoNotCallSuggester")
public final class KeyPool {
    private final List<PooledKey> keys;
    private final Map<String, PooledKey> byId;
    private final SelectionStrategy strategy;
    private final boolean same;
    private final KeyPoolOptions options;
    private final InstantSource clock;
    private final KeyListener listener;
    private final AtomicLong tickets = new AtomicLong();
    private final AtomicReference<@Nullable PooledKey> last = new AtomicReference<>();

    /**
     * A pool in which all keys are active.
     *
     * @param random must be safe for many threads
     * @throws IllegalArgumentException when the strategy is unknown
     */
    public KeyPool(KeyPoolOptions options, InstantSource clock, RandomGenerator random, KeyListener listener) {
        this.options = options;
        this.clock = clock;
        this.listener = listener;
        this.strategy = SelectionStrategies.create(options.strategy(), random);
        this.same = options.same() || SelectionStrategies.impliesSame(options.strategy());
        this.keys = KeyIds.assign(options.keys());
        this.byId = new LinkedHashMap<>();
        keys.forEach(key -> byId.put(key.key().id(), key));
    }

    /** Whether there are no keys at all, usable or not. */
    public boolean isEmpty() {
        return keys.isEmpty();
    }

    /** How many keys may be used now. */
    public int usable() {
        Instant now = clock.instant();
        return (int) keys.stream().filter(key -> key.isUsable(now)).count();
    }

    /** All keys in the order configured, for people. */
    public List<KeyView> views() {
        Instant now = clock.instant();
        return keys.stream().map(key -> key.view(now)).toList();
    }

    /** A key that is usable now and not among those already tried, by id. */
    public Selection select(Set<String> tried) {
        Instant now = clock.instant();
        while (true) {
            List<PooledKey> candidates = candidates(tried, now);
            if (candidates.isEmpty()) {
                return new Selection.Exhausted(earliest(now));
            }
            PooledKey previous = last.get();
            PooledKey chosen = choose(candidates, previous);
            boolean moved = last.compareAndSet(previous, chosen);
            // With "same" all threads must agree on one key; the slower one follows the faster one's choice.
            if ((!moved && same) || !wake(chosen, now)) {
                continue;
            }
            if (moved) {
                tellOfRotation(previous, chosen, now);
            }
            return new Selection.Lease(chosen.key());
        }
    }

    private List<PooledKey> candidates(Set<String> tried, Instant now) {
        List<PooledKey> candidates = new ArrayList<>(keys.size());
        for (PooledKey key : keys) {
            if (key.isUsable(now) && !tried.contains(key.key().id())) {
                candidates.add(key);
            }
        }
        return candidates;
    }

    private PooledKey choose(List<PooledKey> candidates, @Nullable PooledKey previous) {
        long ticket = tickets.incrementAndGet();
        PooledKey chosen = same && previous != null && candidates.contains(previous)
                ? previous
                : strategy.choose(candidates, ticket);
        chosen.leased(ticket);
        return chosen;
    }

    /** Ends a rest that is over; false when the key was put to rest again meanwhile. */
    private boolean wake(PooledKey key, Instant now) {
        PooledKey.Rest rest = key.rest();
        if (rest == null) {
            return true;
        }
        if (!rest.isOver(now)) {
            return false;
        }
        if (key.endRest(rest)) {
            listener.onKeyEvent(new KeyEvent(KeyEvent.REACTIVATED, key.key().id(), rest.reason(), null));
            return true;
        }
        return key.isUsable(now);
    }

    private void tellOfRotation(@Nullable PooledKey previous, PooledKey chosen, Instant now) {
        PooledKey.Rest rest = previous == null || previous.equals(chosen) ? null : previous.rest();
        if (rest != null && !rest.isOver(now)) {
            listener.onKeyEvent(new KeyEvent(KeyEvent.ROTATION, chosen.key().id(), rest.reason(), null));
        }
    }

    /** When the next key can be used: now, if one can but was tried already. */
    private Instant earliest(Instant now) {
        return keys.stream()
                .map(PooledKey::rest)
                .map(rest -> rest == null ? now : rest.until())
                .min(Comparator.naturalOrder())
                .orElseGet(() -> now.plus(options.rateLimitCooldown()));
    }

    /** Ends a lease with what its answer meant; a rest never shortens one that lasts longer. */
    public void report(Selection.Lease lease, OldVerdict verdict) {
        PooledKey key = byId.get(lease.key().id());
        if (key == null) {
            return;
        }
        if (verdict instanceof OldVerdict.Served) {
            key.used(clock.instant());
        } else if (verdict instanceof OldVerdict.Rest rest) {
            rest(key, rest);
        }
    }

    private void rest(PooledKey key, OldVerdict.Rest verdict) {
        if (!key.rest(new PooledKey.Rest(verdict.until(), verdict.reason()), clock.instant())) {
            return;
        }
        String id = key.key().id();
        String message =
                verdict.reason().equals(OldVerdict.Rest.RATE_LIMITED) ? KeyEvent.RATE_LIMIT_HIT : KeyEvent.COOLING_DOWN;
        listener.onKeyEvent(new KeyEvent(message, id, verdict.reason(), verdict.until()));
        if (verdict.ignoredReset() != null) {
            listener.onKeyEvent(new KeyEvent(KeyEvent.RESET_IGNORED, id, verdict.ignoredReset(), null));
        }
    }

    /** A key that is usable now for what is asked. */
    public Selection select(KeyAsk ask) {
        throw new UnsupportedOperationException();
    }

    /**
     * Ends a lease with what its answer meant.
     *
     * @return done when a state that changed by it would survive a crash; at once when none did
     */
    public CompletionStage<Void> report(Selection.Lease lease, KeyVerdict verdict) {
        throw new UnsupportedOperationException();
    }

    /** What the upstream said when the free tier of the lease's account was out: answered from memory until then. */
    public void freeTierRefused(Selection.Lease lease, FreeTierRefusal refusal) {
        throw new UnsupportedOperationException();
    }

    /** What may be shown of a key; empty when there is none of this id. */
    public Optional<KeyView> view(String id) {
        throw new UnsupportedOperationException();
    }

    /** A key by its id, for Keyway's own calls to the upstream. */
    public Optional<UpstreamKey> key(String id) {
        throw new UnsupportedOperationException();
    }

    /** Adds a key, or makes a known one active again; done when it is kept. */
    public CompletionStage<Added> add(
            Secret secret, @Nullable String label, @Nullable String account, KeySource source) {
        throw new UnsupportedOperationException();
    }

    /** What became of an added key; {@code created}: it was not known before. */
    public record Added(String id, boolean created) {}

    /** Sets label and account; null: none. False: no such key. */
    public CompletionStage<Boolean> edit(String id, @Nullable String label, @Nullable String account) {
        throw new UnsupportedOperationException();
    }

    /** Puts a key out until it is made active again. False: no such key. */
    public CompletionStage<Boolean> disable(String id) {
        throw new UnsupportedOperationException();
    }

    /** Makes a key active whatever it was, with nothing held against it. False: no such key. */
    public CompletionStage<Boolean> reactivate(String id) {
        throw new UnsupportedOperationException();
    }

    /** Removes a key from pool and file. */
    public CompletionStage<Removal> remove(String id) {
        throw new UnsupportedOperationException();
    }

    /** What became of a removal. */
    public enum Removal {
        REMOVED,
        UNKNOWN,
        /** It stands in configuration or environment, where it would come back from: it can only be disabled here. */
        CONFIGURED
    }

    /** What a probe learned: a key without credit is put out, one that has credit again is used again. */
    public CompletionStage<Void> probed(String id, KeyCredit credit) {
        throw new UnsupportedOperationException();
    }

    /** The upstream refused a probe with 401: the same as on a request. */
    public CompletionStage<Void> probeRefused(String id) {
        throw new UnsupportedOperationException();
    }

    /** Asks the store to keep what changes without notice: counters and last use. */
    public void keep() {
        throw new UnsupportedOperationException();
    }

    /** The text with asterisks in the place of the value of any key of the pool, as many as it has characters. */
    public String maskedIn(String text) {
        String masked = text;
        for (PooledKey key : keys) {
            masked = key.key().secret().maskedIn(masked);
        }
        return masked;
    }

    /** Whether this text holds the value of any key of the pool. */
    public boolean appearsIn(String text) {
        for (PooledKey key : keys) {
            if (key.key().secret().appearsIn(text)) {
                return true;
            }
        }
        return false;
    }
}
