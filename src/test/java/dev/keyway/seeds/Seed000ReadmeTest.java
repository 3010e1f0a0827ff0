package dev.keyway.seeds;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Keyway in the place of ORProxy: callers bring their own key and write tags behind the model's name. */
final class Seed000ReadmeTest {
    private static final String START = "PORT=8080 node or_proxy.js";

    /** "just replace all API calls from … to …". */
    private static final String FROM = "https://openrouter.ai/api/v1";

    private static final String TO = "http://localhost:3001/v1";
    private static final String OWN_KEY = "sk-or-v1-" + "0".repeat(64);
    private static final String SECRET_WORDS = "words for the model only";

    @TempDir
    private static Path home;

    private static Successor keyway;

    @BeforeAll
    static void start() throws IOException {
        keyway = Successor.of(home, 8080).shell(START).start();
    }

    @AfterAll
    static void end() {
        keyway.close();
    }

    /** A call as it was before the proxy, with the one change that its page asks for. */
    private static HttpCall openRouter(String curl) {
        return CurlLines.one(curl.replace(FROM, TO)).with("Authorization: Bearer " + OWN_KEY);
    }

    private static HttpCall chat(String model) {
        return openRouter("""
                curl https://openrouter.ai/api/v1/chat/completions -H "Content-Type: application/json" \
                -d '{"model": "%s", "messages": [{"role": "user", "content": "%s"}]}'
                """.formatted(model, SECRET_WORDS));
    }

    private static JsonNode reached(String model) throws IOException {
        keyway.upstreamAnswers(OWN_KEY, Successor.chat("whatever/served", "Hello!"));
        keyway.relayed(chat(model));
        assertThat(keyway.last().target()).isEqualTo("/api/v1/chat/completions");
        assertThat(keyway.last().headers("Authorization")).containsExactly("Bearer " + OWN_KEY);
        return keyway.lastBody();
    }

    /** The page's examples, and what its words promise; what the provider tags write is ruled for both of its versions. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            moonshotai/kimi-k2$fp8                  | moonshotai/kimi-k2              | {"provider":{"quantizations":["fp8"]}}
            openai/o3-mini$think.high               | openai/o3-mini                  | {"reasoning":{"enabled":true,"effort":"high"}}
            openai/o3-mini$think                    | openai/o3-mini                  | {"reasoning":{"enabled":true}}
            openai/o3-mini$think.1000               | openai/o3-mini                  | {"reasoning":{"enabled":true,"max_tokens":1000}}
            openai/o3-mini$think.off                | openai/o3-mini                  | {"reasoning":{"enabled":false}}
            openai/o3-mini$think.no                 | openai/o3-mini                  | {"reasoning":{"enabled":false}}
            moonshotai/kimi-k2-0905$zdr             | moonshotai/kimi-k2-0905         | {"provider":{"zdr":true,"data_collection":"deny"}}
            deepseek/deepseek-r1-0528$google-vertex | deepseek/deepseek-r1-0528       | {"provider":{"only":["google-vertex"],"order":["google-vertex"]}}
            deepseek/deepseek-chat-v3.1$think,fireworks | deepseek/deepseek-chat-v3.1 | {"reasoning":{"enabled":true},"provider":{"only":["fireworks"],"order":["fireworks"]}}
            deepseek/deepseek-r1-0528               | deepseek/deepseek-r1-0528       | {}
            """)
    void parameters_become_members_and_the_model_its_plain_name(String slug, String model, String members)
            throws IOException {
        JsonNode expected = Successor.json("""
                {"model":"%s","messages":[{"role":"user","content":"%s"}],"usage":{"include":true}}""".formatted(model, SECRET_WORDS));
        ((ObjectNode) expected).setAll((ObjectNode) Successor.json(members));

        assertThat(reached(slug)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"int4", "int8", "fp4", "fp6", "fp8", "fp16", "bf16", "fp32"})
    void each_quantization_is_one(String name) throws IOException {
        assertThat(reached("moonshotai/kimi-k2$" + name).get("provider"))
                .isEqualTo(Successor.json("{\"quantizations\":[\"" + name + "\"]}"));
    }

    /** The page names both "cache"; the hour's tag is cache1h. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            cache   | {"type":"ephemeral"}
            cache1h | {"type":"ephemeral","ttl":"1h"}
            """)
    void a_cache_breakpoint_is_set_at_the_latest_message(String tag, String mark) throws IOException {
        JsonNode sent = reached("anthropic/claude-sonnet-4.5$" + tag);

        assertThat(sent.get("model").textValue()).isEqualTo("anthropic/claude-sonnet-4.5");
        assertThat(sent.get("messages")).isEqualTo(Successor.json("""
                [{"role":"user","content":[{"type":"text","text":"%s","cache_control":%s}]}]""".formatted(SECRET_WORDS, mark)));
    }

    @Test
    void a_stream_comes_as_the_upstream_sends_it() throws IOException {
        keyway.upstreamAnswers(OWN_KEY, Successor.stream("openai/o3-mini", "Once", " upon"));
        HttpCall whole = chat("openai/o3-mini$think.high");

        Answer answer = keyway.relayed(whole.withBody(whole.body().replaceFirst("\\{", "{\"stream\": true, ")));

        assertThat(answer.header("Content-Type")).startsWith("text/event-stream");
        assertThat(answer.text()).contains("\"content\":\"Once\"", "\"content\":\" upon\"", "data: [DONE]");
        assertThat(keyway.lastBody().get("stream").booleanValue()).isTrue();
    }

    @Test
    void all_other_calls_go_to_the_same_path_with_the_callers_key() throws IOException {
        keyway.relayed(openRouter("curl https://openrouter.ai/api/v1/credits"));
        assertThat(keyway.last().method()).isEqualTo("GET");
        assertThat(keyway.last().target()).isEqualTo("/api/v1/credits");
        assertThat(keyway.last().headers("Authorization")).containsExactly("Bearer " + OWN_KEY);

        keyway.relayed(openRouter("""
                curl -X POST https://openrouter.ai/api/v1/completions -H "Content-Type: application/json" \
                -d '{"model": "openai/gpt-4o-mini", "prompt": "Hello"}'
                """));
        assertThat(keyway.last().target()).isEqualTo("/api/v1/completions");
        assertThat(keyway.last().headers("Authorization")).containsExactly("Bearer " + OWN_KEY);

        keyway.assertListsTheUpstreamsModels(keyway.ask(openRouter("curl https://openrouter.ai/api/v1/models")));
    }

    /** Ruled: upstream a credential has one form. */
    @Test
    void a_key_in_the_other_header_is_passed_through_too() throws IOException {
        keyway.relayed(CurlLines.one("curl http://localhost:3001/v1/credits").with("x-api-key: " + OWN_KEY));

        assertThat(keyway.last().headers("Authorization")).containsExactly("Bearer " + OWN_KEY);
        assertThat(keyway.last().headers("x-api-key")).isEmpty();
    }

    @Test
    void the_upstreams_errors_are_the_upstreams() throws IOException {
        Answer unknown = keyway.ask(chat("no/such-model"));

        assertThat(unknown.status()).isEqualTo(400);
        assertThat(unknown.body()).isEqualTo(keyway.last().responseBody());
        Answer noKey = keyway.ask(CurlLines.one("curl http://localhost:3001/v1/credits"));
        assertThat(noKey.status()).isEqualTo(401);
        assertThat(noKey.body()).isEqualTo(keyway.last().responseBody());
        assertThat(keyway.last().headers("Authorization")).isEmpty();
    }

    @Test
    void neither_keys_nor_content_are_stored_or_logged(@TempDir Path another) throws IOException {
        try (Successor own = Successor.of(another, 8080).shell(START).start()) {
            own.upstreamAnswers(OWN_KEY, Successor.chat("whatever/served", SECRET_WORDS));
            own.relayed(chat("openai/o3-mini$think.high"));
            own.ask(chat("no/such-model"));
            own.stop();

            assertThat(own.written())
                    .contains("\"path\":\"/v1/chat/completions\"")
                    .doesNotContain(OWN_KEY, SECRET_WORDS);
        }
    }
}
