package dev.keyway.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The page of results: one section for each kind of run; a run replaces its own and leaves the others. */
final class Page {
    private static final String HEAD = """
            # Results of the benchmark

            Written by `bash etc/bench/run.sh`; do not edit. Each section is one run. Times are UTC.
            """;

    private final Path file;

    Page(Path file) {
        this.file = file;
    }

    void replace(String section, List<String> lines) throws IOException {
        String text = Files.exists(file) ? Files.readString(file) : HEAD;
        String begin = "\n## " + section + "\n";
        int from = text.indexOf(begin);
        String before = from < 0 ? text : text.substring(0, from);
        int next = from < 0 ? -1 : text.indexOf("\n## ", from + begin.length());
        String after = next < 0 ? "" : text.substring(next);
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, before + begin + "\n" + String.join("\n", lines).strip() + "\n" + after);
    }
}
