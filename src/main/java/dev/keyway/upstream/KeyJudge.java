package dev.keyway.upstream;

import dev.keyway.exchange.Credential;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.keys.Fate;
import dev.keyway.keys.FreeTierRefusal;
import dev.keyway.keys.KeyAsk;
import dev.keyway.keys.KeyEffect;
import dev.keyway.keys.KeyPoolOptions;
import dev.keyway.keys.KeyVerdict;
import dev.keyway.keys.KeyView;
import dev.keyway.keys.Selection;
import dev.keyway.keys.UpstreamKey;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one request: which it holds, which it has tried, what an answer means for the one it holds and for the
 * request.
 */
final class KeyJudge {
    static final CompletionStage<Void> NOTHING_TO_KEEP = CompletableFuture.completedStage(null);
    private static final KeyVerdict SERVED =
            new KeyVerdict(new KeyEffect.Served(), Fate.ANSWERED, KeyVerdict.OK, Duration.ZERO, null);
    private static final long LONGEST_SLEEP_SECONDS = 60;

    /** Of more keys an error tells nothing; {@code GET /admin/keys} does. */
    private static final int MOST_TOLD = 100;

    private static final String RESET = "X-RateLimit-Reset";

    private final Upstream upstream;
    private final KeyPoolOptions options;
    private final boolean usesPool;
    private final @Nullable Secret own;
    private final boolean free;
    private final @Nullable String session;
    private final boolean forAdmin;
    private final Set<String> tried = new HashSet<>();
    private final Set<String> shunned = new HashSet<>();
    private Selection.@Nullable Lease lease;

    /** @param forAdmin whether the client may be told what is wrong with which key */
    KeyJudge(Upstream upstream, KeyPoolOptions options, UpstreamRequest request, boolean forAdmin) {
        Credential credential = request.client().credential();
        this.upstream = upstream;
        this.options = options;
        this.usesPool = credential instanceof Credential.Pool;
        this.own = credential instanceof Credential.Own passed ? passed.secret() : null;
        this.free = usesPool && asksForFree(request.body());
        this.session = request.session();
        this.forAdmin = forAdmin;
    }

    private static boolean asksForFree(RequestBody body) {
        String model = body instanceof RequestBody.Json json ? json.json().text("model") : null;
        return model != null && (model.endsWith(":free") || model.equals("openrouter/free"));
    }

    /** Whether each send needs a key of the pool. */
    boolean usesPool() {
        return usesPool;
    }

    /** The caller's own key, to be passed through; null without one. */
    @Nullable
    Secret own() {
        return own;
    }

    /** The key of the attempt under way; null when it is not one of the pool. */
    Selection.@Nullable Lease lease() {
        return lease;
    }

    /** A key that was not tried, of an account that is not shunned. */
    Selection untried() {
        return upstream.pool().select(new KeyAsk(free, session, tried, shunned));
    }

    /** The same, else one that was tried and can still be used. */
    Selection any() {
        Selection selection = untried();
        return selection instanceof Selection.Lease || tried.isEmpty()
                ? selection
                : upstream.pool().select(new KeyAsk(free, session, Set.of(), Set.of()));
    }

    /** The account of the key held can't take this request now. */
    void shunAccount() {
        if (lease != null) {
            UpstreamKey key = lease.key();
            String account = key.account();
            shunned.add(account == null ? key.id() : account);
        }
    }

    void take(Selection.Lease leased) {
        lease = leased;
        tried.add(leased.key().id());
    }

    /** Whether a text holds a key of the pool, or the one the caller passed through. */
    boolean appearIn(String text) {
        return upstream.pool().appearsIn(text) || (own != null && own.appearsIn(text));
    }

    /** An error's body without the keys of the pool, which are not the client's to know; of the same length. */
    byte[] masked(byte[] error) {
        String text = new String(error, StandardCharsets.ISO_8859_1);
        return upstream.pool().appearsIn(text)
                ? upstream.pool().maskedIn(text).getBytes(StandardCharsets.ISO_8859_1)
                : error;
    }

    /** The key served. */
    void served() {
        if (lease != null) {
            // Of a state that is only forgotten nobody needs to hear before the client does.
            var unused = upstream.pool().report(lease, SERVED);
        }
    }

    /** What an error means; the pool is not told. */
    KeyVerdict meaningOf(ResponseHead answer, byte[] body) {
        return KeyVerdict.of(
                answer.status(), answer::value, body, upstream.clock().instant(), options);
    }

    /** Tells the pool what an error means for the key; done when that would survive a crash. */
    CompletionStage<Void> book(KeyVerdict verdict, ResponseHead answer, byte[] body) {
        if (lease == null) {
            return NOTHING_TO_KEEP;
        }
        CompletionStage<Void> kept = upstream.pool().report(lease, verdict);
        if (verdict.effect() instanceof KeyEffect.FreeTierOut) {
            FreeTierRefusal refusal = new FreeTierRefusal(masked(body), answer.contentType(), answer.value(RESET));
            upstream.pool().freeTierRefused(lease, refusal);
        }
        return kept;
    }

    /** Tells the pool that nothing was answered, though the request had been sent. */
    CompletionStage<Void> bookSilence(String reason) {
        return lease == null
                ? NOTHING_TO_KEEP
                : upstream.pool().report(lease, KeyVerdict.ofNoAnswer(reason, Fate.AMBIGUOUS));
    }

    /** What a client is told when the keys that were tried are no good, be there others or not. */
    ApiException noKeyLeft() {
        return poolIsOut(
                untried() instanceof Selection.Exhausted out
                        ? out
                        : new Selection.Exhausted(upstream.clock().instant()));
    }

    /** What a client is told when no key can be used. */
    ApiException poolIsOut(Selection.Exhausted out) {
        long seconds = out.retryAfterSeconds(upstream.clock().instant());
        ApiException error = new ApiException(ErrorCode.UNAVAILABLE, Selection.Exhausted.MESSAGE)
                .withHeader("Retry-After", Long.toString(seconds));
        if (forAdmin) {
            error = withWhatIsWrong(error);
        }
        // SDKs sleep for as long as Retry-After says, without a word to their caller, be it hours.
        return seconds > LONGEST_SLEEP_SECONDS ? error.withHeader("x-should-retry", "false") : error;
    }

    private ApiException withWhatIsWrong(ApiException error) {
        ApiException told = error;
        for (KeyView key : upstream.pool().views().stream().limit(MOST_TOLD).toList()) {
            told = told.withDetail(key.id(), whatIsWrong(key));
        }
        return told;
    }

    private static String whatIsWrong(KeyView key) {
        String reason = key.reason() == null ? "" : ": " + key.reason();
        String until = key.until() == null ? "" : " until " + key.until();
        String free = key.freeUntil() == null ? "" : ", free tier out until " + key.freeUntil();
        return key.state().word() + reason + until + free;
    }

    /** The head of what a client is told when the free tier is out: what the upstream said, from memory. */
    ResponseHead freeTierIsOut(Selection.FreeTierOut out) {
        long seconds = new Selection.Exhausted(out.retryAt())
                .retryAfterSeconds(upstream.clock().instant());
        String type = out.refusal().contentType();
        String reset = out.refusal().reset();
        ResponseHead head = ResponseHead.NONE
                .withStatus(429)
                .with("Content-Type", type == null ? "application/json" : type)
                .with("Retry-After", Long.toString(seconds))
                .with(RESET, reset == null ? Long.toString(out.retryAt().toEpochMilli()) : reset);
        return seconds > LONGEST_SLEEP_SECONDS ? head.with("x-should-retry", "false") : head;
    }
}
