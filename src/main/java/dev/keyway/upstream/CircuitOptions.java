package dev.keyway.upstream;

import java.time.Duration;

/**
 * When the upstream counts as out.
 *
 * @param failures {@code upstream.circuit_failures} in a row open the circuit; 0: it never opens
 * @param pause {@code upstream.circuit_pause}: how long nothing is sent then, before one request may try
 */
public record CircuitOptions(int failures, Duration pause) {
    public static final CircuitOptions DEFAULTS = new CircuitOptions(5, Duration.ofSeconds(10));
}
