package dev.keyway.config;

import java.util.List;

/** What loading a configuration came to. */
public sealed interface ConfigResult {
    /**
     * A configuration to start with.
     *
     * @param warnings what is allowed but worth a look, one line each, free of secrets
     * @param changes what differs from the configuration in force; none at the start
     */
    record Loaded(GatewayConfig config, List<String> warnings, List<SettingChange> changes) implements ConfigResult {
        public Loaded {
            warnings = List.copyOf(warnings);
            changes = List.copyOf(changes);
        }
    }

    /**
     * No start.
     *
     * @param problems all of them, never empty
     */
    record Refused(List<ConfigProblem> problems) implements ConfigResult {
        public Refused {
            problems = List.copyOf(problems);
        }
    }
}
