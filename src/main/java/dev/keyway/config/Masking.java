package dev.keyway.config;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What of a written text may be repeated in a problem: never a credential, and nothing that disturbs a console. */
final class Masking {
    private static final String WITHHELD = "a value that looks like a credential";
    private static final Pattern KEY_LIKE = Pattern.compile("sk-|bearer|://[^/]*@", Pattern.CASE_INSENSITIVE);
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9+/=_-]{16,}");
    private static final Pattern UNPRINTABLE = Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}]");
    /** What a setting's or variable's name is made of. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]*");

    private static final int LONGEST = 100;
    private static final int MOST_CHANGES = 8;

    private Masking() {}

    /** The value in quotes, on one line; cut at 100 characters, and withheld when it looks like a credential. */
    static String quoted(String text) {
        return isSecret(text) ? '(' + WITHHELD + ')' : '"' + line(text) + '"';
    }

    /** The text on one line, under the same rules, without the quotes. */
    static String visible(String text) {
        return isSecret(text) ? '(' + WITHHELD + ')' : line(text);
    }

    /**
     * A name that no setting has, as far as it could be one: in {@code {secret:abc}} a blank is missing, and what stands
     * behind the colon is a value.
     */
    static String name(String text) {
        Matcher name = NAME.matcher(text);
        String known = name.lookingAt() ? name.group() : "";
        return visible(known) + (known.length() == text.length() ? "" : "…");
    }

    /** A member's path, its names as {@link #name} has them; no longer than a line. */
    static String path(String path, String member) {
        return path.isEmpty() ? name(member) : path.length() > 2 * LONGEST ? path : path + "." + name(member);
    }

    private static boolean isSecret(String text) {
        return KEY_LIKE.matcher(text).find() || WORD.matcher(text).results().anyMatch(word -> isRandom(word.group()));
    }

    /** Words change between capitals, small letters and digits now and then, what a machine drew does all the time. */
    private static boolean isRandom(String word) {
        int changes = 0;
        for (int i = 1; i < word.length(); i++) {
            int before = kind(word.charAt(i - 1));
            int kind = kind(word.charAt(i));
            if (before != 0 && kind != 0 && before != kind) {
                changes++;
            }
        }
        return changes >= MOST_CHANGES;
    }

    private static int kind(char c) {
        if (c >= '0' && c <= '9') {
            return 1;
        }
        return c >= 'a' && c <= 'z' ? 2 : c >= 'A' && c <= 'Z' ? 3 : 0;
    }

    private static String line(String text) {
        String cut = text.length() <= LONGEST ? text : text.substring(0, LONGEST);
        return UNPRINTABLE.matcher(cut).replaceAll("\u00b7") + (cut.length() == text.length() ? "" : "…");
    }
}
