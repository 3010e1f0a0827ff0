package dev.keyway.app;

import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigLoader;
import dev.keyway.config.ConfigProblem;
import dev.keyway.config.ConfigResult;
import dev.keyway.config.GatewayConfig;
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

    private ContainerConfig() {}

    /**
     * The configuration.
     *
     * @throws IllegalStateException with every problem, so that the context does not start and its log says why, once
     */
    static GatewayConfig load(ServletContext context) {
        ConfigInputs inputs = new ConfigInputs(
                Map.of(), System.getenv(), systemProperties(), Path.of(""), base(), context.getContextPath());
        ConfigResult result = new ConfigLoader(inputs).load();
        if (result instanceof ConfigResult.Loaded loaded) {
            loaded.warnings().forEach(warning -> LOG.warn("configuration: {}", warning));
            return loaded.config();
        }
        List<ConfigProblem> problems = ((ConfigResult.Refused) result).problems();
        throw new IllegalStateException(problems.stream()
                .map(ConfigProblem::toString)
                .collect(Collectors.joining("\n  ", "Keyway's configuration has problems:\n  ", "")));
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
