/** What administrators ask over HTTP: keys and configuration. */
@NullMarked
package dev.keyway.admin;

import org.jspecify.annotations.NullMarked;
