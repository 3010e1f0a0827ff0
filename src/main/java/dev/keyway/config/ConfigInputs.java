package dev.keyway.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Everything a configuration is made from, so that loading one touches no process state but files.
 *
 * @param overrides the highest source: a flag ({@code --port}, {@code --home}, {@code --config}, {@code --env-file}) or a
 *     setting's path ({@code server.port}), and its text
 * @param environment of the process
 * @param systemProperties {@code keyway.home} and {@code keyway.config} are read
 * @param workingFolder relative {@code --home}, {@code --config} and {@code --env-file} start there
 * @param containerBase {@code catalina.base} or {@code jetty.base}; null when standalone
 * @param contextName the WAR's context path or name, such as {@code /keyway} or {@code ROOT}; null when standalone
 */
public record ConfigInputs(
        Map<String, String> overrides,
        Map<String, String> environment,
        Map<String, String> systemProperties,
        Path workingFolder,
        @Nullable Path containerBase,
        @Nullable String contextName) {

    public ConfigInputs {
        overrides = Map.copyOf(overrides);
        environment = Map.copyOf(environment);
        systemProperties = Map.copyOf(systemProperties);
        workingFolder = workingFolder.toAbsolutePath().normalize();
    }

    /** Of a process of its own. */
    public static ConfigInputs standalone(
            Map<String, String> overrides,
            Map<String, String> environment,
            Map<String, String> systemProperties,
            Path workingFolder) {
        return new ConfigInputs(overrides, environment, systemProperties, workingFolder, null, null);
    }

    /** The home folder, absolute; found without reading any file. */
    public Path home() {
        return Home.of(this).folder();
    }

    /** The same inputs with one more override, a flag or a setting's path. */
    public ConfigInputs with(String flagOrPath, String value) {
        Map<String, String> more = new LinkedHashMap<>(overrides);
        more.put(flagOrPath, value);
        return new ConfigInputs(more, environment, systemProperties, workingFolder, containerBase, contextName);
    }
}
