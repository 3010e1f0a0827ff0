package dev.keyway.slug;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The aliases in order; the first that matches counts, and its replacement is not looked up again.
 *
 * @param rules first to last
 */
public record AliasTable(List<AliasRule> rules) {
    public AliasTable {
        rules = List.copyOf(rules);
    }

    /**
     * What the first matching rule makes of a model string.
     *
     * @param replaced in place of the name
     * @param whole whether it is in place of the tags and parameters, too
     */
    public record Match(Slug replaced, boolean whole) {}

    /** The first rule's that takes it; null when none does. */
    public @Nullable Match match(Slug asked) {
        if (asked.base().length() > ModelPattern.LONGEST_NAME) {
            return null;
        }
        String all = asked.toString();
        for (AliasRule rule : rules) {
            boolean whole = rule.takesWhole();
            String replaced = rule.apply(whole ? all : asked.base());
            if (replaced != null) {
                return new Match(SlugParser.parse(replaced), whole);
            }
        }
        return null;
    }
}
