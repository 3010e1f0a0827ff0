package dev.keyway.filter.tag;

/**
 * One row of the table of tags.
 *
 * @param syntax what is written behind {@code $}, such as {@code think.<number>}
 * @param meaning what a person gets by it, one line
 * @param writes the JSON of a chat request that it sets
 */
public record TagDoc(String syntax, String meaning, String writes) {}
