package dev.keyway.slug;

import java.util.List;

/**
 * A model string taken apart.
 *
 * @param base the model's name, with its {@code backend:} before and its {@code :variant} behind it
 * @param tags what stood behind {@code $}, in order, as written, without blanks around, none empty, none twice
 * @param params what stood behind {@code ?}, in order, as written: {@code name=value}, or whatever was there instead; none
 *     empty
 */
public record Slug(String base, List<String> tags, List<String> params) {
    public Slug {
        tags = List.copyOf(tags);
        params = List.copyOf(params);
    }

    public Slug withBase(String other) {
        return new Slug(other, tags, params);
    }

    /** Written so that {@link SlugParser} reads the same. */
    @Override
    public String toString() {
        return base
                + (tags.isEmpty() ? "" : "$" + String.join(",", tags))
                + (params.isEmpty() ? "" : "?" + String.join("&", params));
    }
}
