package dev.keyway.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.testing.LogFolder;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** What one gateway has written about requests and keys. */
final class Logs {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> RESTS = Set.of("Rate Limit Hit", "Key Cooling Down", "Key Exhausted");
    private final LogFolder folder;

    Logs(Path home) {
        this.folder = LogFolder.of(home);
    }

    /** The lines of one log that begin a request or end one: {@code Incoming Request}, {@code Outgoing Response}. */
    List<JsonNode> lines(String log, String message) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : folder.lines(log)) {
            if (line.endsWith("}") && line.contains(message)) {
                lines.add(JSON.readTree(line));
            }
        }
        return lines;
    }

    List<JsonNode> ends(String requestId) throws IOException {
        return lines("requests", "Outgoing Response").stream()
                .filter(line -> line.path("request_id").asText().equals(requestId))
                .toList();
    }

    /** How a request ended, once it is written. */
    JsonNode end(String requestId, Duration atMost) {
        return Awaitility.await("the end of " + requestId)
                .atMost(atMost)
                .until(() -> ends(requestId), ends -> !ends.isEmpty())
                .get(0);
    }

    /** Why those of the keys rest that do. */
    List<String> rests(List<String> keys) throws IOException {
        Set<String> ids = keys.stream().map(key -> new Secret(key).id()).collect(Collectors.toSet());
        return lines("keys", "").stream()
                .filter(line -> RESTS.contains(line.path("message").asText()))
                .filter(line -> ids.contains(line.path("key").asText()))
                .map(line -> line.path("reason").asText())
                .toList();
    }

    /** The lines that tell of one request, for a test that has failed. */
    List<String> about(String requestId) {
        try {
            return text().lines().filter(line -> line.contains(requestId)).toList();
        } catch (IOException e) {
            return List.of(e.toString());
        }
    }

    /** Everything in all logs. */
    String text() throws IOException {
        return folder.text("requests") + folder.text("errors") + folder.text("keys");
    }
}
