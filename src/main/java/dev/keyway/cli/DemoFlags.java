package dev.keyway.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What can be said about a demo: where it listens, where it writes, how much it tells. */
final class DemoFlags {
    @Option(names = "--host", paramLabel = "NAME", description = "Name or address to bind (default 127.0.0.1).")
    private @Nullable String host;

    @Option(names = "--port", paramLabel = "N", description = "Port to bind, 0 takes any free one (default 3000).")
    private @Nullable String port;

    @Option(names = "--home", paramLabel = "FOLDER", description = "Where the demo writes its logs.")
    private @Nullable String home;

    @Option(names = "--log-level", paramLabel = "LEVEL", description = "DEBUG, INFO, WARN, ERROR or CRITICAL.")
    private @Nullable String logLevel;

    /** The flags that were given, by name. */
    Map<String, String> given() {
        Map<String, String> given = new LinkedHashMap<>();
        if (host != null) {
            given.put("--host", host);
        }
        if (port != null) {
            given.put("--port", port);
        }
        if (home != null) {
            given.put("--home", home);
        }
        if (logLevel != null) {
            given.put("--log-level", logLevel);
        }
        return given;
    }
}
