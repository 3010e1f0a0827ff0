/** A stand-in OpenRouter for demos, tests and development without money. */
@NullMarked
package dev.keyway.sandbox;

import org.jspecify.annotations.NullMarked;
