package dev.keyway.config;

/**
 * A setting that a reload changes, or would.
 *
 * @param before as it is in force; secrets as {@link SettingValue} shows them, so it may read the same as {@code after}
 * @param source where {@code after} is written, as in {@link SettingValue}
 * @param needsRestart it stays as it is until the next start
 */
public record SettingChange(String path, String before, String after, String source, boolean needsRestart) {}
