package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.app.WireClient.Answer;
import dev.keyway.sandbox.Reply;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code /metrics/raw} of a whole gateway: what one request moves, and by how much. */
final class MetricsE2eTest {
    private static final String MODEL = "openai/gpt-4o-mini";

    @TempDir
    private Path home;

    private static Map<String, Double> series(E2e e2e) throws IOException {
        Answer answer = e2e.get("/metrics/raw");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("text/plain; version=0.0.4; charset=utf-8");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        Map<String, Double> series = new TreeMap<>();
        answer.text()
                .lines()
                .filter(line -> line.matches("(openrouter|kms|keyway)_.*"))
                .forEach(line -> {
                    int space = line.lastIndexOf(' ');
                    series.put(line.substring(0, space), Double.parseDouble(line.substring(space + 1)));
                });
        return series;
    }

    /** Waits until as many requests have been counted, which is done behind their answers. */
    private static Map<String, Double> moved(E2e e2e, Map<String, Double> before, String counted) {
        Map<String, Double> after = await(counted)
                .until(() -> series(e2e), now -> now.getOrDefault(counted, 0.0) > before.getOrDefault(counted, 0.0));
        Map<String, Double> moved = new TreeMap<>();
        after.forEach((name, value) -> moved.put(name, value - before.getOrDefault(name, 0.0)));
        moved.values().removeIf(value -> value == 0);
        return moved;
    }

    @Test
    void a_served_request_moves_its_series_by_what_the_upstream_stated_and_no_other() throws Exception {
        try (E2e e2e = E2e.start(home)) {
            Map<String, Double> before = series(e2e);

            JsonNode usage = e2e.post(E2e.CHAT, E2e.chat(MODEL)).json().path("usage");

            assertThat(usage.path("prompt_tokens").asInt()).isPositive();
            assertThat(moved(e2e, before, "keyway_requests_total{code=\"2xx\"}"))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "keyway_requests_total{code=\"2xx\"}",
                            1.0,
                            "keyway_attempts_total{code=\"2xx\"}",
                            1.0,
                            "openrouter_tokens_sent_total",
                            usage.path("prompt_tokens").asDouble(),
                            "openrouter_tokens_received_total",
                            usage.path("completion_tokens").asDouble()));
        }
    }

    /** Vector 15. */
    @Test
    void with_all_keys_cooled_down_requests_are_503_and_no_key_is_active() throws Exception {
        try (E2e e2e = E2e.start(home)) {
            assertThat(series(e2e)).containsEntry("kms_active_keys", 1.0).containsEntry("kms_cooldown_keys", 0.0);
            e2e.upstream.script(
                    RunningKeyway.POOL_KEY,
                    Reply.json(429, "{\"error\":{\"code\":429,\"message\":\"Rate limit exceeded\"}}"));
            Map<String, Double> before = series(e2e);
            e2e.post(E2e.CHAT, E2e.chat(MODEL));

            Answer out = e2e.post(E2e.CHAT, E2e.chat(MODEL));

            assertThat(out.status()).isEqualTo(503);
            assertThat(Integer.parseInt(out.header("Retry-After"))).isPositive();
            assertThat(moved(e2e, before, "keyway_requests_total{code=\"5xx\"}"))
                    .containsExactlyInAnyOrderEntriesOf(Map.of(
                            "kms_active_keys", -1.0,
                            "kms_cooldown_keys", 1.0,
                            "keyway_keys{state=\"active\"}", -1.0,
                            "keyway_keys{state=\"cooling\"}", 1.0,
                            "keyway_requests_total{code=\"4xx\"}", 1.0,
                            "keyway_requests_total{code=\"5xx\"}", 1.0,
                            "keyway_attempts_total{code=\"4xx\"}", 1.0));
        }
    }

    @Test
    void an_upstream_that_does_not_answer_shows_as_an_open_circuit() throws Exception {
        try (E2e e2e = E2e.start(home, "openrouter.base_url=http://127.0.0.1:9/api/v1")) {
            assertThat(series(e2e)).containsEntry("keyway_upstream_circuit_open", 0.0);

            for (int i = 0; i < 5; i++) {
                e2e.post(E2e.CHAT, E2e.chat(MODEL));
            }

            assertThat(series(e2e)).containsEntry("keyway_upstream_circuit_open", 1.0);
        }
    }

    @Test
    void metrics_are_open_to_whom_the_settings_say() throws Exception {
        String proxied = "X-Forwarded-For: 192.0.2.7";
        try (E2e open = E2e.start(home.resolve("open"), "metrics.open=true");
                E2e keyed = E2e.start(home.resolve("keyed"), "metrics.access_key=a-key-of-scrapers-alone")) {
            assertThat(open.get("/metrics/raw", proxied).status()).isEqualTo(200);
            assertThat(keyed.get("/metrics/raw").status()).isEqualTo(401);
            Answer right = keyed.get("/metrics/raw", proxied, "Authorization: Bearer a-key-of-scrapers-alone");
            assertThat(right.status()).isEqualTo(200);
            assertThat(keyed.ask("HEAD", "/metrics/raw", "Authorization: Bearer a-key-of-scrapers-alone")
                            .status())
                    .isEqualTo(200);
            Answer posted = keyed.post("/metrics/raw", "", "Authorization: Bearer a-key-of-scrapers-alone");
            assertThat(posted.status()).isEqualTo(405);
            assertThat(posted.header("Allow")).isEqualTo("GET, HEAD");
            assertThat(right.text()).doesNotContain("k_", "sk-or-");
        }
    }
}
