/** The data that flows through one request: who, what, each attempt, the outcome. */
@NullMarked
package dev.keyway.exchange;

import org.jspecify.annotations.NullMarked;
