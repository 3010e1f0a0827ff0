package dev.keyway.admin;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The configuration as it is in force, for people.
 *
 * @param hash another one where any setting has another value
 * @param since when it came into force
 * @param sources what was read, highest first
 * @param last the last attempt to reload it; null when there was none
 * @param chain what a request of the data API passes, in order
 * @param settings all of them; of secrets only ids
 */
public record ConfigView(
        String hash,
        Instant since,
        List<String> sources,
        @Nullable Reload last,
        List<Link> chain,
        List<Setting> settings) {
    public ConfigView {
        sources = List.copyOf(sources);
        chain = List.copyOf(chain);
        settings = List.copyOf(settings);
    }

    /**
     * An attempt to reload.
     *
     * @param trigger {@code file}, {@code signal} or {@code admin}
     * @param needRestart settings whose new value waits for the next start
     * @param problems why nothing was changed, one line each; empty when it was taken
     */
    public record Reload(Instant at, String trigger, List<String> needRestart, List<String> problems) {
        public Reload {
            needRestart = List.copyOf(needRestart);
            problems = List.copyOf(problems);
        }
    }

    /**
     * A step of the chain.
     *
     * @param stage {@code HEAD}, {@code BODY} or {@code ATTEMPT}
     */
    public record Link(String name, String stage) {}

    /**
     * A setting.
     *
     * @param value as YAML would write it
     * @param source where it was written, {@code default} when nowhere
     */
    public record Setting(String path, String value, String source) {}
}
