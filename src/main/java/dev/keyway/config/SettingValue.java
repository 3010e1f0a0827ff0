package dev.keyway.config;

/**
 * A setting as it stands, for people.
 *
 * @param value as YAML would write it; a secret only as its {@code k_…} id
 * @param source {@code keyway.yml:12}, {@code PORT}, {@code --port} or {@code default}
 */
public record SettingValue(String path, String value, String source) {}
