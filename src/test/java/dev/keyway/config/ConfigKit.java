package dev.keyway.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Loads configurations from a folder, variables and flags that a test names one by one. */
final class ConfigKit {
    final Path folder;
    private final Map<String, String> flags = new LinkedHashMap<>();
    private final Map<String, String> environment = new LinkedHashMap<>();
    private final Map<String, String> properties = new LinkedHashMap<>();

    ConfigKit(Path folder) {
        this.folder = folder;
    }

    ConfigKit file(String name, String... lines) {
        try {
            Path file = folder.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, String.join("\n", lines) + "\n");
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ConfigKit yaml(String... lines) {
        return file("keyway.yml", lines);
    }

    ConfigKit variable(String name, String value) {
        environment.put(name, value);
        return this;
    }

    ConfigKit flag(String name, String value) {
        flags.put(name, value);
        return this;
    }

    ConfigKit property(String name, String value) {
        properties.put(name, value);
        return this;
    }

    ConfigInputs inputs() {
        return ConfigInputs.standalone(flags, environment, properties, folder);
    }

    ConfigResult load() {
        return new ConfigLoader(inputs()).load();
    }

    ConfigResult.Loaded loaded() {
        ConfigResult result = load();
        if (result instanceof ConfigResult.Loaded loaded) {
            return loaded;
        }
        throw new AssertionError("refused: " + ((ConfigResult.Refused) result).problems());
    }

    GatewayConfig config() {
        return loaded().config();
    }

    List<String> problems() {
        ConfigResult result = load();
        if (result instanceof ConfigResult.Refused refused) {
            return refused.problems().stream().map(ConfigProblem::line).toList();
        }
        return List.of();
    }

    String shown(String path) {
        return config().settings().stream()
                .filter(setting -> setting.path().equals(path))
                .map(SettingValue::value)
                .findFirst()
                .orElseThrow();
    }
}
