package dev.keyway.filter.tag;

import dev.keyway.wire.JsonBody;
import java.util.List;
import java.util.Locale;

/**
 * One kind of {@code $tag}: which tags are of this kind, and what they write into a request. A pure function.
 *
 * <p>A kind owns the members it writes; all tags of one kind in a model string are written at once.
 */
public interface Tag {
    /** How it is written and what it does, a line for each form; README's table is made of these. */
    List<TagDoc> docs();

    /** Whether a tag is of this kind; as written, without {@code $} and blanks. */
    boolean matches(String tag);

    /** The form in which two tags that mean the same are equal: small letters, if the kind does not differ. */
    default String normal(String tag) {
        return tag.toLowerCase(Locale.ROOT);
    }

    /**
     * The body with what these tags ask for.
     *
     * @param tags those of this kind in the order of the model string, in normal form, no two equal, at least one
     * @throws dev.keyway.wire.ApiException 400 when a member that must be extended has another shape, or a value can't
     *     be understood
     */
    JsonBody write(JsonBody body, List<String> tags, TagTarget target);
}
