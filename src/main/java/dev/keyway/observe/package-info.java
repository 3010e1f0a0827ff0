/** What Keyway says it did: logs and health. */
@NullMarked
package dev.keyway.observe;

import org.jspecify.annotations.NullMarked;
