package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.app.WireClient.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the gateway says of itself. */
final class HealthAndRootE2eTest {
    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    @Test
    void health_has_the_promised_members_and_never_calls_upstream(@TempDir Path home) throws IOException {
        try (E2e e2e = E2e.start(home, "server.access_key=" + E2e.ACCESS_KEY, "health.environment=staging")) {
            Answer answer = e2e.get("/health", "X-Request-ID: req-1");

            JsonNode health = answer.json();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.headers("Content-Type")).containsExactly("application/json");
            assertThat(names(health))
                    .containsExactlyInAnyOrder(
                            "status",
                            "timestamp",
                            "uptime",
                            "version",
                            "environment",
                            "request_id",
                            "kms_status",
                            "openrouter_status");
            assertThat(health.path("status").asText()).isEqualTo("ok");
            assertThat(Instant.parse(health.path("timestamp").asText()))
                    .isBetween(Instant.now().minus(Duration.ofMinutes(1)), Instant.now());
            assertThat(health.path("uptime").isIntegralNumber()).isTrue();
            assertThat(health.path("version").asText()).isNotBlank();
            assertThat(health.path("environment").asText()).isEqualTo("staging");
            assertThat(health.path("request_id").asText()).isEqualTo("req-1");
            assertThat(health.path("kms_status").asText()).isEqualTo("up");
            assertThat(health.path("openrouter_status").asText()).isEqualTo("unknown");
            assertThat(e2e.upstream.connections()).isZero();
            assertThat(e2e.upstream.received()).isEmpty();
        }
    }

    @Test
    void health_says_what_the_last_real_exchange_said_of_the_upstream(@TempDir Path home) throws IOException {
        try (E2e e2e = E2e.start(home, "health.status=healthy")) {
            e2e.post(E2e.CHAT, E2e.chat("openai/gpt-4o-mini"));
            awaitOpenrouter(e2e, "up");
            assertThat(e2e.get("/health").json().path("status").asText()).isEqualTo("healthy");
            int connections = e2e.upstream.connections();

            e2e.upstream.close();
            Answer failed = e2e.post(E2e.CHAT, E2e.chat("openai/gpt-4o-mini"));

            assertThat(failed.status()).isEqualTo(502);
            awaitOpenrouter(e2e, "down");
            assertThat(e2e.upstream.connections()).isEqualTo(connections);
        }
    }

    /** It is told of an exchange a moment after the client has its answer. */
    private static void awaitOpenrouter(E2e e2e, String status) {
        await().atMost(Duration.ofSeconds(5))
                .untilAsserted(() -> assertThat(e2e.get("/health")
                                .json()
                                .path("openrouter_status")
                                .asText())
                        .isEqualTo(status));
    }

    @Test
    void health_says_down_while_no_key_is_usable(@TempDir Path home) throws IOException {
        try (E2e e2e = E2e.start(home)) {
            e2e.post(E2e.CHAT, E2e.chat("sandbox/401"));

            assertThat(e2e.get("/health").json().path("kms_status").asText()).isEqualTo("down");
            assertThat(e2e.get("/health").status()).isEqualTo(200);
        }
    }

    /** Else all nodes of a fleet with the same keys would leave the load balancer at once. */
    @Test
    void it_stays_ready_and_says_so_while_no_key_is_usable_and_the_upstream_is_down(@TempDir Path home)
            throws IOException {
        try (E2e e2e = E2e.start(home, "server.access_key=" + E2e.ACCESS_KEY)) {
            e2e.post(E2e.CHAT, E2e.chat("sandbox/401"), E2e.BEARER);
            await().atMost(Duration.ofSeconds(5))
                    .until(() -> e2e.get("/health").json().path("kms_status").asText(), "down"::equals);

            Answer ready = e2e.get("/health/ready", "X-Request-ID: probe-1");

            assertThat(ready.status()).isEqualTo(200);
            assertThat(names(ready.json()))
                    .containsExactly("status", "timestamp", "uptime", "request_id", "kms_status", "openrouter_status");
            assertThat(ready.json().path("status").asText()).isEqualTo("ok");
            assertThat(ready.json().path("kms_status").asText()).isEqualTo("down");
            assertThat(ready.json().path("request_id").asText()).isEqualTo("probe-1");
        }
    }

    @Test
    void live_says_little_and_is_open_to_anybody(@TempDir Path home) throws IOException {
        try (E2e e2e = E2e.start(home, "server.access_key=" + E2e.ACCESS_KEY, "health.status=healthy")) {
            Answer live = e2e.get("/health/live");

            assertThat(live.status()).isEqualTo(200);
            assertThat(live.headers("Cache-Control")).containsExactly("no-store");
            assertThat(names(live.json())).containsExactly("status", "timestamp", "uptime", "request_id");
            assertThat(live.json().path("status").asText()).isEqualTo("healthy");
            assertThat(e2e.upstream.connections()).isZero();
        }
    }

    @Test
    void the_root_says_what_this_is_and_where_to_go_on(@TempDir Path home) throws IOException {
        try (E2e e2e = E2e.start(home, "server.access_key=" + E2e.ACCESS_KEY)) {
            Answer answer = e2e.get("/");

            JsonNode root = answer.json();
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.headers("Content-Type")).containsExactly("application/json");
            assertThat(names(root)).containsExactly("name", "version", "docs", "health");
            assertThat(root.path("name").asText()).isEqualTo("Keyway");
            assertThat(root.path("version").asText())
                    .isEqualTo(e2e.get("/health").json().path("version").asText());
            assertThat(e2e.get(root.path("health").asText()).status()).isEqualTo(200);
            assertThat(e2e.upstream.connections()).isZero();
        }
    }
}
