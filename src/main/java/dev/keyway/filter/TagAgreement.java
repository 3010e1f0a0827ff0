package dev.keyway.filter;

import dev.keyway.filter.tag.Tags;
import dev.keyway.slug.Slug;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The one set of tags that all models of a request agree on; those without tags agree with any. */
final class TagAgreement {
    /** Far more fallbacks than the upstream takes; keeps the memory for rewritten entries small. */
    private static final int MAX_MODELS = 100;

    private static final int QUOTED_MAX = 100;
    private @Nullable String first;
    private Tags tags = Tags.of(List.of());
    private int models;

    /**
     * Takes one more model.
     *
     * @throws ApiException 400 when its tags are others than those of a model before it, naming both
     */
    void add(String written, Slug slug) {
        if (++models > MAX_MODELS) {
            throw new ApiException(
                    ErrorCode.VALIDATION, "\"models\" has more than " + MAX_MODELS + " entries with $tags");
        }
        Tags own = Tags.of(slug.tags());
        if (own.isEmpty()) {
            return;
        }
        if (first == null) {
            first = written;
            tags = own;
        } else if (!own.equals(tags)) {
            throw new ApiException(
                    ErrorCode.VALIDATION,
                    "The $tags of " + quoted(first) + " and " + quoted(written)
                            + " differ; all models of one request that carry $tags must carry the same");
        }
    }

    Tags tags() {
        return tags;
    }

    private static String quoted(String model) {
        return '"' + (model.length() <= QUOTED_MAX ? model : model.substring(0, QUOTED_MAX) + "...") + '"';
    }
}
