/** The model string: base, {@code $tags}. */
@NullMarked
package dev.keyway.slug;

import org.jspecify.annotations.NullMarked;
