package dev.keyway.config;

import java.util.regex.Pattern;

/** What of a written value may be repeated in a problem. */
final class Masking {
    private static final Pattern KEY_LIKE = Pattern.compile("sk-|bearer|://[^/]*@", Pattern.CASE_INSENSITIVE);
    private static final int LONGEST = 100;

    private Masking() {}

    /** The value in quotes, on one line; cut at 100 characters, and withheld when it looks like a credential. */
    static String quoted(String text) {
        String shown = visible(text);
        return shown.startsWith("(") && !shown.equals(text) ? shown : '"' + shown + '"';
    }

    /** The text on one line, under the same rules, without the quotes. */
    static String visible(String text) {
        if (KEY_LIKE.matcher(text).find()) {
            return "(a value that looks like a credential)";
        }
        String line = text.replaceAll("\\p{Cntrl}", "\u00b7");
        return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
    }
}
