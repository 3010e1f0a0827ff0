package dev.keyway.cli;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/** Moments as people read them: {@code 2026-11-27 21:00 +01:00 (in 3 h 12 min)}. */
final class Moments {
    private static final DateTimeFormatter FORM = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm xxx", Locale.ROOT);

    private final InstantSource clock;
    private final ZoneId zone;

    Moments(InstantSource clock, ZoneId zone) {
        this.clock = clock;
        this.zone = zone;
    }

    /** An ISO moment with its distance from now; what is none stays as it is. */
    String show(String iso) {
        try {
            Instant moment = Instant.parse(iso);
            return FORM.format(moment.atZone(zone)) + " (" + fromNow(moment) + ")";
        } catch (DateTimeParseException e) {
            return Plain.text(iso);
        }
    }

    private String fromNow(Instant moment) {
        Duration ahead = Duration.between(clock.instant(), moment);
        if (ahead.isNegative()) {
            return distance(ahead.negated()) + " ago";
        }
        return "in " + distance(ahead);
    }

    /** The two largest units; below a minute seconds, rounded down. */
    private static String distance(Duration time) {
        if (time.toDays() > 0) {
            return time.toDays() + " d" + (time.toHoursPart() > 0 ? " " + time.toHoursPart() + " h" : "");
        }
        if (time.toHours() > 0) {
            return time.toHours() + " h" + (time.toMinutesPart() > 0 ? " " + time.toMinutesPart() + " min" : "");
        }
        return time.toMinutes() > 0 ? time.toMinutes() + " min" : time.toSeconds() + " s";
    }
}
