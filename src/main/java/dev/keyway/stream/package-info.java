/** Reads an answer as it flows past, and knows how a stream ends. */
@NullMarked
package dev.keyway.stream;

import org.jspecify.annotations.NullMarked;
