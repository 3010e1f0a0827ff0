/** Pure functions on the outgoing request. */
@NullMarked
package dev.keyway.filter;

import org.jspecify.annotations.NullMarked;
