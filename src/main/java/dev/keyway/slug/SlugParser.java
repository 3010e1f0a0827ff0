package dev.keyway.slug;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads {@code base[$tag[,tag]...]}.
 *
 * <p>A section of tags begins at a {@code $} and ends at a {@code ?}; a {@code $} inside it parts tags as a comma does. A
 * query begins at a {@code ?}, ends at a {@code $}, and stays with the base wherever it stands: {@code m$think?top_k=5}
 * has the base {@code m?top_k=5}. A string without {@code $} is its own base, untouched. Any string is a slug, as
 * long as it has no more than {@value #MAX_TAGS} different tags. Linear time.
 */
public final class SlugParser {
    static final int MAX_TAGS = 100;

    private SlugParser() {}

    /**
     * Takes a model string apart.
     *
     * @throws ApiException 400 when it has too many tags
     */
    public static Slug parse(String model) {
        int dollar = model.indexOf('$');
        if (dollar < 0) {
            return new Slug(model, List.of());
        }
        StringBuilder base = new StringBuilder(model.substring(0, dollar).strip());
        Set<String> tags = new LinkedHashSet<>();
        int at = dollar;
        while (at < model.length()) {
            int question = indexOrEnd(model, '?', at);
            addTags(model, at, question, tags);
            at = indexOrEnd(model, '$', question);
            base.append(model.substring(question, at).strip());
        }
        return new Slug(base.toString(), List.copyOf(tags));
    }

    private static void addTags(String model, int from, int to, Set<String> tags) {
        int start = from;
        for (int i = from; i <= to; i++) {
            if (i == to || model.charAt(i) == '$' || model.charAt(i) == ',') {
                String tag = model.substring(start, i).strip();
                if (!tag.isEmpty()) {
                    tags.add(tag);
                    if (tags.size() > MAX_TAGS) {
                        throw new ApiException(
                                ErrorCode.VALIDATION, "The model has more than " + MAX_TAGS + " different $tags");
                    }
                }
                start = i + 1;
            }
        }
    }

    private static int indexOrEnd(String text, char wanted, int from) {
        int index = text.indexOf(wanted, from);
        return index < 0 ? text.length() : index;
    }
}
