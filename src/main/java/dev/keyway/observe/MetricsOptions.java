package dev.keyway.observe;

/**
 * What is measured.
 *
 * @param tokens {@code openrouter.enable_token_counting}: tokens sent and received
 * @param system {@code server.enable_system_metrics}: load and memory of the whole machine
 */
public record MetricsOptions(boolean tokens, boolean system) {
    public static final MetricsOptions DEFAULTS = new MetricsOptions(true, true);
}
