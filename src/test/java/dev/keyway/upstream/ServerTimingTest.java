package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.RunningKeyway;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ServerTimingTest {
    @TempDir
    Path home;

    /** Opening a connection was told as waiting for a free one. */
    @Test
    void opening_a_connection_is_told_apart_from_waiting_for_a_free_one() throws Exception {
        try (Sandbox sandbox = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway =
                        RunningKeyway.before(sandbox.baseUrl(), home, Map.of("upstream.max_connections", "1"))) {
            String first = timing(keyway);
            String second = timing(keyway);

            assertThat(first).startsWith("queue;dur=0.0, connect;dur=").doesNotContain("connect;dur=0.0");
            assertThat(second).contains("connect;dur=0.0, upstream;dur=").contains(", own;dur=");
        }
    }

    private static String timing(RunningKeyway keyway) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(keyway.url("/v1/credits")).build();
        return HttpClient.newHttpClient()
                .send(request, HttpResponse.BodyHandlers.ofString())
                .headers()
                .firstValue("Server-Timing")
                .orElseThrow();
    }
}
