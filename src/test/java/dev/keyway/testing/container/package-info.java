/** Runs the built WAR in stock servlet containers, as their makers ship them, each in a process of its own. */
@NullMarked
package dev.keyway.testing.container;

import org.jspecify.annotations.NullMarked;
