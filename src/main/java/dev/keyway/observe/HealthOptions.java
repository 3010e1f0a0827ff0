package dev.keyway.observe;

/**
 * What {@code /health} says of itself.
 *
 * @param status {@code health.status}: the word for being well, {@code ok} or {@code healthy}
 * @param environment {@code NODE_ENV}, else {@code production}
 */
public record HealthOptions(String status, String environment) {
    public static final HealthOptions DEFAULTS = new HealthOptions("ok", "production");
}
