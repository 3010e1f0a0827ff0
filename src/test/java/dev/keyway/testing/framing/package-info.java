/** Requests with odd framing, byte for byte, and what may become of them. */
@NullMarked
package dev.keyway.testing.framing;

import org.jspecify.annotations.NullMarked;
