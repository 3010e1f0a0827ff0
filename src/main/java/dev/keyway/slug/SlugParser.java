package dev.keyway.slug;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Reads {@code base}, {@code $tag[,tag]...} and {@code ?name=value[&name=value]...}; the two behind the base in either
 * order.
 *
 * <p>A section of tags begins at a {@code $} and ends at a {@code ?}; a {@code $} inside it parts tags as a comma does. A
 * section of parameters begins at a {@code ?} and ends at a {@code $}; a {@code ?} inside it parts them as {@code &} does.
 * A string without either is its own base, untouched. Any string is a slug, as long as it has no more than
 * {@value #MAX_TAGS} different tags and {@value #MAX_PARAMS} parameters. Linear time.
 */
public final class SlugParser {
    static final int MAX_TAGS = 100;
    static final int MAX_PARAMS = 100;

    private SlugParser() {}

    /**
     * Takes a model string apart.
     *
     * @throws ApiException 400 when it has too many tags or parameters
     */
    public static Slug parse(String model) {
        int first = firstMark(model);
        if (first == model.length()) {
            return new Slug(model, List.of(), List.of());
        }
        Set<String> tags = new LinkedHashSet<>();
        List<String> params = new ArrayList<>();
        int at = first;
        while (at < model.length()) {
            boolean isTags = model.charAt(at) == '$';
            int end = indexOrEnd(model, isTags ? '?' : '$', at);
            if (isTags) {
                split(model, at, end, ",$", tags, MAX_TAGS, "different $tags");
            } else {
                split(model, at, end, "&?", params, MAX_PARAMS, "?parameters");
            }
            at = end;
        }
        return new Slug(model.substring(0, first).strip(), List.copyOf(tags), params);
    }

    private static int firstMark(String model) {
        return Math.min(indexOrEnd(model, '$', 0), indexOrEnd(model, '?', 0));
    }

    private static void split(
            String model, int from, int to, String marks, Collection<String> into, int most, String what) {
        int start = from;
        for (int i = from; i <= to; i++) {
            if (i == to || marks.indexOf(model.charAt(i)) >= 0) {
                String part = model.substring(start, i).strip();
                if (!part.isEmpty()) {
                    into.add(part);
                    if (into.size() > most) {
                        throw new ApiException(ErrorCode.VALIDATION, "The model has more than " + most + " " + what);
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
