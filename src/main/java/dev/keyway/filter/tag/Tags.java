package dev.keyway.filter.tag;

import dev.keyway.wire.JsonBody;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The tags of one model string, sorted by their kind. Equal when they ask for the same. */
public final class Tags {
    /** All kinds of tag; a tag is of the first kind that matches it. A new kind is a class and a line here. */
    public static final List<Tag> ALL = List.of(
            new QuantizationTag(),
            new ThinkTag(),
            new ZdrTag(),
            new CacheTag(),
            new StrictTag(),
            new TierTag(),
            new ProviderTag());

    private static final int QUOTED_MAX = 40;

    private final Map<Tag, List<String>> byKind;

    private Tags(Map<Tag, List<String>> byKind) {
        this.byKind = byKind;
    }

    /** Sorts tags as {@link dev.keyway.slug.Slug} has them; those that differ only in what does not matter count once. */
    public static Tags of(List<String> written) {
        Map<Tag, List<String>> byKind = new LinkedHashMap<>();
        for (String tag : written) {
            Tag kind = kindOf(tag);
            List<String> ofKind = byKind.computeIfAbsent(kind, k -> new ArrayList<>());
            String normal = kind.normal(tag);
            if (!ofKind.contains(normal)) {
                ofKind.add(normal);
            }
        }
        return new Tags(byKind);
    }

    /** Both, but of a kind that {@code stronger} has only its own. */
    public static List<String> merge(List<String> weaker, List<String> stronger) {
        Set<Tag> taken = new HashSet<>();
        stronger.forEach(tag -> taken.add(kindOf(tag)));
        List<String> merged = new ArrayList<>(weaker);
        merged.removeIf(tag -> taken.contains(kindOf(tag)));
        merged.addAll(stronger);
        return merged;
    }

    private static Tag kindOf(String tag) {
        for (Tag kind : ALL) {
            if (kind.matches(tag)) {
                return kind;
            }
        }
        throw new IllegalStateException("the last kind takes every tag");
    }

    public boolean isEmpty() {
        return byKind.isEmpty();
    }

    /** The body with all that these tags ask for. */
    public JsonBody write(JsonBody body, TagTarget target) {
        JsonBody written = body;
        for (Map.Entry<Tag, List<String>> kind : byKind.entrySet()) {
            written = kind.getKey().write(written, kind.getValue(), target);
        }
        return written;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Tags tags && byKind.equals(tags.byKind);
    }

    @Override
    public int hashCode() {
        return byKind.hashCode();
    }

    @Override
    public String toString() {
        return String.valueOf(byKind.values());
    }

    /** A tag for a message: with its {@code $}, in quotes, shortened. */
    public static String quoted(String tag) {
        return '"' + "$" + (tag.length() <= QUOTED_MAX ? tag : tag.substring(0, QUOTED_MAX) + "...") + '"';
    }
}
