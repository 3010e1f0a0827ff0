package dev.keyway.slug;

import java.util.List;

/**
 * A model string taken apart.
 *
 * @param base what goes upstream as {@code model}, a {@code ?query} included
 * @param tags what stood behind {@code $}, in order, as written, without blanks around, none empty, none twice
 */
public record Slug(String base, List<String> tags) {
    public Slug {
        tags = List.copyOf(tags);
    }
}
