package dev.keyway.slug;

import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.regex.Matcher;

/**
 * Compiles the patterns that model names are matched with, on RE2: linear time on any name, whatever the pattern.
 *
 * <p>RE2 writes a repetition out: {@code (a{100}){100}} is ten thousand steps. So many need memory and stack before they
 * are refused, and time at each name when they are not; therefore their number is bounded, and counted before RE2 sees the
 * pattern.
 *
 * @see <a href="https://github.com/google/re2j/issues/168">the letters that it never stops folding</a>
 */
public final class ModelPattern {
    static final int MOST_STEPS = 1000;

    /** No model has a longer name; what is longer is not looked up. */
    public static final int LONGEST_NAME = 512;

    private static final java.util.regex.Pattern FOLDS = java.util.regex.Pattern.compile("\\(\\?[A-Za-z]*i");
    /** One of the letters U+1C80 to U+1C88, and whatever may end a range that holds them. */
    private static final java.util.regex.Pattern FOLDS_FOREVER = java.util.regex.Pattern.compile(
            "[\\x{1C80}-\\x{1C88}]|-\\\\?[\\x{1C80}-\\x{10FFFF}]|\\\\x\\{0*[0-9A-Fa-f]{4}");

    private ModelPattern() {}

    /**
     * Compiles a pattern.
     *
     * @throws IllegalArgumentException when RE2 does not take it, it has more than {@value #MOST_STEPS} steps, or letters
     *     that RE2/J folds forever; the message says which
     */
    public static Pattern compile(String pattern) {
        if (new Steps(pattern).count() > MOST_STEPS) {
            throw new IllegalArgumentException(
                    "with its repetitions written out it has more than " + MOST_STEPS + " steps");
        }
        if (FOLDS.matcher(pattern).find() && FOLDS_FOREVER.matcher(pattern).find()) {
            throw new IllegalArgumentException("(?i) takes no letters and ranges above U+1C7F");
        }
        try {
            return Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new IllegalArgumentException(e.getDescription() + " (RE2 syntax)", e);
        }
    }

    /** Counts one for each character or class, times the repetitions around it; of no use for a pattern with an error. */
    private static final class Steps {
        private static final long MANY = 1L << 32;
        private static final java.util.regex.Pattern REPETITION =
                java.util.regex.Pattern.compile("\\{(\\d{1,9})(?:,(\\d{0,9}))?}");

        private final String pattern;
        private final Deque<Long> outer = new ArrayDeque<>();
        private long sum;
        /** Of what stands before the place, which a repetition would repeat; counted in the sum. */
        private long last;

        private int at;

        Steps(String pattern) {
            this.pattern = pattern;
        }

        long count() {
            while (at < pattern.length()) {
                if (pattern.startsWith("\\Q", at)) {
                    literal();
                } else {
                    next(pattern.charAt(at));
                }
            }
            return outer.stream().reduce(sum, (a, b) -> capped(a + b));
        }

        private void next(char c) {
            if (c == '(') {
                group();
            } else if (c == ')' && !outer.isEmpty()) {
                one(sum + 3, 1);
                sum = capped(outer.pop() + last);
            } else if ("*+?".indexOf(c) >= 0) {
                one(last + 1, 1);
                sum = capped(sum + 1);
            } else if (c != '{' || !repetition()) {
                one(1, c == '\\' ? 2 : c == '[' ? classLength() : 1);
                sum = capped(sum + 1);
            }
        }

        private void one(long steps, int length) {
            last = steps;
            at += length;
        }

        /** Names and flags are no steps; {@code (?i)} is no group, and what follows repeats what stood before it. */
        private void group() {
            int from = at + 1;
            if (pattern.startsWith("?", from)) {
                while (from < pattern.length() && ":>)".indexOf(pattern.charAt(from)) < 0) {
                    from++;
                }
                if (pattern.startsWith(")", from)) {
                    at = from + 1;
                    return;
                }
                from = Math.min(from + 1, pattern.length());
            }
            outer.push(sum);
            sum = 0;
            at = from;
        }

        private void literal() {
            int end = pattern.indexOf("\\E", at);
            int to = end < 0 ? pattern.length() : end;
            int length = to - at - 2;
            sum = capped(sum + length);
            last = length == 0 ? last : 1;
            at = end < 0 ? to : to + 2;
        }

        private int classLength() {
            int to = at + (pattern.startsWith("[^", at) ? 2 : 1);
            boolean first = true;
            while (to < pattern.length() && (first || pattern.charAt(to) != ']')) {
                int named = pattern.startsWith("[:", to) ? pattern.indexOf(":]", to + 2) : -1;
                to = named >= 0 ? named + 2 : to + (pattern.charAt(to) == '\\' ? 2 : 1);
                first = false;
            }
            return Math.min(to + 1, pattern.length()) - at;
        }

        /** Whether a repetition with numbers stands here; it is counted then. */
        private boolean repetition() {
            Matcher repetition = REPETITION.matcher(pattern).region(at, pattern.length());
            if (!repetition.lookingAt()) {
                return false;
            }
            String upTo = repetition.group(2);
            long least = Long.parseLong(repetition.group(1));
            // Behind {n,} stands one more, in a loop; before each that may be missing, the way past it.
            long most = upTo == null ? least : upTo.isEmpty() ? least + 1 : Math.max(least, Long.parseLong(upTo));
            long all = capped(last * Math.max(1, most) + most - least);
            sum = capped(sum - last + all);
            one(all, repetition.end() - at);
            return true;
        }

        private static long capped(long steps) {
            return Math.min(steps, MANY);
        }
    }
}
