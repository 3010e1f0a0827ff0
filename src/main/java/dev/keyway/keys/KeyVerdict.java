package dev.keyway.keys;

import dev.keyway.keys.KeyEffect.Scope;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What an upstream answer means: for the key it was asked with and for the request.
 *
 * @param reason one word for logs: one of the constants here, or the word given to {@link #ofNoAnswer}
 * @param pause how long the upstream asks to wait before the same account is asked again, or how long the answer is held
 *     for {@link Fate#PROVIDER_LIMITED}; zero when nothing was said
 * @param ignoredReset a reset that was stated but is not to be believed and why, for one WARN; never the stated text
 *     itself, which is the upstream's; null when there was none
 */
public record KeyVerdict(
        KeyEffect effect,
        Fate fate,
        String reason,
        Duration pause,
        @Nullable String ignoredReset) {
    public static final String OK = "ok";
    /** 401. */
    public static final String UNAUTHORIZED = "unauthorized";
    /** 403 that names the key. */
    public static final String KEY_REFUSED = "key_refused";
    /** A limit of the platform on requests. */
    public static final String RATE_LIMITED = "rate_limited";
    /** A limit of a provider behind the upstream. */
    public static final String PROVIDER_LIMITED = "provider_limited";
    /** The account's requests for free models are used up. */
    public static final String FREE_TIER = "free_tier";
    /** The account has no credit. */
    public static final String OUT_OF_CREDIT = "out_of_credit";
    /** What the key may spend is spent. */
    public static final String KEY_LIMIT = "key_limit";
    /** What the workspace, or the group that a guardrail covers, may spend is spent. */
    public static final String BUDGET = "budget";
    /** Too many paid requests of the account at once. */
    public static final String IN_FLIGHT = "in_flight";
    /** The account has some credit, but not for the most that this request could cost. */
    public static final String UNAFFORDABLE = "unaffordable";
    /** This request alone is more than an account may have under way. */
    public static final String TOO_HEAVY = "too_heavy";
    /** The upstream can't serve now, whichever key asks. */
    public static final String UNAVAILABLE = "unavailable";
    /** It failed and said so itself. */
    public static final String SERVER_ERROR = "server_error";
    /** It, or something before it, gave up in the middle. */
    public static final String NO_ANSWER = "no_answer";
    /** Anything that is told to the client as it is. */
    public static final String ERROR = "error";

    /** An account whose requests under way are too many rests for this long when the upstream does not say. */
    private static final Duration IN_FLIGHT_REST = Duration.ofSeconds(10);

    /** A key whose workspace or group has spent its budget rests for this long when nobody says until when. */
    private static final Duration BUDGET_REST = Duration.ofMinutes(15);

    private static final Duration MINUTE = Duration.ofMinutes(1);

    /**
     * Judges one answer of the upstream; pure, linear in the body's length, throws on no input.
     *
     * @param status the HTTP status, or for an error inside a 200 the one it stands for
     * @param header looks up a response header by name, in any case; null when it is absent
     * @param body the answer's body or the error event's JSON; may be empty, cut off or no JSON at all; of a body over 64
     *     KiB nothing is read
     */
    public static KeyVerdict of(
            int status, Function<String, @Nullable String> header, byte[] body, Instant now, KeyPoolOptions options) {
        if (status >= 200 && status < 300) {
            return new KeyVerdict(new KeyEffect.Served(), Fate.ANSWERED, OK, Duration.ZERO, null);
        }
        if (status == 401) {
            return plain(new KeyEffect.Refused(), Fate.KEY_REFUSED, UNAUTHORIZED);
        }
        UpstreamError error = UpstreamError.read(body);
        if (status == 429 || error.saysRateLimit(status)) {
            return limited(error, header, now, options);
        }
        return switch (status) {
            case 402 -> unpaid(error, header, now);
            case 403 -> forbidden(error, now);
            case 503 ->
                error.isUpstreamsOwn() || header.apply("Retry-After") != null
                        ? paused(error, header, now)
                        : plain(new KeyEffect.Trouble(), Fate.AMBIGUOUS, NO_ANSWER);
            case 500, 502, 529 ->
                error.isUpstreamsOwn()
                        ? plain(new KeyEffect.Trouble(), Fate.REFUSED, SERVER_ERROR)
                        : plain(new KeyEffect.Trouble(), Fate.AMBIGUOUS, NO_ANSWER);
            case 408 -> plain(new KeyEffect.None(), Fate.AMBIGUOUS, NO_ANSWER);
            case 504, 520, 521, 522, 523, 524, 525, 526, 527 ->
                plain(new KeyEffect.Trouble(), Fate.AMBIGUOUS, NO_ANSWER);
            default -> plain(new KeyEffect.None(), status >= 500 ? Fate.AMBIGUOUS : Fate.PERMANENT, ERROR);
        };
    }

    /** What a failure of the connection means for the key: nothing was answered. */
    public static KeyVerdict ofNoAnswer(String reason, Fate fate) {
        return plain(new KeyEffect.Trouble(), fate, reason);
    }

    private static KeyVerdict plain(KeyEffect effect, Fate fate, String reason) {
        return new KeyVerdict(effect, fate, reason, Duration.ZERO, null);
    }

    // ---- 429

    private static KeyVerdict limited(
            UpstreamError error, Function<String, @Nullable String> header, Instant now, KeyPoolOptions options) {
        if (error.isTheProvidersLimit()) {
            return new KeyVerdict(
                    new KeyEffect.None(), Fate.PROVIDER_LIMITED, PROVIDER_LIMITED, options.googleRateDelay(), null);
        }
        StatedReset.Found reset = StatedReset.first(error.statedResets(header), now);
        if (error.isAPage()) {
            // A page is not OpenRouter's: something before it limits this address, whichever key asks.
            Instant until = reset.at();
            Duration pause = until == null ? Duration.ZERO : Duration.between(now, until);
            return new KeyVerdict(new KeyEffect.None(), Fate.REFUSED, RATE_LIMITED, pause, null);
        }
        Instant cooled = reset.orElse(now.plus(options.rateLimitCooldown()));
        if (!error.isAboutFreeModels()) {
            return new KeyVerdict(
                    new KeyEffect.Cooling(cooled, Scope.KEY),
                    Fate.KEY_REFUSED,
                    RATE_LIMITED,
                    Duration.ZERO,
                    reset.ignored());
        }
        boolean stated = reset.at() != null || reset.ignored() != null;
        Instant unsaid = error.isAboutAMinute() ? now.plus(MINUTE) : FreeDay.endsAfter(now);
        return new KeyVerdict(
                new KeyEffect.FreeTierOut(stated ? cooled : unsaid),
                Fate.KEY_REFUSED,
                FREE_TIER,
                Duration.ZERO,
                reset.ignored());
    }

    // ---- 402

    private static KeyVerdict unpaid(UpstreamError error, Function<String, @Nullable String> header, Instant now) {
        if (error.isAboutRequestsUnderWay()) {
            StatedReset.Found reset = StatedReset.first(error.statedPauses(header), now);
            Instant until = reset.orElse(now.plus(IN_FLIGHT_REST));
            return new KeyVerdict(
                    new KeyEffect.Cooling(until, Scope.ACCOUNT),
                    Fate.ACCOUNT_BUSY,
                    IN_FLIGHT,
                    Duration.between(now, until),
                    reset.ignored());
        }
        if (error.isAboutThisRequestsWeight()) {
            return plain(new KeyEffect.None(), Fate.PERMANENT, TOO_HEAVY);
        }
        if (error.isAboutTheKeysLimit()) {
            return exhausted(error, KEY_LIMIT, now);
        }
        if (error.isTheProviders()) {
            return plain(new KeyEffect.None(), Fate.PERMANENT, ERROR);
        }
        if (error.affordsSome()) {
            return plain(new KeyEffect.None(), Fate.KEY_REFUSED, UNAFFORDABLE);
        }
        return error.isUpstreamsOwn()
                ? plain(new KeyEffect.Exhausted(null, Scope.ACCOUNT), Fate.KEY_REFUSED, OUT_OF_CREDIT)
                : plain(new KeyEffect.None(), Fate.PERMANENT, ERROR);
    }

    // ---- 403

    private static KeyVerdict forbidden(UpstreamError error, Instant now) {
        if (error.isAboutTheKeysLimit()) {
            return exhausted(error, KEY_LIMIT, now);
        }
        if (error.isAboutABudget()) {
            StatedReset.Found reset = renewal(error, now);
            return new KeyVerdict(
                    new KeyEffect.Cooling(reset.orElse(now.plus(BUDGET_REST)), Scope.KEY),
                    Fate.KEY_REFUSED,
                    BUDGET,
                    Duration.ZERO,
                    reset.ignored());
        }
        return error.namesTheKey()
                ? plain(new KeyEffect.Refused(), Fate.KEY_REFUSED, KEY_REFUSED)
                : plain(new KeyEffect.None(), Fate.PERMANENT, ERROR);
    }

    private static KeyVerdict exhausted(UpstreamError error, String reason, Instant now) {
        StatedReset.Found reset = renewal(error, now);
        return new KeyVerdict(
                new KeyEffect.Exhausted(reset.at(), Scope.KEY),
                Fate.KEY_REFUSED,
                reason,
                Duration.ZERO,
                reset.ignored());
    }

    private static StatedReset.Found renewal(UpstreamError error, Instant now) {
        StatedReset.Found reset = StatedReset.first(error.statedRenewals(), now);
        return reset.at() == null ? new StatedReset.Found(error.renewalInWords(now), reset.ignored()) : reset;
    }

    // ---- 503

    private static KeyVerdict paused(UpstreamError error, Function<String, @Nullable String> header, Instant now) {
        List<StatedReset> pauses = error.statedPauses(header);
        Instant until = StatedReset.first(pauses, now).at();
        Duration pause = until == null ? Duration.ZERO : Duration.between(now, until);
        return new KeyVerdict(new KeyEffect.Trouble(), Fate.REFUSED, UNAVAILABLE, pause, null);
    }
}
