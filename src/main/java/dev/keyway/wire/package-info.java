/** What travels and how it is written: JSON by splice, SSE, errors, secrets. Imports nothing of Keyway. */
@NullMarked
package dev.keyway.wire;

import org.jspecify.annotations.NullMarked;
