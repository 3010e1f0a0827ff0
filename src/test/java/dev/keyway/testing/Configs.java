package dev.keyway.testing;

import dev.keyway.config.ConfigInputs;
import dev.keyway.config.ConfigResult;
import dev.keyway.config.ConfigSource;
import java.nio.file.Path;
import java.util.Map;

/** Configurations for gateways under test. */
public final class Configs {
    private Configs() {}

    /** One that was loaded from these settings, path or flag to value, and the files of this home. */
    public static ConfigSource loaded(Map<String, String> settings, Path home) {
        ConfigSource source = new ConfigSource(ConfigInputs.standalone(settings, Map.of(), Map.of(), home));
        if (source.load() instanceof ConfigResult.Refused refused) {
            throw new IllegalArgumentException(refused.toString());
        }
        return source;
    }
}
