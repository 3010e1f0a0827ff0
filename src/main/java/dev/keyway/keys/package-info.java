/** The pool of upstream keys: selection, rest, verdicts. */
@NullMarked
package dev.keyway.keys;

import org.jspecify.annotations.NullMarked;
