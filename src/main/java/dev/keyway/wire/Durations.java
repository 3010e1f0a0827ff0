package dev.keyway.wire;

import java.math.BigDecimal;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Durations as people write them: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 4h}, {@code 14d}, {@code 1.5h}.
 *
 * <p>One number and one unit, in milliseconds at the finest. A number alone takes the unit that the caller names,
 * because the same word meant seconds in one seed's YAML and milliseconds in another's environment.
 */
public final class Durations {
    private static final Pattern FORM = Pattern.compile("(\\d{1,15}(?:\\.\\d{1,9})?) ?(ms|s|m|h|d)?");
    private static final Map<String, Duration> UNITS = Map.of(
            "ms", Duration.ofMillis(1),
            "s", Duration.ofSeconds(1),
            "m", Duration.ofMinutes(1),
            "h", Duration.ofHours(1),
            "d", Duration.ofDays(1));

    private Durations() {}

    /**
     * Reads a duration.
     *
     * @param bareUnit what 1 means when no unit is written
     * @return empty when the text is not a duration, finer than a millisecond, or longer than 2^63 - 1 milliseconds
     */
    public static Optional<Duration> parse(String text, Duration bareUnit) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            return Optional.empty();
        }
        Duration unit = form.group(2) == null ? bareUnit : UNITS.getOrDefault(form.group(2), bareUnit);
        BigDecimal millis = new BigDecimal(form.group(1)).multiply(BigDecimal.valueOf(unit.toMillis()));
        try {
            return Optional.of(Duration.ofMillis(millis.longValueExact()));
        } catch (ArithmeticException e) {
            return Optional.empty();
        }
    }

    /** The shortest text that {@link #parse} reads as this duration again; parts below a millisecond are cut off. */
    public static String format(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0) {
            return "0s";
        }
        for (String unit : new String[] {"d", "h", "m", "s"}) {
            long size = UNITS.getOrDefault(unit, Duration.ZERO).toMillis();
            if (millis % size == 0) {
                return millis / size + unit;
            }
        }
        return millis + "ms";
    }
}
