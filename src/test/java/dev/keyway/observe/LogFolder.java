package dev.keyway.observe;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A folder of logs, read by a test. */
record LogFolder(Path directory) {
    private static final JsonMapper JSON = new JsonMapper();

    List<String> names() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }

    String text(String name) throws IOException {
        return Files.readString(directory.resolve(name));
    }

    List<JsonNode> lines(String name) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : Files.readAllLines(directory.resolve(name))) {
            lines.add(JSON.readTree(line));
        }
        return lines;
    }

    void put(String name, int bytes) throws IOException {
        Files.writeString(directory.resolve(name), "x".repeat(bytes - 1) + "\n");
    }
}
