package dev.keyway.keys;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A moment as an upstream states it, when a limit ends.
 *
 * <p>A number is milliseconds since 1970 over 10<sup>12</sup>, seconds since 1970 over 10<sup>9</sup>, else seconds from
 * now; or it is an HTTP date (RFC 9110 §5.6.7) or an ISO 8601 instant.
 *
 * @param source where it was stated, for the log
 * @param text as it was stated: the upstream's, so never logged
 */
record StatedReset(String source, String text) {
    private static final int MAX_LENGTH = 40;
    private static final double MILLIS_FROM = 1e12;
    private static final double MILLIS_READABLE = 1e15;
    private static final double SECONDS_FROM = 1e9;
    private static final Duration FARTHEST = Duration.ofDays(32);
    private static final Duration PAST_TOLERATED = Duration.ofSeconds(60);
    /** A reset a few seconds ago is clocks that differ: the key must still step back for this request's next attempt. */
    private static final Duration SHORTEST = Duration.ofSeconds(1);

    /** What the text says. */
    sealed interface Reading {}

    /** The limit ends then, between one second and 32 days from now. */
    record At(Instant instant) implements Reading {}

    /** The text is not to be believed; {@code reason} may be logged. */
    record Ignored(String reason) implements Reading {}

    /**
     * The first of several statements that can be believed.
     *
     * @param at null: none
     * @param ignored why the first of those before it was not believed; null: there was none
     */
    record Found(@Nullable Instant at, @Nullable String ignored) {
        Instant orElse(Instant other) {
            return at == null ? other : at;
        }
    }

    static Found first(List<StatedReset> statements, Instant now) {
        String ignored = null;
        for (StatedReset stated : statements) {
            Reading reading = stated.read(now);
            if (reading instanceof At at) {
                return new Found(at.instant(), ignored);
            }
            if (ignored == null && reading instanceof Ignored why) {
                ignored = why.reason();
            }
        }
        return new Found(null, ignored);
    }

    Reading read(Instant now) {
        String trimmed = text.strip();
        if (trimmed.isEmpty() || trimmed.length() > MAX_LENGTH) {
            return ignored("is not a number or a date");
        }
        try {
            return isNumber(trimmed) ? number(Double.parseDouble(trimmed), now) : believed(date(trimmed), now);
        } catch (NumberFormatException | DateTimeException e) {
            return ignored("is not a number or a date");
        }
    }

    private Reading number(double value, Instant now) {
        if (value <= 0) {
            return ignored("is not positive");
        }
        if (value > MILLIS_FROM) {
            return value > MILLIS_READABLE ? tooFar() : believed(Instant.ofEpochMilli((long) value), now);
        }
        if (value > SECONDS_FROM) {
            return believed(Instant.ofEpochSecond((long) Math.ceil(value)), now);
        }
        return believed(now.plusSeconds((long) Math.ceil(value)), now);
    }

    private Reading believed(Instant stated, Instant now) {
        if (stated.isBefore(now.minus(PAST_TOLERATED))) {
            return ignored("is past");
        }
        if (stated.isAfter(now.plus(FARTHEST))) {
            return tooFar();
        }
        Instant soonest = now.plus(SHORTEST);
        return new At(stated.isBefore(soonest) ? soonest : stated);
    }

    private static Instant date(String text) {
        return text.charAt(0) <= '9'
                ? Instant.parse(text)
                : ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT))
                        .toInstant();
    }

    private static boolean isNumber(String text) {
        return text.chars().allMatch(c -> "0123456789+-.eE".indexOf(c) >= 0);
    }

    private Reading tooFar() {
        return ignored("is over 32 days ahead");
    }

    private Reading ignored(String why) {
        return new Ignored(source + " " + why);
    }
}
