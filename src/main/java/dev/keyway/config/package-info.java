/** YAML, environment and flags, bound once to the options records of the packages below. */
@NullMarked
package dev.keyway.config;

import org.jspecify.annotations.NullMarked;
