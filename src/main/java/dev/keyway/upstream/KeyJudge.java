package dev.keyway.upstream;

import dev.keyway.exchange.Credential;
import dev.keyway.keys.Fate;
import dev.keyway.keys.KeyAsk;
import dev.keyway.keys.KeyEffect;
import dev.keyway.keys.KeyVerdict;
import dev.keyway.keys.Selection;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.Secret;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The keys of one request: which it holds, which it has tried, what an answer means for the one it holds and for the
 * request.
 */
final class KeyJudge {
    private static final long LONGEST_SLEEP_SECONDS = 60;
    private static final Duration REFUSED_REST = Duration.ofMinutes(10);

    private final Upstream upstream;
    private final boolean usesPool;
    private final @Nullable Secret own;
    private final Set<String> tried = new HashSet<>();
    private Selection.@Nullable Lease lease;

    KeyJudge(Upstream upstream, Credential credential) {
        this.upstream = upstream;
        this.usesPool = credential instanceof Credential.Pool;
        this.own = credential instanceof Credential.Own passed ? passed.secret() : null;
    }

    /** The key of the attempt under way; null when it is not one of the pool. */
    Selection.@Nullable Lease lease() {
        return lease;
    }

    /** Takes the first key; null when all is well, else why there can be no attempt. */
    @Nullable
    ApiException first() {
        if (!usesPool) {
            return null;
        }
        Selection selection = select();
        if (selection instanceof Selection.Lease leased) {
            take(leased);
            return null;
        }
        return poolIsOut(selection);
    }

    private Selection select() {
        return upstream.pool().select(new KeyAsk(false, null, tried, Set.of()));
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
            upstream.pool()
                    .report(
                            lease,
                            new KeyVerdict(new KeyEffect.Served(), Fate.ANSWERED, KeyVerdict.OK, Duration.ZERO, null));
        }
    }

    /** What an error means for the key; told to the pool. */
    KeyVerdict meaningOf(ResponseHead answer, byte[] body) {
        if (lease == null) {
            return new KeyVerdict(new KeyEffect.None(), Fate.PERMANENT, KeyVerdict.ERROR, Duration.ZERO, null);
        }
        KeyVerdict meaning = KeyVerdict.of(
                answer.status(), answer::value, body, upstream.clock().instant(), upstream.keyOptions());
        upstream.pool().report(lease, meaning);
        return meaning;
    }

    /**
     * What becomes of the error, given what it means for the key.
     *
     * @param mayRepeat whether another attempt is allowed
     */
    Verdict verdict(ResponseHead answer, KeyVerdict meaning, boolean mayRepeat) {
        if (meaning.fate() == Fate.PROVIDER_LIMITED) {
            return new Verdict.Relay(meaning.pause());
        }
        if (meaning.fate() != Fate.KEY_REFUSED) {
            return new Verdict.Relay(Duration.ZERO);
        }
        Selection selection = mayRepeat
                ? select()
                : new Selection.Exhausted(upstream.clock().instant().plus(REFUSED_REST));
        if (selection instanceof Selection.Lease next) {
            return new Verdict.NextKey(next);
        }
        // It is not the client's key that was refused, so the client must not read a 401.
        return answer.status() == 401 ? new Verdict.Refuse(poolIsOut(selection)) : new Verdict.Relay(Duration.ZERO);
    }

    private ApiException poolIsOut(Selection selection) {
        Instant retryAt = selection instanceof Selection.FreeTierOut free
                ? free.retryAt()
                : ((Selection.Exhausted) selection).retryAt();
        long seconds = new Selection.Exhausted(retryAt)
                .retryAfterSeconds(upstream.clock().instant());
        ApiException error = new ApiException(ErrorCode.UNAVAILABLE, Selection.Exhausted.MESSAGE)
                .withHeader("Retry-After", Long.toString(seconds));
        // SDKs sleep for as long as Retry-After says, without a word to their caller, be it hours.
        return seconds > LONGEST_SLEEP_SECONDS ? error.withHeader("x-should-retry", "false") : error;
    }
}
