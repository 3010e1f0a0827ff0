/** The command line. */
@NullMarked
package dev.keyway.cli;

import org.jspecify.annotations.NullMarked;
