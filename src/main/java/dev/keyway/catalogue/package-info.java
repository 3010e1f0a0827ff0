/** The list of models: fetched in the background, kept, searched, and answered from. */
@NullMarked
package dev.keyway.catalogue;

import org.jspecify.annotations.NullMarked;
