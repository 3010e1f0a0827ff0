/** The composition root and its two doors. */
@NullMarked
package dev.keyway.app;

import org.jspecify.annotations.NullMarked;
