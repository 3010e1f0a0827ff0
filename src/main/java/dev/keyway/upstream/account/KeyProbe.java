package dev.keyway.upstream.account;

import dev.keyway.keys.KeyPool;
import dev.keyway.keys.KeyState;
import dev.keyway.keys.KeyView;
import dev.keyway.keys.UpstreamKey;
import dev.keyway.upstream.UpstreamAuthorization;
import dev.keyway.upstream.UpstreamClient;
import dev.keyway.upstream.UpstreamOptions;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import java.util.random.RandomGenerator;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.eclipse.jetty.client.BufferingResponseListener;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.Result;

/**
 * Asks the upstream about the keys of the pool, {@code GET /key}: what they may still spend, until when, and whether it
 * takes them at all. Never on the way of a request.
 *
 * <p>By itself it goes round all keys but the deactivated ones, each once in {@link ProbeOptions#interval}, spread evenly
 * with a random part; the first round begins ten seconds after the start, and goes as fast as it may. Whoever asks, no two
 * probes begin within one second, and no key is probed twice at once: who asks meanwhile shares the answer. So a round
 * over 10,000 keys takes three hours.
 *
 * <p>What is learned goes to the pool. Trouble with the network, or an answer that is none, says nothing about a key and
 * changes nothing. Safe for many threads; no call waits.
 */
public final class KeyProbe implements AutoCloseable {
    private static final Logger LOG = LogManager.getLogger(KeyProbe.class);
    private static final Duration GAP = Duration.ofSeconds(1);
    private static final Duration FIRST = Duration.ofSeconds(10);

    /** Of a whole probe, unless {@code upstream.first_byte_timeout} is less. */
    private static final Duration LONGEST = Duration.ofSeconds(30);

    private static final int MAX_ANSWER = 64 * 1024;

    /** Who is asked to wait longer than that many seconds is better told so. */
    private static final int MAX_WAITING = 30;

    private final UpstreamClient client;
    private final URI baseUrl;
    private final Duration limit;
    private final UpstreamAuthorization authorization;
    private final KeyPool pool;
    private final Duration interval;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final ScheduledExecutorService timer;
    private final LongAdder accepted = new LongAdder();
    private final LongAdder refused = new LongAdder();
    private final LongAdder unreachable = new LongAdder();

    // Guarded by this.
    private final Map<String, Probe> underWay = new HashMap<>();
    private final Deque<Probe> waiting = new ArrayDeque<>();
    private final Deque<String> round = new ArrayDeque<>();
    private Duration even = GAP;
    private Duration pace = GAP;
    private boolean firstRound = true;
    private boolean gap;
    private boolean closed;

    private record Probe(String id, CompletableFuture<ProbeResult> result) {}

    /** How many probes ended how, since the start. */
    public record Counts(long accepted, long refused, long unreachable) {}

    /** @param timer one thread is enough, it only hands over */
    public KeyProbe(
            UpstreamClient client,
            UpstreamOptions upstream,
            ProbeOptions options,
            KeyPool pool,
            InstantSource clock,
            RandomGenerator random,
            ScheduledExecutorService timer) {
        this.client = client;
        this.baseUrl = upstream.baseUrl();
        this.limit = upstream.firstByteTimeout().compareTo(LONGEST) < 0 ? upstream.firstByteTimeout() : LONGEST;
        this.authorization = new UpstreamAuthorization(client.http().newRequest(baseUrl));
        this.pool = pool;
        this.interval = options.interval();
        this.clock = clock;
        this.random = random;
        this.timer = timer;
    }

    /** Begins to go round, unless that is switched off. */
    public void start() {
        if (!interval.isZero()) {
            later(jittered(FIRST), this::goOn);
        }
    }

    /**
     * Probes a key whatever its state, as soon as may be.
     *
     * @return done when what was learned is booked and would survive a crash; never fails
     */
    public CompletionStage<ProbeResult> test(String id) {
        if (pool.key(id).isEmpty()) {
            return CompletableFuture.completedStage(new ProbeResult.NoSuchKey());
        }
        Probe probe;
        synchronized (this) {
            Probe running = underWay.get(id);
            if (running != null) {
                return running.result.minimalCompletionStage();
            }
            if (closed || waiting.size() >= MAX_WAITING) {
                return CompletableFuture.completedStage(new ProbeResult.Unreachable(closed ? "closing" : "busy"));
            }
            probe = new Probe(id, new CompletableFuture<>());
            underWay.put(id, probe);
            waiting.add(probe);
        }
        sendNext();
        return probe.result.minimalCompletionStage();
    }

    public Counts counts() {
        return new Counts(accepted.sum(), refused.sum(), unreachable.sum());
    }

    /** Begins no probe any more; what is under way changes nothing. */
    @Override
    public void close() {
        Deque<Probe> left;
        synchronized (this) {
            closed = true;
            left = new ArrayDeque<>(waiting);
            waiting.clear();
        }
        left.forEach(probe -> finish(probe, new ProbeResult.Unreachable("closing")));
    }

    // ---- the round

    private void goOn() {
        try {
            nextOfRound().ifPresent(this::test);
        } finally {
            later(jittered(pace()), this::goOn);
        }
    }

    private synchronized Duration pace() {
        return pace;
    }

    /** A key that went out or away since the round began is passed over, and its turn with it. */
    private synchronized Optional<String> nextOfRound() {
        if (round.isEmpty()) {
            pool.views().stream()
                    .filter(KeyProbe::isToBeProbed)
                    .map(KeyView::id)
                    .forEach(round::add);
            even = interval.dividedBy(Math.max(1, round.size()));
        }
        Optional<String> next = Optional.ofNullable(round.poll());
        firstRound &= !round.isEmpty() || next.isEmpty();
        pace = firstRound && next.isPresent() ? GAP : even;
        return next.filter(id -> pool.view(id).filter(KeyProbe::isToBeProbed).isPresent());
    }

    private static boolean isToBeProbed(KeyView key) {
        return key.state() != KeyState.DEACTIVATED;
    }

    /** Up to a quarter more or less, but never less than the gap. */
    private Duration jittered(Duration even) {
        Duration chosen = even.multipliedBy(768 + random.nextInt(512)).dividedBy(1024);
        return chosen.compareTo(GAP) < 0 ? GAP.plus(GAP.minus(chosen)) : chosen;
    }

    private void later(Duration delay, Runnable work) {
        synchronized (this) {
            if (closed) {
                return;
            }
        }
        try {
            var unused = timer.schedule(() -> guarded(work), delay.toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.debug("no more probes: the timer has ended");
        }
    }

    private static void guarded(Runnable work) {
        try {
            work.run();
        } catch (RuntimeException e) {
            LOG.error("key probe failed", e);
        }
    }

    // ---- one probe

    private void sendNext() {
        Probe probe;
        synchronized (this) {
            if (gap || waiting.isEmpty()) {
                return;
            }
            probe = waiting.remove();
            gap = true;
        }
        later(GAP, this::gapOver);
        try {
            send(probe);
        } catch (RuntimeException e) {
            LOG.error("key probe failed: key={}", probe.id, e);
            finish(probe, new ProbeResult.Unreachable("failed"));
        }
    }

    private void gapOver() {
        synchronized (this) {
            gap = false;
        }
        sendNext();
    }

    private void send(Probe probe) {
        Optional<UpstreamKey> key = pool.key(probe.id);
        if (key.isEmpty()) {
            finish(probe, new ProbeResult.NoSuchKey());
            return;
        }
        Request request = client.http()
                .newRequest(baseUrl)
                .path(baseUrl.getRawPath() + "/key")
                .headers(headers -> headers.put("Accept", "application/json").put("Accept-Encoding", "identity"))
                .agent("Keyway")
                .timeout(limit.toNanos(), TimeUnit.NANOSECONDS);
        authorization.apply(request, key.get().secret());
        // What happens to the key from now on is newer than what the answer will say.
        Instant asked = clock.instant();
        request.send(new BufferingResponseListener(MAX_ANSWER) {
            @Override
            public void onComplete(Result result) {
                byte[] body = getContent();
                ProbeResult learned = result.isFailed()
                        ? new ProbeResult.Unreachable(CallFailure.reason(result.getFailure()))
                        : KeyAnswer.of(result.getResponse().getStatus(), body == null ? new byte[0] : body, asked);
                book(probe, learned);
            }
        });
    }

    private void book(Probe probe, ProbeResult learned) {
        count(learned);
        CompletionStage<Void> kept;
        try {
            kept = toPool(probe.id, learned);
        } catch (RuntimeException e) {
            LOG.error("key probe failed: key={}", probe.id, e);
            kept = CompletableFuture.completedStage(null);
        }
        var unused = kept.whenComplete((nothing, failure) -> finish(probe, learned));
    }

    private CompletionStage<Void> toPool(String id, ProbeResult learned) {
        boolean ended;
        synchronized (this) {
            ended = closed;
        }
        if (!ended && learned instanceof ProbeResult.Accepted found) {
            return pool.probed(id, found.credit());
        }
        if (!ended && learned instanceof ProbeResult.Refused refusal && refusal.status() == 401) {
            return pool.probeRefused(id);
        }
        return CompletableFuture.completedStage(null);
    }

    private void count(ProbeResult learned) {
        LongAdder counter = learned instanceof ProbeResult.Accepted
                ? accepted
                : learned instanceof ProbeResult.Refused ? refused : unreachable;
        counter.increment();
    }

    private void finish(Probe probe, ProbeResult result) {
        synchronized (this) {
            underWay.remove(probe.id);
        }
        probe.result.complete(result);
    }
}
