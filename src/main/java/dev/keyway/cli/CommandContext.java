package dev.keyway.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Map;

/**
 * What a command line sees of its process.
 *
 * @param systemProperties of the Java machine
 * @param workingFolder absolute
 * @param out results
 * @param err problems and warnings, one a line
 */
public record CommandContext(
        Map<String, String> environment,
        Map<String, String> systemProperties,
        Path workingFolder,
        PrintWriter out,
        PrintWriter err) {
    public CommandContext {
        environment = Map.copyOf(environment);
        systemProperties = Map.copyOf(systemProperties);
    }
}
