package dev.keyway.seeds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keyway in the place of the interactive proxy's OpenRouter backend: flags, {@code config.yaml}, names and parameters. */
final class Seed004ReadmeTest {
    private static final String KEY = "export OPENROUTER_API_KEY=\"sk-or-...\"";
    private static final String START = """
            # Start proxy with OpenRouter as default backend
            python -m src.core.cli --default-backend openrouter""";

    private static final String START_FORCED = """
            # With specific model
            python -m src.core.cli --default-backend openrouter --force-model anthropic/claude-3-5-sonnet""";

    private static final String BACKEND = """
            # config.yaml
            backends:
              openrouter:
                type: openrouter

            default_backend: openrouter
            """;

    private static final String ALIASES = """
            # config.yaml
            model_aliases:
              - pattern: "^gpt-(.*)"
                replacement: "openrouter:openai/gpt-\\\\1"
            """;

    private static final String IDENTITY = """
            # config.yaml
            identity:
              user_agent:
                mode: override
                override_value: "MyApp/1.0.0"
            """;

    private static final String BASIC = """
            curl -X POST http://localhost:8000/v1/chat/completions \\
              -H "Content-Type: application/json" \\
              -H "Authorization: Bearer YOUR_PROXY_KEY" \\
              -d '{
                "model": "anthropic/claude-3-5-sonnet",
                "messages": [
                  {"role": "user", "content": "Hello!"}
                ]
              }'
            """;

    private static final String PROVIDERS = """
            # OpenAI via OpenRouter
            curl -X POST http://localhost:8000/v1/chat/completions \\
              -H "Content-Type: application/json" \\
              -d '{
                "model": "openai/gpt-4o",
                "messages": [{"role": "user", "content": "Hello"}]
              }'

            # Anthropic via OpenRouter
            curl -X POST http://localhost:8000/v1/chat/completions \\
              -H "Content-Type: application/json" \\
              -d '{
                "model": "anthropic/claude-3-opus",
                "messages": [{"role": "user", "content": "Hello"}]
              }'

            # Meta Llama via OpenRouter
            curl -X POST http://localhost:8000/v1/chat/completions \\
              -H "Content-Type: application/json" \\
              -d '{
                "model": "meta-llama/llama-3-70b-instruct",
                "messages": [{"role": "user", "content": "Hello"}]
              }'
            """;

    private static final String TEMPERATURE = """
            curl -X POST http://localhost:8000/v1/chat/completions \\
              -H "Content-Type: application/json" \\
              -d '{
                "model": "openrouter:anthropic/claude-3-5-sonnet?temperature=0.7",
                "messages": [{"role": "user", "content": "Write a story"}]
              }'
            """;

    private static final String TEMPERATURE_AND_TOP_P = """
            # With temperature and top_p
            curl -X POST http://localhost:8000/v1/chat/completions \\
              -H "Content-Type: application/json" \\
              -d '{
                "model": "openrouter:anthropic/claude-3-5-sonnet?temperature=0.7&top_p=0.9",
                "messages": [{"role": "user", "content": "Hello"}]
              }'
            """;

    private static final String SAMPLE_KEY = "sk-or-...";
    private static final String SONNET = "anthropic/claude-3-5-sonnet";

    @TempDir
    private Path home;

    private Successor.Setup setup() throws IOException {
        return Successor.of(home, 8000).shell(KEY);
    }

    private static List<HttpCall> examples() {
        List<HttpCall> calls = new ArrayList<>(CurlLines.all(BASIC));
        calls.addAll(CurlLines.all(PROVIDERS));
        calls.addAll(CurlLines.all(TEMPERATURE));
        calls.addAll(CurlLines.all(TEMPERATURE_AND_TOP_P));
        return calls;
    }

    /** Sends it; it must be answered as the upstream does, and reach it with our key and these changes to its body. */
    private static void assertReaches(Successor keyway, HttpCall call, String model, String members)
            throws IOException {
        keyway.upstreamAnswers(SAMPLE_KEY, Successor.chat(model, "Hello there!"));
        JsonNode answer = Successor.json(keyway.relayed(call));

        assertThat(answer.at("/choices/0/message/content").textValue()).isEqualTo("Hello there!");
        assertThat(keyway.last().target()).isEqualTo("/api/v1/chat/completions");
        assertThat(keyway.last().headers("Authorization")).containsExactly("Bearer " + SAMPLE_KEY);
        ObjectNode expected = (ObjectNode) Successor.json(call.body());
        expected.put("model", model);
        expected.setAll((ObjectNode) Successor.json(members));
        expected.set("usage", Successor.json("{\"include\":true}"));
        assertThat(keyway.lastBody()).isEqualTo(expected);
    }

    private static void assertExamplesReach(Successor keyway) throws IOException {
        List<HttpCall> calls = examples();
        assertThat(calls).hasSize(6);
        assertReaches(keyway, calls.get(0), SONNET, "{}");
        assertReaches(keyway, calls.get(1), "openai/gpt-4o", "{}");
        assertReaches(keyway, calls.get(2), "anthropic/claude-3-opus", "{}");
        assertReaches(keyway, calls.get(3), "meta-llama/llama-3-70b-instruct", "{}");
        assertReaches(keyway, calls.get(4), SONNET, "{\"temperature\":0.7}");
        assertReaches(keyway, calls.get(5), SONNET, "{\"temperature\":0.7,\"top_p\":0.9}");
    }

    @Test
    void the_examples_are_answered_after_the_start_by_flags() throws IOException {
        try (Successor keyway = setup().shell(START).start()) {
            assertExamplesReach(keyway);
            assertThat(keyway.last().header("User-Agent")).startsWith("curl/");
        }
    }

    @Test
    void the_examples_are_answered_after_the_start_by_file() throws IOException {
        try (Successor keyway = setup().file("config.yaml", BACKEND)
                .shell("--config config.yaml")
                .start()) {
            assertExamplesReach(keyway);
        }
    }

    @Test
    void a_forced_model_is_every_requests_model() throws IOException {
        try (Successor keyway = setup().shell(START_FORCED).start()) {
            List<HttpCall> calls = examples();
            for (HttpCall call : calls.subList(0, 4)) {
                assertReaches(keyway, call, SONNET, "{}");
            }
            assertReaches(keyway, calls.get(5), SONNET, "{\"temperature\":0.7,\"top_p\":0.9}");
        }
    }

    @Test
    void names_are_rewritten_and_other_models_left_alone() throws IOException {
        try (Successor keyway = setup().file("config.yaml", BACKEND + ALIASES)
                .shell("--config config.yaml")
                .start()) {
            HttpCall gpt = examples().get(1);
            String named = gpt.body().replace("openai/gpt-4o", "gpt-4o");

            assertReaches(keyway, gpt.withBody(named), "openai/gpt-4o", "{}");
            assertExamplesReach(keyway);
        }
    }

    @Test
    void the_identity_is_the_configured_one() throws IOException {
        try (Successor keyway = setup().file("config.yaml", BACKEND + IDENTITY)
                .shell("--config config.yaml")
                .start()) {
            assertExamplesReach(keyway);
            assertThat(keyway.last().headers("User-Agent")).containsExactly("MyApp/1.0.0");
        }
    }

    /** With the sample's proxy key set, what does not show it is refused before anything is sent. */
    @Test
    void the_proxys_key_is_asked_for_once_it_is_set() throws IOException {
        try (Successor keyway = setup().shell(START)
                .variable("KEYWAY_SERVER_ACCESS_KEY", "YOUR_PROXY_KEY")
                .start()) {
            List<HttpCall> calls = examples();
            assertReaches(keyway, calls.get(0), SONNET, "{}");

            assertThat(keyway.ask(calls.get(1)).status()).isEqualTo(401);
            assertThat(keyway.upstream.received()).hasSize(1);
        }
    }
}
