package dev.keyway.admin;

import java.util.List;

/**
 * The configuration as it is in force, for people.
 *
 * @param chain what a request of the data API passes, in order
 * @param settings all of them; of secrets only ids
 */
public record ConfigView(List<Link> chain, List<Setting> settings) {
    public ConfigView {
        chain = List.copyOf(chain);
        settings = List.copyOf(settings);
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
