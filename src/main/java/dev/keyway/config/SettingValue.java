package dev.keyway.config;

/**
 * A setting as it stands, for people.
 *
 * @param value as YAML would write it; a key only as its {@code k_…} id, a secret as {@code (set)}
 * @param source {@code keyway.yml:12}, {@code PORT}, {@code --port} or {@code default}
 */
public record SettingValue(String path, String value, String source) {}
