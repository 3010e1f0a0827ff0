package dev.keyway.upstream.account;

import java.time.Duration;

/**
 * How keys are probed.
 *
 * @param interval {@code keys.probe_interval}: how often the upstream is asked about each key; 0: only when somebody asks
 */
public record ProbeOptions(Duration interval) {
    public static final ProbeOptions DEFAULTS = new ProbeOptions(Duration.ofMinutes(5));
}
