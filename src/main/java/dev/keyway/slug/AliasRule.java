package dev.keyway.slug;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One line of {@code model_aliases}: which names it takes, and what is written in their place.
 *
 * <p>The pattern is matched from the beginning of the name, not necessarily to its end; the whole name is replaced all the
 * same. {@code \\1} to {@code \\99} and {@code \\g<1>} in the replacement are the pattern's groups, {@code \\\\} is a
 * backslash; {@code $} stands for itself, and begins tags. RE2 patterns have no back-references and no look-around, and
 * take linear time on any name.
 *
 * @see <a href="https://github.com/google/re2/wiki/Syntax">RE2 syntax</a>
 */
public final class AliasRule {
    static final int MAX_PATTERN = 500;
    static final int MAX_REPLACEMENT = 1000;

    private final String written;
    private final String replacement;
    private final Pattern pattern;
    private final List<Part> parts;

    /** A piece of the replacement: a group where there is no text. */
    private record Part(@Nullable String text, int group) {}

    /**
     * Reads a rule.
     *
     * @throws IllegalArgumentException when it is too long, the pattern is none that {@link ModelPattern} takes, or the
     *     replacement names a group that there is not; the message tells, and begins with which of the two it is
     */
    public AliasRule(String pattern, String replacement) {
        if (pattern.isEmpty() || pattern.length() > MAX_PATTERN) {
            throw new IllegalArgumentException("pattern is not 1 to " + MAX_PATTERN + " characters");
        }
        if (replacement.isBlank() || replacement.length() > MAX_REPLACEMENT) {
            throw new IllegalArgumentException("replacement is not 1 to " + MAX_REPLACEMENT + " characters");
        }
        this.written = pattern;
        this.replacement = replacement;
        try {
            this.pattern = ModelPattern.compile(pattern);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("pattern: " + e.getMessage(), e);
        }
        this.parts = parts(replacement, this.pattern.groupCount());
    }

    private static List<Part> parts(String replacement, int groups) {
        List<Part> parts = new ArrayList<>();
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < replacement.length()) {
            char c = replacement.charAt(at++);
            if (c != '\\') {
                text.append(c);
                continue;
            }
            if (at < replacement.length() && replacement.charAt(at) == '\\') {
                text.append('\\');
                at++;
                continue;
            }
            boolean angled = replacement.startsWith("g<", at);
            int from = angled ? at + 2 : at;
            int to = from;
            while (to < replacement.length() && to < from + 2 && isDigit(replacement.charAt(to))) {
                to++;
            }
            int end = angled ? to + 1 : to;
            if (to == from || (angled && !replacement.startsWith(">", to))) {
                throw new IllegalArgumentException(
                        "replacement: behind a backslash stands a group's number or a second backslash");
            }
            int group = Integer.parseInt(replacement.substring(from, to));
            if (group > groups) {
                throw new IllegalArgumentException(
                        "replacement: there is no group " + group + ", the pattern has " + groups);
            }
            if (!text.isEmpty()) {
                parts.add(new Part(text.toString(), 0));
                text.setLength(0);
            }
            parts.add(new Part(null, group));
            at = end;
        }
        if (!text.isEmpty()) {
            parts.add(new Part(text.toString(), 0));
        }
        return List.copyOf(parts);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    /** As it was written. */
    public String pattern() {
        return written;
    }

    /** As it was written. */
    public String replacement() {
        return replacement;
    }

    /** Whether it is meant for the whole model string, tags and parameters included, rather than for the name in it. */
    boolean takesWhole() {
        return written.contains("\\?");
    }

    /** What stands in the place of {@code name}; null when it is not this rule's. */
    @Nullable
    String apply(String name) {
        if (name.length() > ModelPattern.LONGEST_NAME) {
            return null;
        }
        Matcher matcher = pattern.matcher(name);
        if (!matcher.lookingAt()) {
            return null;
        }
        StringBuilder expanded = new StringBuilder();
        for (Part part : parts) {
            String text = part.text() == null ? matcher.group(part.group()) : part.text();
            if (text != null) {
                expanded.append(text);
            }
        }
        return expanded.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AliasRule rule && rule.written.equals(written) && rule.replacement.equals(replacement);
    }

    @Override
    public int hashCode() {
        return Objects.hash(written, replacement);
    }

    @Override
    public String toString() {
        return written + "=" + replacement;
    }
}
