package dev.keyway.safety;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Reply;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.LogFolder;
import dev.keyway.testing.Post;
import dev.keyway.testing.RunningKeyway;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the three logs say after a session, member by member, against what the stand-in received and billed. */
@SuppressWarnings("try") // what is opened is used by what is asked
class LogsOfASessionTest {
    private static final ObjectMapper JSON =
            new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    private static final Pattern COST = Pattern.compile("\"cost\":\\s*([0-9.eE+-]+)");
    /** What is dropped from a stream of messages, since Anthropic's SDK throws on it. */
    private static final String STRAY_END = "event: data\ndata: [DONE]\n\n";

    private static final String FIRST = "sk-or-v1-" + "1".repeat(64);
    private static final String SECOND = "sk-or-v1-" + "2".repeat(64);
    private static final String FIRST_ID = new Secret(FIRST).id();
    private static final String SECOND_ID = new Secret(SECOND).id();
    private static final String ACCESS_KEY = "a-key-of-the-team-17";
    private static final String MODEL = "openai/gpt-4o-mini";

    @TempDir
    Path home = Path.of("");

    private final Map<String, String> settings = Map.of(
            "server.access_key",
            ACCESS_KEY,
            "openrouter.keys",
            FIRST + "," + SECOND,
            "openrouter.key_selection_strategy",
            "first");

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            chat/completions | openai/gpt-4o-mini            | "messages":[{"role":"user","content":"Hello"}]
            chat/completions | deepseek/deepseek-r1          | "stream":true,"messages":[{"role":"user","content":"Why?"}]
            chat/completions | sandbox/usage-2               | "stream":true,"messages":[{"role":"user","content":"Why?"}]
            chat/completions | sandbox/usage-3               | "stream":true,"messages":[{"role":"user","content":"Why?"}]
            completions      | openai/gpt-4o-mini            | "prompt":"Once upon"
            completions      | openai/gpt-4o-mini            | "prompt":"Once upon","stream":true
            responses        | openai/gpt-4o-mini            | "input":"Hello"
            responses        | openai/gpt-4o-mini            | "input":"Hello","stream":true
            messages         | anthropic/claude-sonnet-4.6   | "max_tokens":40,"messages":[{"role":"user","content":"Hi"}]
            messages         | anthropic/claude-sonnet-4.6   | "stream":true,"max_tokens":40,"messages":[{"role":"user","content":"Hi"}]
            embeddings       | openai/text-embedding-3-small | "input":"Hello"
            """)
    void a_served_request_is_told_with_every_member_and_the_digits_of_the_bill(String api, String model, String rest)
            throws Exception {
        String body = "{\"model\":\"" + model + "\"," + rest + "}";
        HttpResponse<String> answer;
        Received received;
        BigDecimal billed;
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests())) {
            try (RunningKeyway keyway = RunningKeyway.before(upstream.baseUrl(), home, settings)) {
                answer = Post.json(
                        keyway.url("/v1/" + api + "?debug=1"), body, "x-api-key", ACCESS_KEY, "X-Request-ID", "r-1");
            }
            assertThat(upstream.awaitIdle(Duration.ofSeconds(5))).isTrue();
            received = upstream.received().get(0);
            billed = upstream.billed();
        }

        assertThat(answer.statusCode()).isEqualTo(200);
        List<JsonNode> lines = lines("requests");
        assertThat(lines).hasSize(2);
        assertThat(names(lines.get(0)))
                .containsExactly("time", "level", "event", "message", "request_id", "method", "path");
        assertText(lines.get(0), "message", "Incoming Request");
        assertText(lines.get(0), "request_id", "r-1");
        assertText(lines.get(0), "path", "/v1/" + api);

        JsonNode line = lines.get(1);
        assertThat(names(line))
                .containsExactly(
                        "time",
                        "level",
                        "event",
                        "message",
                        "request_id",
                        "client",
                        "method",
                        "path",
                        "model",
                        "model_served",
                        "key",
                        "status",
                        "attempts",
                        "bytes_in",
                        "bytes_out",
                        "prompt_tokens",
                        "completion_tokens",
                        "cost",
                        "ttfb_ms",
                        "total_ms",
                        "own_ms",
                        "ended");
        assertText(line, "level", "INFO");
        assertText(line, "event", "outgoing_response");
        assertText(line, "message", "Outgoing Response");
        assertText(line, "request_id", "r-1");
        assertText(line, "client", "default");
        assertText(line, "method", "POST");
        assertText(line, "path", "/v1/" + api);
        assertText(line, "model", model);
        assertText(line, "key", FIRST_ID);
        assertText(line, "ended", "complete");
        assertThat(line.get("status").asInt()).isEqualTo(200);
        assertThat(line.get("bytes_in").asLong()).isEqualTo(body.length());
        String sent = new String(received.responseBody(), StandardCharsets.UTF_8);
        int dropped = api.equals("messages") && sent.endsWith(STRAY_END) ? STRAY_END.length() : 0;
        assertThat(line.get("bytes_out").asLong())
                .isEqualTo(answer.body().getBytes(StandardCharsets.UTF_8).length)
                .isEqualTo(received.responseLength() - dropped);
        assertThat(line.get("attempts")).hasSize(1);
        assertThat(names(line.get("attempts").get(0))).containsExactly("key", "status", "reason", "ms");
        assertText(line.get("attempts").get(0), "key", FIRST_ID);
        assertText(line.get("attempts").get(0), "reason", "ok");
        assertThat(line.get("total_ms").decimalValue())
                .isGreaterThanOrEqualTo(line.get("ttfb_ms").decimalValue());
        assertThat(line.get("ttfb_ms").decimalValue())
                .isGreaterThan(line.get("own_ms").decimalValue());

        String digits = lastCost(text("requests"));
        assertThat(new BigDecimal(digits)).isEqualByComparingTo(billed).isPositive();
        assertThat(new BigDecimal(digits)).isEqualByComparingTo(new BigDecimal(lastCost(answer.body())));
        assertThat(line.get("prompt_tokens").asLong()).isEqualTo(tokens(answer.body(), "prompt", "input"));
        assertThat(line.get("completion_tokens").asLong())
                .isEqualTo(api.equals("embeddings") ? 0 : tokens(answer.body(), "completion", "output"));
        assertThat(text("errors")).isEmpty();
        assertThat(text("keys")).isEmpty();
    }

    @Test
    void a_session_with_a_limit_a_refusal_and_a_broken_stream_is_told_in_all_three_logs() throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway = RunningKeyway.before(upstream.baseUrl(), home, settings)) {
            upstream.script(FIRST, Reply.json(429, "{\"error\":{\"code\":429,\"message\":\"Rate limit exceeded\"}}"));
            String[] access = {"Authorization", "Bearer " + ACCESS_KEY};
            chat(keyway, "rotated", MODEL, access);
            chat(keyway, "strange", MODEL, "Authorization", "Bearer nobody-knows-this");
            chat(keyway, "cut", "sandbox/cut", access);
            chat(keyway, "gone", "sandbox/fin", access);
        }

        List<JsonNode> requests = lines("requests");
        assertThat(requests).hasSize(8);
        JsonNode rotated = outgoing(requests, "rotated");
        assertThat(rotated.get("status").asInt()).isEqualTo(200);
        assertText(rotated, "key", SECOND_ID);
        assertThat(rotated.get("attempts")).hasSize(2);
        assertText(rotated.get("attempts").get(0), "key", FIRST_ID);
        assertText(rotated.get("attempts").get(0), "reason", "rate_limited");
        assertThat(rotated.get("attempts").get(0).get("status").asInt()).isEqualTo(429);
        assertText(rotated.get("attempts").get(1), "reason", "ok");

        JsonNode strange = outgoing(requests, "strange");
        assertText(strange, "level", "WARN");
        assertText(strange, "ended", "error");
        assertThat(strange.get("status").asInt()).isEqualTo(401);
        assertThat(names(strange)).doesNotContain("client", "key", "attempts", "model_served", "cost");

        JsonNode cut = outgoing(requests, "cut");
        assertText(cut, "ended", "upstream_broken");
        assertText(cut, "level", "WARN");
        assertThat(cut.get("status").asInt()).isEqualTo(200);
        JsonNode gone = outgoing(requests, "gone");
        assertText(gone, "ended", "error");
        assertThat(gone.get("status").asInt()).isEqualTo(502);

        List<JsonNode> errors = lines("errors");
        assertThat(errors.stream().map(error -> error.get("request_id").asText()))
                .containsExactly("strange", "cut", "gone");
        assertThat(errors)
                .allSatisfy(error -> assertThat(names(error)).contains("time", "error", "status", "path"))
                .allSatisfy(error -> assertText(error, "message", "Request Failed"));
        assertThat(errors.get(2).get("stack").asText()).contains("\tat ", "Exception");
        assertThat(text("errors").split("\"stack\"", -1))
                .describedAs("once each")
                .hasSizeLessThanOrEqualTo(4);

        List<JsonNode> keys = lines("keys");
        assertThat(keys).hasSize(2);
        assertText(keys.get(1), "message", "Key Rotation");
        assertText(keys.get(1), "key", SECOND_ID);
        assertThat(names(keys.get(0))).containsExactly("time", "level", "event", "message", "key", "reason", "until");
        assertText(keys.get(0), "message", "Rate Limit Hit");
        assertText(keys.get(0), "key", FIRST_ID);
        assertThat(OffsetDateTime.parse(keys.get(0).get("until").asText()))
                .isAfter(OffsetDateTime.now(ZoneId.systemDefault()));
    }

    @Test
    void each_log_is_a_file_of_the_day_that_only_its_owner_can_write() throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway = RunningKeyway.before(upstream.baseUrl(), home, settings)) {
            upstream.script(FIRST, Reply.fault("429"));
            chat(keyway, "rotated", MODEL, "Authorization", "Bearer " + ACCESS_KEY);
            chat(keyway, "gone", "sandbox/fin", "Authorization", "Bearer " + ACCESS_KEY);
        }

        String today = LocalDate.now(ZoneId.systemDefault()).toString();
        for (String log : List.of("requests", "errors", "keys")) {
            List<Path> files = LogFolder.of(home).files(log);
            assertThat(files.stream().map(file -> file.getFileName().toString()))
                    .containsExactly(log + "-" + today + ".log");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.get(0))))
                    .isIn("rw-r-----", "rw-------");
        }
    }

    private static void chat(RunningKeyway keyway, String id, String model, String... headers) throws Exception {
        List<String> all = new ArrayList<>(List.of(headers));
        all.addAll(List.of("X-Request-ID", id));
        Post.json(keyway.url("/v1/chat/completions"), Post.chat(model, true), all.toArray(String[]::new));
    }

    private static JsonNode outgoing(List<JsonNode> lines, String id) {
        return lines.stream()
                .filter(line -> line.get("request_id").asText().equals(id)
                        && line.get("event").asText().equals("outgoing_response"))
                .findFirst()
                .orElseThrow();
    }

    private String text(String log) throws IOException {
        return LogFolder.of(home).text(log);
    }

    private List<JsonNode> lines(String log) throws IOException {
        List<JsonNode> lines = new ArrayList<>();
        for (String line : LogFolder.of(home).lines(log)) {
            JsonNode json = JSON.readTree(line);
            OffsetDateTime.parse(json.get("time").asText());
            lines.add(json);
        }
        return lines;
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static void assertText(JsonNode object, String name, String expected) {
        assertThat(object.path(name).asText()).describedAs(name).isEqualTo(expected);
    }

    private static String lastCost(String text) {
        String last = "";
        Matcher matcher = COST.matcher(text);
        while (matcher.find()) {
            last = matcher.group(1);
        }
        return last;
    }

    private static long tokens(String body, String... words) {
        Set<Long> seen = new TreeSet<>();
        for (String word : words) {
            Matcher matcher =
                    Pattern.compile("\"" + word + "_tokens\":\\s*([0-9]+)").matcher(body);
            while (matcher.find()) {
                seen.add(Long.valueOf(matcher.group(1)));
            }
        }
        return seen.stream().mapToLong(Long::longValue).max().orElse(-1);
    }
}
