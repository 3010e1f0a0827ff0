package dev.keyway.observe;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/**
 * Writes moments as logs show them: {@code 2026-11-20T23:59:59.999+01:00}. Most lie in the same second as the one before,
 * whose text is kept but for the milliseconds. For any number of threads.
 */
final class LogTime {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSxxx", Locale.ROOT);
    private static final int NANOS_PER_MILLI = 1_000_000;
    private static final int MILLIS_DIGITS = 3;

    private final ZoneId zone;
    private volatile Second last = new Second(Long.MIN_VALUE, "", "");

    /**
     * One second.
     *
     * @param start its text up to the point, and with it
     * @param offset from UTC
     */
    private record Second(long epoch, String start, String offset) {}

    LogTime(ZoneId zone) {
        this.zone = zone;
    }

    String text(Instant instant) {
        Second second = last;
        if (second.epoch != instant.getEpochSecond()) {
            String text = text(instant, zone);
            int millis = text.lastIndexOf('.') + 1;
            second = new Second(
                    instant.getEpochSecond(), text.substring(0, millis), text.substring(millis + MILLIS_DIGITS));
            last = second;
        }
        String millis = Integer.toString(1_000 + instant.getNano() / NANOS_PER_MILLI);
        return second.start + millis.substring(1) + second.offset;
    }

    static String text(Instant instant, ZoneId zone) {
        return TIME.format(instant.atZone(zone));
    }
}
