package dev.keyway.app;

import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigProblem;
import dev.keyway.config.ConfigResult;
import dev.keyway.config.ConfigSource;
import jakarta.servlet.ServletContext;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/** Finds the configuration of a WAR from the environment, the container's base folder and the context's name. */
final class ContainerConfig {
    private static final Logger LOG = LogManager.getLogger(ContainerConfig.class);

    /** Parameters of a context, with the variables that would be asked where it has none. */
    private static final Map<String, String> PLACES =
            Map.of("keyway.home", "KEYWAY_HOME", "keyway.config", "KEYWAY_CONFIG");

    private ContainerConfig() {}

    /**
     * The configuration, loaded.
     *
     * @throws IllegalStateException with every problem, so that the context does not start and its log says why, once
     */
    static ConfigSource load(ServletContext context) {
        ConfigSource source = new ConfigSource(inputs(context));
        ConfigResult result = source.load();
        if (result instanceof ConfigResult.Loaded loaded) {
            loaded.warnings().forEach(warning -> LOG.warn("configuration: {}", warning));
            return source;
        }
        List<ConfigProblem> problems = ((ConfigResult.Refused) result).problems();
        throw new IllegalStateException(problems.stream()
                .map(ConfigProblem::toString)
                .collect(Collectors.joining("\n  ", "Keyway's configuration has problems:\n  ", "")));
    }

    /**
     * What the configuration is made from. The context's own parameters {@code keyway.home} and {@code keyway.config}
     * stand above the properties and variables of those names, which are the same for every context of the server; a
     * relative path in them starts at the container's base folder.
     */
    static ConfigInputs inputs(ServletContext context) {
        Path base = base();
        Map<String, String> environment = new HashMap<>(System.getenv());
        Map<String, String> properties = systemProperties();
        PLACES.forEach((parameter, variable) -> {
            String place = context.getInitParameter(parameter);
            if (place != null && !place.isBlank()) {
                Path given = Path.of(place.strip());
                properties.put(parameter, (base == null ? given : base.resolve(given)).toString());
                environment.remove(variable);
            }
        });
        return new ConfigInputs(Map.of(), environment, properties, Path.of(""), base, context.getContextPath());
    }

    private static Map<String, String> systemProperties() {
        Map<String, String> properties = new HashMap<>();
        System.getProperties().stringPropertyNames().forEach(name -> properties.put(name, System.getProperty(name)));
        return properties;
    }

    private static @Nullable Path base() {
        String base = System.getProperty("catalina.base", System.getProperty("jetty.base"));
        return base == null ? null : Path.of(base);
    }
}
