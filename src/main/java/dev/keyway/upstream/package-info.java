/** The heart: reads the body, sends attempts, holds the gate, relays the answer. */
@NullMarked
package dev.keyway.upstream;

import org.jspecify.annotations.NullMarked;
