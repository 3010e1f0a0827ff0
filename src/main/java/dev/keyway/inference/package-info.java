/** The inference endpoints of the REST and WebSocket system: other doors onto the same engine. */
@NullMarked
package dev.keyway.inference;

import org.jspecify.annotations.NullMarked;
