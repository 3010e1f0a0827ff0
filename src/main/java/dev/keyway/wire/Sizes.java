package dev.keyway.wire;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes in bytes as people write them: {@code 512}, {@code 64KiB}, {@code 50MB}, {@code 2GB}.
 *
 * <p>{@code KB} and {@code KiB} are both 1024 bytes, and so on upwards, in any case: the seeds' 10 MB limit is
 * 10,485,760. A number alone is bytes.
 */
public final class Sizes {
    private static final Pattern FORM = Pattern.compile("(\\d{1,18}(?:\\.\\d{1,9})?) ?([kmg]?)(?:i?b)?");
    private static final String STEPS = "kmg";

    private Sizes() {}

    /** Reads a size in bytes; empty when the text is not one, is no whole number of bytes, or is over 2^63 - 1. */
    public static OptionalLong parse(String text) {
        Matcher form = FORM.matcher(text.strip().toLowerCase(Locale.ROOT));
        if (!form.matches()) {
            return OptionalLong.empty();
        }
        String step = String.valueOf(form.group(2));
        long unit = step.isEmpty() ? 1 : 1L << (10 * (STEPS.indexOf(step) + 1));
        try {
            return OptionalLong.of(new BigDecimal(form.group(1))
                    .multiply(BigDecimal.valueOf(unit))
                    .longValueExact());
        } catch (ArithmeticException e) {
            return OptionalLong.empty();
        }
    }

    /** The shortest text that {@link #parse} reads as this number of bytes again. */
    public static String format(long bytes) {
        for (int step = STEPS.length(); step > 0; step--) {
            long unit = 1L << (10 * step);
            if (bytes != 0 && bytes % unit == 0) {
                return bytes / unit + STEPS.substring(step - 1, step).toUpperCase(Locale.ROOT) + "B";
            }
        }
        return Long.toString(bytes);
    }
}
