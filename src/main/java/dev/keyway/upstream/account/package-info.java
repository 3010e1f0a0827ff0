/** Keyway's own calls to the upstream, about its keys. */
@NullMarked
package dev.keyway.upstream.account;

import org.jspecify.annotations.NullMarked;
