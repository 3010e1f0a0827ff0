/** The {@code ?parameters} of the model string, a class for each kind. */
@NullMarked
package dev.keyway.filter.param;

import org.jspecify.annotations.NullMarked;
