package dev.keyway.admin;

import java.util.List;
import java.util.concurrent.CompletionStage;

/** What administrators ask of the configuration. No call waits for a file. */
public interface ConfigDesk {
    /** What is in force. */
    ConfigView view();

    /** Has all sources read again, and what they say put in force. */
    CompletionStage<Outcome> reload();

    /**
     * What a reload would do if the YAML file had this text; changes nothing.
     *
     * @param name of the text, for problems and sources
     */
    CompletionStage<Outcome> compare(String name, String yaml);

    /**
     * What became of it.
     *
     * @param hash of the configuration in force afterwards
     * @param warnings one line each, free of secrets
     * @param problems why it was refused and nothing changed, one line each, free of secrets; empty: it was not
     */
    record Outcome(String hash, List<Change> changes, List<String> warnings, List<String> problems) {
        public Outcome {
            changes = List.copyOf(changes);
            warnings = List.copyOf(warnings);
            problems = List.copyOf(problems);
        }
    }

    /**
     * A setting that changes.
     *
     * @param before as YAML would write it; of secrets only ids, so it may read the same as {@code after}
     * @param source where {@code after} is written, {@code default} when nowhere
     * @param needsRestart it stays as it is until the next start
     */
    record Change(String path, String before, String after, String source, boolean needsRestart) {}
}
