package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigLoader;
import dev.keyway.config.ConfigResult;
import dev.keyway.config.GatewayConfig;
import jakarta.servlet.ServletContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A context file may name its gateway's own home and YAML file. */
class ContainerConfigTest {
    @TempDir
    private Path folder;

    @AfterEach
    void forget() {
        System.clearProperty("keyway.home");
        System.clearProperty("keyway.config");
        System.clearProperty("jetty.base");
    }

    private static ServletContext context(String path, Map<String, String> parameters) {
        ServletContextHandler handler = new ServletContextHandler(path);
        parameters.forEach(handler::setInitParameter);
        return handler.getServletContext();
    }

    private GatewayConfig load(String path, Map<String, String> parameters) {
        ConfigInputs inputs = ContainerConfig.inputs(context(path, parameters));
        return ((ConfigResult.Loaded) new ConfigLoader(inputs).load()).config();
    }

    @Test
    void a_parameter_of_the_context_names_its_home_before_a_property_of_the_server() {
        System.setProperty("jetty.base", folder.toString());
        System.setProperty("keyway.home", folder.resolve("of-all").toString());

        assertThat(load("/a", Map.of("keyway.home", folder.resolve("own").toString()))
                        .home())
                .isEqualTo(folder.resolve("own"));
        assertThat(load("/a", Map.of("keyway.home", "homes/a")).home()).isEqualTo(folder.resolve("homes/a"));
        assertThat(load("/a", Map.of("keyway.home", " ")).home()).isEqualTo(folder.resolve("of-all"));
        assertThat(load("/a", Map.of()).home()).isEqualTo(folder.resolve("of-all"));
    }

    @Test
    void a_parameter_of_the_context_names_its_yaml_file() throws IOException {
        System.setProperty("jetty.base", folder.toString());
        System.setProperty("keyway.config", folder.resolve("of-all.yml").toString());
        Files.writeString(folder.resolve("of-all.yml"), "health: {environment: all}\n");
        Files.writeString(folder.resolve("own.yml"), "health: {environment: own}\n");

        GatewayConfig own = load("/a", Map.of("keyway.config", "own.yml"));
        GatewayConfig all = load("/b", Map.of());

        assertThat(own.health().environment()).isEqualTo("own");
        assertThat(own.home()).isEqualTo(folder.resolve("a"));
        assertThat(all.health().environment()).isEqualTo("all");
    }
}
