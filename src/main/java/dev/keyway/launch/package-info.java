/** Runs Keyway as a program of its own, in an embedded Jetty. */
@NullMarked
package dev.keyway.launch;

import org.jspecify.annotations.NullMarked;
