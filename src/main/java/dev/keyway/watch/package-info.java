/** Whether clients are still there, asked of the operating system while nothing is written to them. */
@NullMarked
package dev.keyway.watch;

import org.jspecify.annotations.NullMarked;
