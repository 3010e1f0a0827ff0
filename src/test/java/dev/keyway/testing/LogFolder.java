package dev.keyway.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The logs of a gateway's home folder, read from disk.
 *
 * @param folder {@code logs} within the home
 */
public record LogFolder(Path folder) {
    /** The logs of this home. */
    public static LogFolder of(Path home) {
        return new LogFolder(home.resolve("logs"));
    }

    /** The files of one log, {@code requests}, {@code errors} or {@code keys}. */
    public List<Path> files(String log) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.getFileName().toString().startsWith(log + "-"))
                    .sorted()
                    .toList();
        }
    }

    /** Every whole line of one log. */
    public List<String> lines(String log) throws IOException {
        return text(log).lines().toList();
    }

    /** One log as it stands on disk. */
    public String text(String log) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Path file : files(log)) {
            text.append(Files.readString(file));
        }
        return text.toString();
    }
}
