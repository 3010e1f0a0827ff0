package dev.keyway.seeds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.sandbox.Reply;
import dev.keyway.testing.LogFolder;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keyway in the place of the Node proxy: its {@code .env}, keys that are added while it runs, one that is stuck to. */
final class Seed003ReadmeTest {
    private static final String ENV = """
            PORT=3000  # Default port
            LOG_RETENTION_DAYS=14  # Keep logs for 14 days
            """;

    private static final String JAVASCRIPT = """
            const openai = new OpenAI({
              baseURL: 'http://localhost:3000/v1',
              apiKey: 'dummy-key' // Actual key managed by proxy
            });

            // Streaming response
            const stream = await openai.chat.completions.create({
              model: 'deepseek/deepseek-chat:free',
              messages: [{ role: 'user', content: 'Hello' }],
              stream: true
            });

            for await (const chunk of stream) {
              process.stdout.write(chunk.choices[0]?.delta?.content || '');
            }
            """;

    private static final String CURL = """
            curl -X POST http://localhost:3000/v1/chat/completions \\
              -H "Content-Type: application/json" \\
              -H "Authorization: Bearer dummy-key" \\
              -d '{
                "model": "deepseek/deepseek-chat:free",
                "messages": [{"role": "user", "content": "Hello"}]
              }'
            """;

    private static final String MODEL = "deepseek/deepseek-chat:free";
    private static final String DUMMY = "Authorization: Bearer dummy-key";
    private static final String NEW_KEY = "{ \"key\": \"your-openrouter-api-key\" }";
    private static final String KEY = "your-openrouter-api-key";
    private static final Reply LIMITED =
            Reply.json(429, "{\"error\":{\"message\":\"Rate limit exceeded\",\"code\":429}}");

    @TempDir
    private Path home;

    private Successor keyway;

    /** Ruled: keys take turns unless the strategy is the one that the page describes. */
    @BeforeEach
    void start() throws IOException {
        keyway = Successor.of(home, 3000)
                .file(".env", ENV)
                .variable("KEYWAY_OPENROUTER_KEY_SELECTION_STRATEGY", "sticky")
                .start();
        keyway.upstream.key(KEY, "default");
    }

    @AfterEach
    void end() {
        keyway.close();
    }

    @Test
    void the_variables_mean_what_they_meant() throws IOException {
        assertThat(keyway.setting("server.port")).isEqualTo(keyway.port + " from .env:1 PORT");
        assertThat(keyway.setting("logs.retention_days")).isEqualTo("14 from .env:2 LOG_RETENTION_DAYS");
    }

    private Answer add(String body) throws IOException {
        return keyway.ask(CurlLines.one("curl -X POST http://localhost:3000/admin/keys"
                + " -H \"Content-Type: application/json\" -d '" + body + "'"));
    }

    /** Adds keys that the upstream knows, each of an account of its own. */
    private void addKeys(int count) throws IOException {
        for (int i = 1; i <= count; i++) {
            keyway.upstream.key(key(i), "account-" + i);
            assertThat(add("{\"key\":\"" + key(i) + "\"}").status()).isEqualTo(200);
        }
    }

    private static String key(int number) {
        return "sk-or-v1-number-" + number;
    }

    private static String bearer(int number) {
        return "Bearer " + key(number);
    }

    @Test
    void a_key_is_added_while_it_runs_and_serves_the_curl_example() throws IOException {
        Answer added = add(NEW_KEY);

        assertThat(added.status()).isEqualTo(200);
        assertThat(Successor.json(added).get("message").textValue()).isEqualTo("API key added successfully");
        assertThat(added.text()).doesNotContain(KEY);

        keyway.upstreamAnswers(KEY, Successor.chat(MODEL, "Hello!"));
        Answer answer = keyway.relayed(CurlLines.one(CURL));

        assertThat(Successor.json(answer).at("/choices/0/message/content").textValue())
                .isEqualTo("Hello!");
        assertThat(keyway.last().target()).isEqualTo("/api/v1/chat/completions");
        assertThat(keyway.keysSeen()).containsExactly("Bearer " + KEY);
        assertThat(keyway.lastBody()).isEqualTo(Successor.json("""
                {"model":"deepseek/deepseek-chat:free","messages":[{"role":"user","content":"Hello"}],\
                "usage":{"include":true}}"""));
    }

    /** In place of {@code node add-key.js}. */
    @Test
    void a_key_is_added_by_the_interactive_command() throws IOException {
        String told = keyway.command(KEY, "keys", "add");

        assertThat(told).contains("Please enter your OpenRouter API key: ").doesNotContain(KEY);
        keyway.upstreamAnswers(KEY, Successor.chat(MODEL, "Hello!"));
        keyway.relayed(CurlLines.one(CURL));
    }

    @Test
    void a_body_without_a_key_is_refused() throws IOException {
        Answer refused = add("{}");

        assertThat(refused.status()).isEqualTo(400);
        assertThat(Successor.json(refused).at("/error/message").textValue()).isEqualTo("API key is required");
    }

    @Test
    void the_javascript_example_is_streamed_to() throws IOException {
        add(NEW_KEY);
        keyway.upstreamAnswers(KEY, Successor.stream(MODEL, "Once", " upon", " a time"));

        Answer answer = keyway.relayed(OpenAiSnippet.chat(JAVASCRIPT));

        assertThat(answer.header("Content-Type")).startsWith("text/event-stream");
        StringBuilder printed = new StringBuilder();
        for (String line : answer.text().lines().toList()) {
            if (line.startsWith("data: {")) {
                JsonNode chunk = Successor.json(line.substring("data: ".length()));
                printed.append(chunk.at("/choices/0/delta/content").asText(""));
            }
        }
        assertThat(printed).hasToString("Once upon a time");
        assertThat(answer.text()).endsWith("data: [DONE]\n\n");
        assertThat(keyway.lastBody()).isEqualTo(Successor.json("""
                {"model":"deepseek/deepseek-chat:free","messages":[{"role":"user","content":"Hello"}],"stream":true,\
                "usage":{"include":true}}"""));
        assertThat(keyway.last().header("Authorization")).isEqualTo("Bearer " + KEY);
    }

    @Test
    void models_are_listed() throws IOException {
        add(NEW_KEY);

        keyway.assertListsTheUpstreamsModels(keyway.get("/v1/models", DUMMY));
    }

    @Test
    void a_rate_limit_is_retried_with_other_keys_three_attempts_in_all() throws IOException {
        addKeys(4);
        keyway.upstreamAnswers(key(1), LIMITED);
        keyway.upstreamAnswers(key(2), LIMITED);
        keyway.upstreamAnswers(key(3), Successor.chat(MODEL, "Hello!"), LIMITED);

        assertThat(keyway.relayed(CurlLines.one(CURL)).header("X-Keyway-Attempts"))
                .isEqualTo("3");
        assertThat(keyway.keysSeen()).containsExactly(bearer(1), bearer(2), bearer(3));
    }

    @Test
    void streams_are_retried_too_and_after_three_attempts_the_limit_is_told() throws IOException {
        addKeys(4);
        for (int i = 1; i <= 4; i++) {
            keyway.upstreamAnswers(key(i), LIMITED);
        }

        Answer answer = keyway.ask(OpenAiSnippet.chat(JAVASCRIPT));

        assertThat(answer.status()).isEqualTo(429);
        assertThat(Successor.json(answer).at("/error/message").textValue()).isEqualTo("Rate limit exceeded");
        assertThat(keyway.keysSeen()).containsExactly(bearer(1), bearer(2), bearer(3));
    }

    @Test
    void one_key_is_used_on_and_after_a_limit_the_one_used_longest_ago() throws IOException {
        addKeys(3);
        keyway.upstreamAnswers(key(1), hello(), hello(), LIMITED);
        keyway.upstreamAnswers(key(2), hello(), hello(), LIMITED);
        keyway.upstreamAnswers(key(3), hello());

        askFor(3);
        // Available again, but used before the third.
        add("{\"key\":\"" + key(1) + "\"}");
        askFor(2);

        assertThat(keyway.keysSeen())
                .containsExactly(bearer(1), bearer(1), bearer(1), bearer(2), bearer(2), bearer(2), bearer(3));
    }

    private void askFor(int answers) throws IOException {
        for (int i = 1; i <= answers; i++) {
            assertThat(keyway.ask(CurlLines.one(CURL)).status()).isEqualTo(200);
        }
    }

    private static Reply hello() {
        return Successor.chat(MODEL, "Hello!");
    }

    /** Ruled: 503 where the page's program said 500. */
    @Test
    void no_available_keys_is_told_and_a_key_added_again_serves() throws IOException {
        addKeys(1);
        keyway.upstreamAnswers(key(1), LIMITED, hello());
        assertThat(keyway.ask(CurlLines.one(CURL)).status()).isEqualTo(429);

        Answer out = keyway.ask(CurlLines.one(CURL));

        assertThat(out.status()).isEqualTo(503);
        assertThat(Integer.parseInt(out.header("Retry-After"))).isPositive();
        assertThat(Successor.json(out).at("/error/message").textValue()).contains("No available API keys");
        assertThat(Successor.json(add("{\"key\":\"" + key(1) + "\"}"))
                        .get("created")
                        .booleanValue())
                .isFalse();
        keyway.relayed(CurlLines.one(CURL));
    }

    @Test
    void requests_errors_and_keys_are_logged_by_the_day() throws IOException {
        addKeys(1);
        keyway.upstreamAnswers(key(1), hello(), Reply.fault("reset"));
        keyway.ask(CurlLines.one(CURL));
        keyway.upstream.close();
        assertThat(keyway.ask(CurlLines.one(CURL)).status()).isEqualTo(502);
        keyway.stop();

        LogFolder logs = LogFolder.of(home);
        for (String name : new String[] {"requests", "errors", "keys"}) {
            assertThat(logs.files(name))
                    .singleElement()
                    .satisfies(file ->
                            assertThat(file.getFileName().toString()).matches(name + "-\\d{4}-\\d\\d-\\d\\d\\.log"));
        }
        assertThat(logs.text("requests")).contains("\"Incoming Request\"", "\"Outgoing Response\"");
        assertThat(logs.text("keys")).contains("\"New Key Added\"");
        assertThat(logs.text("errors")).contains("\"stack\"");
        assertThat(keyway.written()).contains(key(1));
        assertThat(logs.text("requests") + logs.text("errors") + logs.text("keys"))
                .doesNotContain(key(1), "dummy-key");
    }
}
