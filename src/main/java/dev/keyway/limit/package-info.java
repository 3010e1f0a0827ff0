/** How much at once. */
@NullMarked
package dev.keyway.limit;

import org.jspecify.annotations.NullMarked;
