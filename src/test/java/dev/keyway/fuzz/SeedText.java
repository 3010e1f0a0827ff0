package dev.keyway.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A seed's bytes as text: UTF-8, and {@code <U+D800>} for a character that a text file can't hold. */
final class SeedText {
    private static final Pattern ESCAPE = Pattern.compile("<U\\+([0-9A-Fa-f]{1,4})>");

    private SeedText() {}

    static String of(byte[] seed) {
        return of(new String(seed, StandardCharsets.UTF_8));
    }

    static String of(String written) {
        return ESCAPE.matcher(written)
                .replaceAll(found ->
                        Matcher.quoteReplacement(Character.toString((char) Integer.parseInt(found.group(1), 16))));
    }
}
