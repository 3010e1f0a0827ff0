package dev.keyway.observe;

import java.util.regex.Pattern;

/**
 * Masks what looks like a credential in a text that is about to be logged: the second net below the rule that none is
 * passed in. Takes time linear in the text's length: every pattern has a bounded head and a possessive tail.
 *
 * <p>Masked are {@code sk-…} keys (also percent- or JSON-escaped), what follows {@code Bearer}, the values of headers
 * and members that carry credentials, queries of URLs, passwords in them, and the bytes of Jetty's buffers. It rather
 * masks a harmless word than misses a key.
 */
public final class Redactor {
    private static final Pattern KEY =
            Pattern.compile("(?i)(?:sk(?:-|%2d|\\\\u002d)or|(?<![a-z0-9])sk(?=(?:-|%2d|\\\\u002d)[a-z0-9_.%-]{8}))"
                    + "(?:-|%2d|\\\\u002d)[a-z0-9._~+/=%\\\\-]*+");
    private static final Pattern BEARER = Pattern.compile("(?i)(bearer)(?:[\\s+.]|%20){1,8}[^\\s\"\\\\]++");
    private static final Pattern HEADER = Pattern.compile(
            "(?i)(authorization|cookie|x-api-key|x-admin-secret)(\\\\?\"?\\s{0,3}[:=]\\s{0,3}\\\\?\"?|], valueString=\\[)"
                    + "[^\\r\\n\"\\\\]++");
    // Jetty at DEBUG shows the ends of its buffers, bodies and what an earlier request left there included.
    private static final Pattern BUFFER = Pattern.compile("(,r=\\d{1,10}]=\\{)[^\\r\\n]*+");
    private static final Pattern MEMBER = Pattern.compile(
            "(?i)(api[-_]?key|access[-_]?key|secret|password|token)(\\\\?[\"']?\\s{0,3}[:=]\\s{0,3}\\\\?[\"']?)"
                    + "[^\\s\"&\\\\]++");
    private static final Pattern QUERY = Pattern.compile("\\?[^\\s\"'<>=?]{0,256}+=[^\\s\"'<>\\\\]*+");
    private static final Pattern USER_INFO = Pattern.compile("://[^/\\s@\"]{1,256}+@");

    private Redactor() {}

    /** The text with {@code ***} in the place of everything that looks like a credential. */
    public static String redact(String text) {
        return mayHoldAny(text) ? search(text) : text;
    }

    /**
     * Whether any pattern can match at all: each needs a colon or an equals sign, or the letters of {@code sk} or of
     * {@code bearer}. Most of what is logged has none, and the patterns together take longer than the line they guard.
     */
    private static boolean mayHoldAny(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean begins = c == ':'
                    || c == '='
                    || ((c | ' ') == 's' && text.regionMatches(true, i, "sk", 0, 2))
                    || ((c | ' ') == 'b' && text.regionMatches(true, i, "bearer", 0, 6));
            if (begins) {
                return true;
            }
        }
        return false;
    }

    /** What {@link #redact} does, whatever the text looks like. */
    static String search(String text) {
        String safe = HEADER.matcher(text).replaceAll("$1$2***");
        safe = BUFFER.matcher(safe).replaceAll("$1***");
        safe = BEARER.matcher(safe).replaceAll("$1 ***");
        safe = QUERY.matcher(safe).replaceAll("?***");
        safe = MEMBER.matcher(safe).replaceAll("$1$2***");
        safe = USER_INFO.matcher(safe).replaceAll("://***@");
        return KEY.matcher(safe).replaceAll("sk-***");
    }

    /** The text cut to a length in characters; a cut is marked. */
    public static String cut(String text, int limit) {
        return text.length() <= limit ? text : text.substring(0, limit) + "[cut]";
    }
}
