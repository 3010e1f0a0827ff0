package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.sandbox.Conversation;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;

/**
 * A gateway before a stand-in. Closing it also checks what holds for every request, however it ended: it has exactly one
 * line for its arrival and one for its end in the requests log, and it has given its place back.
 */
final class Heart implements AutoCloseable {
    static final String K1 = RunningKeyway.POOL_KEY;
    static final String K2 = "sk-or-v1-" + "2".repeat(64);
    static final String K3 = "sk-or-v1-" + "3".repeat(64);
    static final String K4 = "sk-or-v1-" + "4".repeat(64);
    static final Duration SOON = Duration.ofSeconds(10);
    /** Far longer than any test here needs: who waits for it has lost a request. */
    private static final Duration DRAIN = Duration.ofSeconds(20);

    private static final ObjectMapper JSON = new ObjectMapper();

    final Sandbox sandbox;
    final RunningKeyway keyway;

    private Heart(Sandbox sandbox, RunningKeyway keyway) {
        this.sandbox = sandbox;
        this.keyway = keyway;
    }

    static Heart start(Path home, String... settings) throws IOException {
        return start(home, InstantSource.system(), settings);
    }

    /** With {@code path=value} settings beside the kit's own. */
    static Heart start(Path home, InstantSource clock, String... settings) throws IOException {
        Sandbox sandbox = Sandbox.start(SandboxOptions.forTests().withClock(clock));
        Map<String, String> map = new java.util.LinkedHashMap<>();
        map.put("server.drain_timeout", DRAIN.toSeconds() + "s");
        for (String setting : settings) {
            int at = setting.indexOf('=');
            map.put(setting.substring(0, at), setting.substring(at + 1));
        }
        return new Heart(sandbox, RunningKeyway.before(sandbox.baseUrl(), home, map, clock));
    }

    RawClient client() throws IOException {
        return new RawClient(keyway.port());
    }

    /** The only request that reached the stand-in. */
    Received received() {
        assertThat(sandbox.received()).hasSize(1);
        return sandbox.received().get(0);
    }

    /** The keys that the stand-in was asked with, in order. */
    List<String> keysSeen() {
        return sandbox.received().stream()
                .map(Received::key)
                .map(key -> key == null ? "" : key.reveal())
                .toList();
    }

    static Conversation taken(CompletableFuture<Conversation> conversation) throws Exception {
        return conversation.get(10, TimeUnit.SECONDS);
    }

    /** The lines {@code Outgoing Response} of the requests log. */
    List<JsonNode> outcomes() throws IOException {
        return lines("Outgoing Response");
    }

    private List<JsonNode> lines(String message) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : keyway.log("requests")) {
            JsonNode json = JSON.readTree(line);
            if (json.path("message").asText().equals(message)) {
                lines.add(json);
            }
        }
        return lines;
    }

    /** The only outcome so far, once it was written. */
    JsonNode outcome() throws IOException {
        return outcomes(1).get(0);
    }

    List<JsonNode> outcomes(int number) throws IOException {
        await(SOON, () -> count() >= number);
        assertThat(outcomes()).hasSize(number);
        return outcomes();
    }

    private int count() {
        try {
            return outcomes().size();
        } catch (IOException e) {
            return -1;
        }
    }

    static void await(Duration limit, BooleanSupplier condition) {
        Awaitility.await().pollInterval(Duration.ofMillis(2)).atMost(limit).until(condition::getAsBoolean);
    }

    private static List<String> ids(List<JsonNode> lines) {
        return lines.stream()
                .map(line -> line.path("request_id").asText())
                .sorted()
                .toList();
    }

    @Override
    public void close() throws IOException {
        long begun = System.nanoTime();
        try (sandbox) {
            keyway.close();
        }
        assertThat(Duration.ofNanos(System.nanoTime() - begun))
                .describedAs("every request has given its place back")
                .isLessThan(DRAIN);
        assertThat(ids(outcomes())).doesNotHaveDuplicates().isEqualTo(ids(lines("Incoming Request")));
    }
}
