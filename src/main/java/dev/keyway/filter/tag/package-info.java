/** One class for each {@code $tag}. */
@NullMarked
package dev.keyway.filter.tag;

import org.jspecify.annotations.NullMarked;
