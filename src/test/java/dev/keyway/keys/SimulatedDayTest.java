package dev.keyway.keys;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.keys.SimulatedUpstream.Answer;
import dev.keyway.keys.SimulatedUpstream.Kind;
import dev.keyway.keys.SimulatedUpstream.SimulatedKey;
import dev.keyway.testing.Pools;
import dev.keyway.testing.Proof;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A day of traffic through the real pool and verdict, against accounts with daily and per-minute limits, credit that runs
 * out and is topped up, requests under way, a key that is revoked and two outages. Time is moved by hand; the same seed
 * gives the same day.
 *
 * <p>The ledger of what was said out loud is kept here, apart from the pool: an answer that says "not before then" must
 * keep every request away until then, and a refusal of the pool's own must have a reason for every key.
 */
class SimulatedDayTest {
    private static final Proof PROOF = Proof.named("day");
    private static final Instant MIDNIGHT = Instant.parse("2026-11-27T00:00:00Z");
    private static final Duration DAY = Duration.ofDays(1);
    private static final Duration PROBE_GAP = Duration.ofSeconds(10);
    private static final Duration REFUSED_REST = Duration.ofMinutes(10);
    /** How long an account without credit is left alone before a probe lets it be tried again. */
    private static final Duration CREDIT_REST = Duration.ofMinutes(15);

    private static final int ATTEMPTS = 3;

    private final int requests = PROOF.size(20_000, 100_000);
    private final Random random = new Random(42);
    private final SimulatedUpstream upstream = new SimulatedUpstream(requests, random);
    private final Map<String, SimulatedKey> keys = new LinkedHashMap<>();
    private Instant now = MIDNIGHT;
    private final KeyPoolOptions options = KeyPoolOptions.DEFAULTS.withKeys(upstream.keys.stream()
            .map(key -> new KeyPoolOptions.Entry(key.key.secret(), null, key.account.name))
            .toList());
    private final KeyPool pool = Pools.of(options, () -> now, random, event -> {});

    /** What was said: {@code key k_…}, {@code account a} or {@code free a}, and until when. */
    private final Map<String, Instant> saidOut = new HashMap<>();

    /** Keys whose account is without credit, and since when that is known. */
    private final Map<String, Instant> broke = new HashMap<>();

    private int served;
    private int relayed;
    private int refusedFree;
    private int refusedAll;
    private int calls;
    private int wasted;
    private int toKnownOut;
    private int withoutReason;

    @Test
    void nothing_that_is_known_to_be_out_is_asked_and_all_that_can_serve_does() throws IOException {
        upstream.keys.forEach(key -> keys.put(key.key.id(), key));
        Instant probe = MIDNIGHT.plus(PROBE_GAP);
        int probes = 0;
        for (int i = 0; i < requests; i++) {
            Instant next = MIDNIGHT.plus(DAY.multipliedBy(i).dividedBy(requests));
            for (; !probe.isAfter(next); probe = probe.plus(PROBE_GAP)) {
                now = probe;
                probe(upstream.keys.get(probes++ % SimulatedUpstream.KEYS));
            }
            now = next;
            request(random.nextInt(10) < 3, kind());
        }

        PROOF.report(
                "%d requests, %d probes: %d served, %d told an error of their own or the upstream's, %d told that no free"
                        + " request is left, %d that no key is; %d calls, %d of them wasted, %d to a key known to be out",
                requests, probes, served, relayed, refusedFree, refusedAll, calls, wasted, toKnownOut);
        assertThat(served + relayed + refusedFree + refusedAll).isEqualTo(requests);
        assertThat(toKnownOut).describedAs("calls to a key known to be out").isZero();
        assertThat(withoutReason)
                .describedAs("refusals while a key could be asked")
                .isZero();
        assertThat(keys.values())
                .allSatisfy(key -> assertThat(key.account.served)
                        .describedAs(key.account.name)
                        .isPositive());
        assertThat(refusedFree)
                .describedAs("free requests end before the day does")
                .isPositive();
        assertThat(wasted)
                .describedAs("few calls are wasted outside of the outages")
                .isLessThan(requests / 20);
        assertNobodyIsOutWithoutReason();
    }

    private void assertNobodyIsOutWithoutReason() {
        for (KeyView view : pool.views()) {
            SimulatedKey key = key(view.id());
            assertThat(view.state())
                    .describedAs("%s of %s: %s", view.id(), key.account.name, view.reason())
                    .isIn(
                            key.isRevoked(now)
                                    ? List.of(KeyState.DEACTIVATED)
                                    : isOut(key, false) || broke.containsKey(view.id())
                                            ? List.of(KeyState.EXHAUSTED, KeyState.COOLING)
                                            : List.of(KeyState.ACTIVE));
        }
    }

    private SimulatedKey key(String id) {
        return Objects.requireNonNull(keys.get(id), id);
    }

    private Kind kind() {
        int of = random.nextInt(100);
        return of < 3 ? Kind.BAD_REQUEST : of < 4 ? Kind.FLAGGED : of < 6 ? Kind.PROVIDER_BUSY : Kind.FINE;
    }

    private void probe(SimulatedKey key) {
        String id = key.key.id();
        if (SimulatedUpstream.outage(now) != null || pool.view(id).orElseThrow().state() == KeyState.DEACTIVATED) {
            return;
        }
        if (key.isRevoked(now)) {
            boolean rested = pool.view(id).orElseThrow().state() == KeyState.COOLING;
            pool.probeRefused(id);
            // While it rests for a refusal another one is no news: else probes alone could put every key out when the
            // upstream takes no key for half an hour.
            if (!rested) {
                saidOut.put("key " + id, now.plus(REFUSED_REST));
            }
            return;
        }
        KeyCredit credit = upstream.credit(key, now);
        pool.probed(id, credit);
        Instant resets = credit.resets();
        if (credit.remaining() != null && credit.remaining().signum() <= 0 && resets != null) {
            saidOut.put("key " + id, resets);
        }
        broke.computeIfPresent(id, (same, since) -> now.isBefore(since.plus(CREDIT_REST)) ? since : null);
        if (Integer.valueOf(0).equals(credit.freeRequestsLeft())) {
            saidOut.put("free " + key.account.name, MIDNIGHT.plus(DAY));
        }
    }

    private void request(boolean free, Kind kind) {
        Set<String> tried = new HashSet<>();
        Set<String> shunned = new HashSet<>();
        for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
            Selection selection = pool.select(new KeyAsk(free, null, tried, shunned));
            if (!(selection instanceof Selection.Lease lease)) {
                refuse(selection, free, tried, shunned);
                return;
            }
            SimulatedKey key = key(lease.key().id());
            calls++;
            if (isOut(key, free)) {
                toKnownOut++;
            }
            KeyVerdict verdict = ask(lease, key, free, kind);
            switch (verdict.fate()) {
                case ANSWERED -> {
                    served++;
                    return;
                }
                case PERMANENT, PROVIDER_LIMITED, AMBIGUOUS -> {
                    relayed++;
                    return;
                }
                case ACCOUNT_BUSY -> shunned.add(key.account.name);
                case KEY_REFUSED, REFUSED -> tried.add(key.key.id());
            }
            wasted++;
        }
        relayed++;
    }

    private KeyVerdict ask(Selection.Lease lease, SimulatedKey key, boolean free, Kind kind) {
        Answer answer = upstream.ask(key, free, kind, now);
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        KeyVerdict verdict = answer.status() == 0
                ? KeyVerdict.ofNoAnswer("connect_failed", Fate.REFUSED)
                : KeyVerdict.of(answer.status(), answer.headers()::get, body, now, options);
        pool.report(lease, verdict);
        note(key, verdict.effect());
        if (verdict.effect() instanceof KeyEffect.FreeTierOut) {
            pool.freeTierRefused(lease, new FreeTierRefusal(body, "application/json", null));
        }
        return verdict;
    }

    private void note(SimulatedKey key, KeyEffect effect) {
        if (effect instanceof KeyEffect.FreeTierOut out) {
            saidOut.merge("free " + key.account.name, out.until(), SimulatedDayTest::later);
        } else if (effect instanceof KeyEffect.Cooling cooling) {
            saidOut.put("account " + key.account.name, cooling.until());
        } else if (effect instanceof KeyEffect.Refused) {
            saidOut.put("key " + key.key.id(), now.plus(REFUSED_REST));
        } else if (effect instanceof KeyEffect.Exhausted exhausted) {
            noteExhausted(key, exhausted.until());
        }
    }

    private void noteExhausted(SimulatedKey key, @Nullable Instant until) {
        if (until != null) {
            saidOut.put("key " + key.key.id(), until);
            return;
        }
        keys.values().stream()
                .filter(other -> other.account == key.account)
                .forEach(other -> broke.putIfAbsent(other.key.id(), now));
    }

    private static Instant later(Instant one, Instant other) {
        return one.isAfter(other) ? one : other;
    }

    private boolean isOut(SimulatedKey key, boolean free) {
        return broke.containsKey(key.key.id())
                || isSaid("key " + key.key.id())
                || isSaid("account " + key.account.name)
                || (free && isSaid("free " + key.account.name));
    }

    private boolean isSaid(String what) {
        return now.isBefore(saidOut.getOrDefault(what, MIDNIGHT));
    }

    private void refuse(Selection selection, boolean free, Set<String> tried, Set<String> shunned) {
        if (selection instanceof Selection.FreeTierOut) {
            refusedFree++;
        } else {
            refusedAll++;
        }
        boolean hasReason = keys.values().stream()
                .allMatch(key -> isOut(key, free)
                        || key.isRevoked(now)
                        || tried.contains(key.key.id())
                        || shunned.contains(key.account.name));
        if (!hasReason) {
            withoutReason++;
        }
    }
}
