/** Where keys and their states outlive the process: the key file, sealed or in clear, or memory alone. */
@NullMarked
package dev.keyway.keys.store;

import org.jspecify.annotations.NullMarked;
