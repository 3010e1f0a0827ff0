package dev.keyway.access;

import org.jspecify.annotations.Nullable;

/**
 * Who may read the metrics.
 *
 * @param open {@code metrics.open}: anyone
 * @param accessKey {@code metrics.access_key}: whoever shows it; null and not open: only local requests may
 */
public record MetricsAccessOptions(boolean open, @Nullable AccessKey accessKey) {
    public static final MetricsAccessOptions DEFAULTS = new MetricsAccessOptions(false, null);
}
