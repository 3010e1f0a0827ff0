/** Who the caller is and what they may reach. */
@NullMarked
package dev.keyway.access;

import org.jspecify.annotations.NullMarked;
