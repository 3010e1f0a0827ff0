package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.testing.CapturedConsole;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Other names for models and parameters behind them, seen from the upstream: the acceptance vectors 8 to 10 over HTTP. */
final class NamesE2eTest {
    private static final String ALIASES = "model_aliases=['^gpt-(.*)=openrouter:openai/gpt-\\1']";

    @TempDir
    private Path home;

    private static JsonNode chat(E2e e2e, String model, String members) throws IOException {
        return e2e.reached(E2e.CHAT, ("{'model':'" + model + "','messages':[]" + members + "}").replace('\'', '"'));
    }

    private static JsonNode expected(String model, String members) throws IOException {
        return E2e.json("{'model':'" + model + "','messages':[]" + members + ",'usage':{'include':true}}");
    }

    @Test
    void vector_8_parameters_win_over_the_body_and_the_backend_is_taken_off() throws IOException {
        try (E2e e2e = E2e.start(home)) {
            JsonNode reached =
                    chat(e2e, "openrouter:anthropic/claude-3-5-sonnet?temperature=0.7&top_p=0.9", ",'temperature':0.1");

            assertThat(reached)
                    .isEqualTo(E2e.json("{'model':'anthropic/claude-3-5-sonnet','messages':[],'temperature':0.7,"
                            + "'top_p':0.9,'usage':{'include':true}}"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"temperature=3.5", "foo=1", "invalid", "top_k=40.5"})
    void vector_9_a_parameter_that_can_not_be_is_left_out_with_one_warning(String param) throws IOException {
        String text;
        try (CapturedConsole console = CapturedConsole.open()) {
            try (E2e e2e = E2e.start(home, "server.log_level=WARN")) {
                e2e.upstream.clear();
                WireClient.Answer answer = e2e.post(
                        E2e.CHAT, E2e.chat("openai/gpt-4o-mini?" + param), "X-Request-ID: the-one-with-a-parameter");

                assertThat(answer.status()).isEqualTo(200);
                assertThat(E2e.json(new String(e2e.upstream.received().get(0).body(), StandardCharsets.UTF_8)))
                        .isEqualTo(E2e.json("{'model':'openai/gpt-4o-mini','messages':[{'role':'user','content':'hi'}],"
                                + "'usage':{'include':true}}"));
            }
            text = console.text();
        }
        assertThat(text.lines().filter(line -> line.contains("model parameters ignored")))
                .hasSize(1)
                .allSatisfy(line -> assertThat(line)
                        .contains(
                                " WARN ", "request=the-one-with-a-parameter", '"' + param.replaceAll("foo=1", "foo")));
    }

    @Test
    void vector_10_an_alias_keeps_the_clients_tags_and_parameters() throws IOException {
        try (E2e e2e = E2e.start(home, ALIASES)) {
            assertThat(chat(e2e, "gpt-4o$think?top_k=5", ""))
                    .isEqualTo(expected("openai/gpt-4o", ",'reasoning':{'enabled':true},'top_k':5"));
            assertThat(chat(e2e, "gpt-4o?top_k=5$think", ""))
                    .isEqualTo(expected("openai/gpt-4o", ",'reasoning':{'enabled':true},'top_k':5"));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chat/completions",
                "completions",
                "responses",
                "messages",
                "embeddings",
                "rerank",
                "images",
                "audio/speech",
                "videos"
            })
    void an_alias_is_known_on_every_route_with_a_model(String route) throws IOException {
        try (E2e e2e = E2e.start(home, ALIASES)) {
            assertThat(e2e.reached("/v1/" + route, "{\"model\":\"gpt-4o?temperature=9\"}")
                            .get("model")
                            .textValue())
                    .isEqualTo("openai/gpt-4o");
        }
    }

    @Test
    void a_client_of_some_models_is_judged_by_the_models_own_name() throws IOException {
        try (E2e e2e = E2e.start(
                home,
                "server.access_keys=[{name: some, key: " + E2e.ACCESS_KEY + ", models: [openai/*]}]",
                "model_aliases=['^mine$=openai/gpt-4o', '^theirs$=anthropic/claude-3-haiku']",
                "failover=[{when: openai/gpt-4o, to: [anthropic/claude-3-haiku, openai/gpt-4o-mini]}]")) {
            e2e.upstream.clear();
            assertThat(e2e.post(E2e.CHAT, E2e.chat("theirs"), E2e.BEARER).status())
                    .isEqualTo(403);
            assertThat(e2e.upstream.received()).isEmpty();

            JsonNode sent = E2e.json(
                    new String(e2e.sent(E2e.CHAT, E2e.chat("mine"), E2e.BEARER).body(), StandardCharsets.UTF_8));
            assertThat(sent.get("model").textValue()).isEqualTo("openai/gpt-4o");
            assertThat(sent.get("models")).isEqualTo(E2e.json("['openai/gpt-4o-mini']"));
        }
    }

    @Test
    void a_forced_model_is_the_only_one() throws IOException {
        try (E2e e2e = E2e.start(home, ALIASES, "force_model=forced/m$fp8")) {
            assertThat(chat(e2e, "gpt-4o$think", ",'models':['a','b']"))
                    .isEqualTo(
                            expected("forced/m", ",'reasoning':{'enabled':true},'provider':{'quantizations':['fp8']}"));
        }
    }

    @Test
    void a_static_route_leaves_a_named_backend_alone() throws IOException {
        try (E2e e2e = E2e.start(home, "static_route=openrouter:routed/m")) {
            assertThat(chat(e2e, "gpt-4o", "")).isEqualTo(expected("routed/m", ""));
            assertThat(chat(e2e, "openrouter:own/m", "")).isEqualTo(expected("own/m", ""));
        }
    }
}
