package dev.keyway.observe;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What Keyway says when it is ready to serve.
 *
 * @param addresses URLs it answers at; empty where the container knows them
 * @param access one line each on what is open to whom
 * @param warnings one line each on what a person should look at
 * @param configuration what was read, highest first; empty: defaults only
 * @param home where configuration, data and logs live
 * @param logs the folder; null: console only
 * @param proxy through which the upstream is reached, without its password; null: none
 * @param keys ids of the pool's keys
 */
public record StartupReport(
        VersionInfo version,
        List<String> addresses,
        List<String> access,
        List<String> warnings,
        List<String> configuration,
        Path home,
        @Nullable Path logs,
        @Nullable String proxy,
        List<String> keys) {
    private static final Logger LOG = LogManager.getLogger(StartupReport.class);

    public StartupReport {
        addresses = List.copyOf(addresses);
        access = List.copyOf(access);
        warnings = List.copyOf(warnings);
        configuration = List.copyOf(configuration);
        keys = List.copyOf(keys);
    }

    /** The lines, constant text first. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add("Keyway started: version=" + version.version() + " commit=" + version.commit() + " built="
                + version.built());
        addresses.forEach(address -> lines.add("listening: address=" + address));
        access.forEach(line -> lines.add("access: " + line));
        lines.add("configuration: home=" + home + " read="
                + (configuration.isEmpty() ? "defaults only" : String.join(", ", configuration)));
        lines.add("logs: directory=" + (logs == null ? "none, console only" : logs));
        if (proxy != null) {
            lines.add("upstream: proxy=" + proxy);
        }
        lines.add("keys: count=" + keys.size() + (keys.isEmpty() ? "" : " ids=" + String.join(",", keys)));
        return lines;
    }

    /** Writes the lines to the console. */
    public void log() {
        lines().forEach(line -> LOG.info("{}", line));
        warnings.forEach(line -> LOG.warn("{}", line));
    }
}
