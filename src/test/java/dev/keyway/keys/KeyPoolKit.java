package dev.keyway.keys;

import dev.keyway.wire.Secret;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** A pool with clocks moved by hand, a store in memory and the events it told. */
final class KeyPoolKit {
    static final String K1 = "sk-or-v1-one";
    static final String K2 = "sk-or-v1-two";
    static final String K3 = "sk-or-v1-three";
    static final KeyAsk FREE = new KeyAsk(true, null, Set.of(), Set.of());
    static final KeyVerdict SERVED = verdict(new KeyEffect.Served(), KeyVerdict.OK);
    static final KeyVerdict REFUSED = verdict(new KeyEffect.Refused(), KeyVerdict.UNAUTHORIZED);
    static final KeyVerdict TROUBLE = verdict(new KeyEffect.Trouble(), KeyVerdict.SERVER_ERROR);

    final HandClock wall = new HandClock();
    final HandClock steady = new HandClock();
    final RecordingStore store = new RecordingStore();
    final Queue<KeyEvent> events = new ConcurrentLinkedQueue<>();
    KeyPool pool;

    KeyPoolKit(String strategy, KeyPoolOptions.Entry... keys) {
        this.pool = start(strategy, keys);
    }

    KeyPool start(String strategy, KeyPoolOptions.Entry... keys) {
        KeyPoolOptions options = new KeyPoolOptions(List.of(keys), strategy, false, Duration.ofHours(4), Duration.ZERO);
        pool = new KeyPool(options, wall, steady, new Random(1), events::add, store.load(), store);
        return pool;
    }

    static KeyPoolOptions.Entry key(String key) {
        return new KeyPoolOptions.Entry(new Secret(key), null, null);
    }

    static KeyPoolOptions.Entry key(String key, String account) {
        return new KeyPoolOptions.Entry(new Secret(key), null, account);
    }

    static KeyPoolOptions.Entry[] keys(String... keys) {
        return Arrays.stream(keys).map(KeyPoolKit::key).toArray(KeyPoolOptions.Entry[]::new);
    }

    void advance(Duration by) {
        wall.advance(by);
        steady.advance(by);
    }

    Instant in(Duration time) {
        return wall.instant().plus(time);
    }

    Selection.Lease lease() {
        return (Selection.Lease) pool.select(KeyAsk.ANY);
    }

    /** A lease of this very key, which must be usable. */
    Selection.Lease lease(String key) {
        while (true) {
            Selection.Lease lease = lease();
            if (lease.key().secret().reveal().equals(key)) {
                return lease;
            }
        }
    }

    void report(String key, KeyVerdict verdict) {
        pool.report(lease(key), verdict);
    }

    boolean serves(String key) {
        return pool.select(new KeyAsk(false, null, others(key), Set.of())) instanceof Selection.Lease;
    }

    boolean servesFree(String key) {
        return pool.select(new KeyAsk(true, null, others(key), Set.of())) instanceof Selection.Lease;
    }

    private Set<String> others(String key) {
        return Set.copyOf(pool.views().stream()
                .map(KeyView::id)
                .filter(id -> !id.equals(id(key)))
                .toList());
    }

    KeyView view(String key) {
        return pool.view(id(key)).orElseThrow();
    }

    List<String> told() {
        return events.stream().map(event -> event.message() + " " + event.key()).toList();
    }

    static KeyVerdict verdict(KeyEffect effect, String reason) {
        return new KeyVerdict(effect, Fate.KEY_REFUSED, reason, Duration.ZERO, null);
    }

    static KeyVerdict limited(Instant until) {
        return verdict(new KeyEffect.Cooling(until, KeyEffect.Scope.KEY), KeyVerdict.RATE_LIMITED);
    }

    static KeyVerdict exhausted(@Nullable Instant until, KeyEffect.Scope scope, String reason) {
        return verdict(new KeyEffect.Exhausted(until, scope), reason);
    }

    static KeyVerdict freeTierOut(Instant until) {
        return verdict(new KeyEffect.FreeTierOut(until), KeyVerdict.FREE_TIER);
    }

    static String id(String key) {
        return new Secret(key).id();
    }
}
