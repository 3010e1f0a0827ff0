package dev.keyway.cli;

import dev.keyway.config.ConfigInputs;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneId;
import java.util.Map;

/**
 * What a command line sees of its process.
 *
 * @param systemProperties of the Java machine
 * @param workingFolder absolute
 * @param out results
 * @param err problems and warnings, one a line
 * @param terminal who can be asked, and what is piped in
 * @param zone of the times that people read
 */
public record CommandContext(
        Map<String, String> environment,
        Map<String, String> systemProperties,
        Path workingFolder,
        PrintWriter out,
        PrintWriter err,
        Terminal terminal,
        InstantSource clock,
        ZoneId zone) {
    public CommandContext {
        environment = Map.copyOf(environment);
        systemProperties = Map.copyOf(systemProperties);
    }

    /** One with nobody to ask and nothing piped in. */
    public CommandContext(
            Map<String, String> environment,
            Map<String, String> systemProperties,
            Path workingFolder,
            PrintWriter out,
            PrintWriter err) {
        this(
                environment,
                systemProperties,
                workingFolder,
                out,
                err,
                Terminal.NOBODY,
                InstantSource.system(),
                ZoneId.systemDefault());
    }

    /** What a configuration is made from, with these flags. */
    ConfigInputs inputs(Map<String, String> flags) {
        return ConfigInputs.standalone(flags, environment, systemProperties, workingFolder);
    }
}
