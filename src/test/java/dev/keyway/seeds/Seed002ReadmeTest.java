package dev.keyway.seeds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.testing.RunningKeyway;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keyway in the place of the REST and WebSocket service: its environment, its health, its list of models. */
final class Seed002ReadmeTest {
    /** As the page lists them, its line ends lost. */
    private static final String VARIABLES = """
            PORT: Server port (default: 3000)HOST: Server host (default: 0.0.0.0)\
            NODE_ENV: Environment (development/production/test)LOG_LEVEL: Logging level (debug/info/warn/error)\
            RATE_LIMIT_WINDOW_MS: Rate limit window in milliseconds (default: 900000)\
            RATE_LIMIT_MAX_REQUESTS: Max requests per window (default: 100)\
            WS_MAX_CONNECTIONS: Max WebSocket connections (default: 1000)\
            WS_HEARTBEAT_INTERVAL: WebSocket heartbeat interval (default: 30000)\
            MAX_CONCURRENT_REQUESTS: Max concurrent requests (default: 100)\
            REQUEST_TIMEOUT: Request timeout in milliseconds (default: 30000)""";

    private static final String RUN = "docker run -p 3000:3000 -e OPENROUTER_API_KEY=your-key llm-proxy";

    private static final String HEALTH = """
            {
            "status": "healthy",
            "timestamp": "2024-01-01T00:00:00.000Z",
            "uptime": 123.45,
            "version": "1.0.0",
            "environment": "production"
            }""";

    private static final String MODELS = """
            # List models
            curl http://localhost:3000/api/v1/models""";

    private static final String COMPLETION = """
            # Standard completion
            curl -X POST http://localhost:3000/api/v1/inference \\
            -H "Content-Type: application/json" \\
            -d '{
            "model": "openai/gpt-4o",
            "messages": [
            {"role": "user", "content": "Hello, world!"}
            ],
            "temperature": 0.7,
            "max_tokens": 100
            }'""";

    private static final String ANSWER = """
            {
            "id": "chatcmpl-123",
            "choices": [
            {
            "finish_reason": "stop",
            "message": {
            "content": "Hello! How can I help you today?",
            "role": "assistant"
            }
            }
            ],
            "usage": {
            "prompt_tokens": 10,
            "completion_tokens": 15,
            "total_tokens": 25
            },
            "model": "openai/gpt-4o",
            "created": 1704067200,
            "object": "chat.completion"
            }""";

    private static final String STREAM_BODY = """
            {
            "model": "openai/gpt-4o",
            "messages": [
            {
            "role": "user",
            "content": "Tell me a story"
            }
            ],
            "temperature": 0.7,
            "max_tokens": 500,
            "stream": true
            }""";

    private static final String EVENTS = """
            data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1704067200,"model":"openai/gpt-4o","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}]}
            data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1704067200,"model":"openai/gpt-4o","choices":[{"index":0,"delta":{"content":"Once"},"finish_reason":null}]}
            data: {"id":"chatcmpl-123","object":"chat.completion.chunk","created":1704067200,"model":"openai/gpt-4o","choices":[{"index":0,"delta":{"content":" upon"},"finish_reason":null}]}
            data: [DONE]""";

    private static final Pattern VARIABLE = Pattern.compile("([A-Z_]+): [^()]*\\((default: )?([^)]*)\\)");

    @TempDir
    private Path home;

    /** Every variable with its default; of those with a choice in place of one, the second word. */
    private static String dotEnv() {
        return VARIABLE.matcher(VARIABLES)
                .results()
                .map(variable -> variable.group(1)
                        + "="
                        + (variable.group(2) == null ? variable.group(3).split("/", -1)[1] : variable.group(3)))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    private Successor.Setup setup() throws IOException {
        return Successor.of(home, 3000).file(".env", dotEnv()).shell(RUN.replace("your-key", RunningKeyway.POOL_KEY));
    }

    @Test
    void the_list_of_variables_is_read_whole() {
        assertThat(dotEnv().lines())
                .containsExactly(
                        "PORT=3000",
                        "HOST=0.0.0.0",
                        "NODE_ENV=production",
                        "LOG_LEVEL=info",
                        "RATE_LIMIT_WINDOW_MS=900000",
                        "RATE_LIMIT_MAX_REQUESTS=100",
                        "WS_MAX_CONNECTIONS=1000",
                        "WS_HEARTBEAT_INTERVAL=30000",
                        "MAX_CONCURRENT_REQUESTS=100",
                        "REQUEST_TIMEOUT=30000");
    }

    /** Ruled: keys that are none are refused, and the page's sample is none. */
    @Test
    void the_sample_key_is_told_to_be_none() throws IOException {
        List<String> told =
                Successor.of(home, 3000).file(".env", dotEnv()).shell(RUN).refused();

        assertThat(told)
                .filteredOn(line -> !line.startsWith("warning: "))
                .singleElement()
                .asString()
                .contains("OPENROUTER_API_KEY", "does not start with sk-or-")
                .doesNotContain("your-key");
    }

    @Test
    void the_variables_mean_what_they_meant() throws IOException {
        try (Successor keyway = setup().start()) {
            assertThat(keyway.setting("server.host")).isEqualTo("0.0.0.0 from .env:2 HOST");
            assertThat(keyway.setting("upstream.first_byte_timeout")).isEqualTo("30s from .env:10 REQUEST_TIMEOUT");
            assertThat(keyway.setting("upstream.total_timeout")).isEqualTo("30s from .env:10 REQUEST_TIMEOUT");
            assertThat(keyway.setting("server.log_level")).isEqualTo("INFO from .env:4 LOG_LEVEL");
        }
    }

    /** Ruled: the word is "ok" unless health.status says "healthy". */
    @Test
    void S2_2_health_has_the_members_of_the_page() throws IOException {
        try (Successor keyway =
                setup().variable("KEYWAY_HEALTH_STATUS", "healthy").start()) {
            Answer answer = keyway.get("/health");

            JsonNode health = Successor.json(answer);
            assertThat(answer.status()).isEqualTo(200);
            for (Map.Entry<String, JsonNode> member : Successor.json(HEALTH).properties()) {
                assertThat(health.path(member.getKey()).isTextual())
                        .describedAs(member.getKey())
                        .isEqualTo(member.getValue().isTextual());
            }
            assertThat(health.get("status").textValue()).isEqualTo("healthy");
            assertThat(health.get("environment").textValue()).isEqualTo("production");
            assertThat(health.get("timestamp").textValue())
                    .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
            assertThat(Instant.parse(health.get("timestamp").textValue())).isBefore(Instant.now());
            assertThat(health.get("uptime").isNumber()).isTrue();
        }
    }

    /** Ruled: without provider, search, limit or offset all of them, where the page's service gave the first fifty. */
    @Test
    void the_models_are_listed_without_any_key() throws IOException {
        try (Successor keyway = setup().start()) {
            Answer answer = keyway.ask(CurlLines.one(MODELS));

            keyway.assertListsTheUpstreamsModels(answer);
            assertThat(Successor.json(answer).get("data")).allSatisfy(model -> {
                assertThat(model.get("id").textValue()).contains("/");
                assertThat(model.get("name").isTextual()).isTrue();
                assertThat(model.get("description").isTextual()).isTrue();
                assertThat(model.get("context_length").isNumber()).isTrue();
                assertThat(model.at("/pricing/prompt").isTextual()).isTrue();
                assertThat(model.at("/pricing/completion").isTextual()).isTrue();
                assertThat(model.get("supported_parameters").isArray()).isTrue();
            });
        }
    }

    @Test
    void errors_have_the_members_of_the_page() throws IOException {
        try (Successor keyway = setup().start()) {
            Answer answer = keyway.get("/no/such/route");

            JsonNode error = Successor.json(answer).get("error");
            assertThat(answer.status()).isEqualTo(404);
            assertThat(error.get("code").intValue()).isEqualTo(404);
            assertThat(error.get("message").textValue()).isEqualTo("Route GET /no/such/route not found");
            assertThat(error.get("type").textValue()).isEqualTo("not_found");
        }
    }

    @Test
    void S2_3_the_curl_line_is_answered_as_the_page_shows() throws IOException {
        try (Successor keyway = setup().start()) {
            keyway.upstreamAnswers(
                    RunningKeyway.POOL_KEY, Successor.chat("openai/gpt-4o", "Hello! How can I help you today?"));

            Answer answer = keyway.ask(CurlLines.one(COMPLETION));

            JsonNode shown = Successor.json(ANSWER);
            JsonNode told = Successor.json(answer);
            assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
            assertThat(names(told)).isEqualTo(names(shown));
            assertThat(names(told.at("/choices/0"))).isEqualTo(names(shown.at("/choices/0")));
            assertThat(names(told.at("/choices/0/message"))).containsAll(names(shown.at("/choices/0/message")));
            assertThat(told.at("/choices/0/message/content")).isEqualTo(shown.at("/choices/0/message/content"));
            assertThat(names(told.path("usage"))).containsAll(names(shown.path("usage")));
            assertThat(told.at("/usage/total_tokens")).isEqualTo(shown.at("/usage/total_tokens"));
            assertThat(told.path("model")).isEqualTo(shown.path("model"));
            assertThat(told.path("object")).isEqualTo(shown.path("object"));
        }
    }

    @Test
    void S2_4_the_streams_body_is_answered_with_the_events_that_the_page_shows() throws IOException {
        try (Successor keyway = setup().start()) {
            keyway.upstreamAnswers(RunningKeyway.POOL_KEY, Successor.stream("openai/gpt-4o", "", "Once", " upon"));
            HttpCall call = CurlLines.one(COMPLETION.replace("/inference", "/inference/stream"));

            Answer answer = keyway.ask(new HttpCall(call.method(), call.url(), call.headers(), STREAM_BODY));

            List<String> told = events(new String(answer.body(), StandardCharsets.UTF_8));
            List<String> shown = events(EVENTS);
            assertThat(told).hasSameSizeAs(shown);
            assertThat(told.get(3)).isEqualTo("[DONE]");
            for (int i = 0; i < 3; i++) {
                JsonNode event = Successor.json(told.get(i));
                assertThat(names(event)).isEqualTo(names(Successor.json(shown.get(i))));
                assertThat(event.at("/choices/0/delta/content"))
                        .isEqualTo(Successor.json(shown.get(i)).at("/choices/0/delta/content"));
            }
        }
    }

    private static List<String> names(JsonNode object) {
        return object.properties().stream().map(Map.Entry::getKey).toList();
    }

    private static List<String> events(String text) {
        return text.lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring("data: ".length()))
                .toList();
    }
}
