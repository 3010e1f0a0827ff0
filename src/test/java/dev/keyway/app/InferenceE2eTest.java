package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.app.WireClient.Answer;
import dev.keyway.sandbox.Conversation;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** {@code /api/v1/inference}: the REST half of what the REST and WebSocket system (002) promised, over the same engine. */
final class InferenceE2eTest {
    private static final String INFERENCE = "/api/v1/inference";
    private static final String STREAM = "/api/v1/inference/stream";
    private static final String JSON = "Content-Type: application/json";
    private static final String MODEL = "openai/gpt-4o-mini";

    @TempDir
    private Path home;

    private E2e e2e;

    @BeforeEach
    void start() throws IOException {
        e2e = E2e.start(
                home,
                "model_aliases=['^mine$=" + MODEL + "']",
                "inference.max_answer=1MB",
                "openrouter.enable_cache=false");
    }

    @AfterEach
    void stop() {
        e2e.close();
    }

    private Answer ask(String route, String body) throws IOException {
        return e2e.post(route, body.replace('\'', '"'), JSON);
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** Each event's data. */
    private static List<String> events(Answer answer) {
        return answer.text()
                .lines()
                .filter(line -> line.startsWith("data: "))
                .map(line -> line.substring(6))
                .toList();
    }

    /** Asks, and answers by hand what the upstream says. */
    private Answer answered(String route, String body, Scene scene) throws Exception {
        CompletableFuture<Conversation> next = e2e.upstream.conversation(MODEL);
        try (WireClient client = new WireClient(e2e.port())) {
            client.request("POST", route, body.replace('\'', '"').getBytes(StandardCharsets.UTF_8), JSON);
            scene.play(next.get(20, TimeUnit.SECONDS));
            return client.answer("POST");
        }
    }

    private interface Scene {
        void play(Conversation upstream) throws IOException;
    }

    private static String chat(String members) {
        return "{'model':'" + MODEL + "','messages':[{'role':'user','content':'Hello, world!'}]" + members + "}";
    }

    @ParameterizedTest
    @ValueSource(strings = {INFERENCE, "/v1/inference"})
    void S2_3_the_answer_has_these_members_with_what_openrouter_said(String route) throws IOException {
        e2e.upstream.clear();

        Answer answer = ask(route, chat(",'temperature':0.7,'max_tokens':100,'stream':true"));

        assertThat(answer.status()).describedAs(answer.text()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        JsonNode json = answer.json();
        assertThat(names(json)).containsExactly("id", "choices", "usage", "model", "created", "object");
        assertThat(names(json.at("/choices/0"))).containsExactly("finish_reason", "message");
        assertThat(json.at("/choices/0/finish_reason").asText()).isEqualTo("stop");
        assertThat(json.at("/choices/0/message/content").asText()).isNotEmpty();
        assertThat(json.at("/choices/0/message/role").asText()).isEqualTo("assistant");
        assertThat(json.at("/usage/completion_tokens").asInt()).isPositive();
        assertThat(json.at("/usage/cost").isNumber()).isTrue();
        assertThat(json.path("object").asText()).isEqualTo("chat.completion");
        assertThat(e2e.upstream.received()).singleElement().satisfies(received -> {
            assertThat(received.target()).isEqualTo("/api/v1/chat/completions");
            assertThat(E2e.json(received.bodyText()))
                    .isEqualTo(E2e.json(
                            chat(",'temperature':0.7,'max_tokens':100,'stream':false," + "'usage':{'include':true}")));
        });
    }

    @Test
    void S2_3_without_usage_it_says_zeros_and_without_content_null() throws Exception {
        String said =
                "{\"id\":\"gen-1\",\"provider\":\"x\",\"model\":\"m\",\"created\":1.0e0,\"choices\":[{\"index\":0,"
                        + "\"finish_reason\":\"tool_calls\",\"message\":{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"c\"}]}}]}";

        Answer answer = answered(
                INFERENCE,
                chat(""),
                upstream -> upstream.head(200, "Content-Type: application/json")
                        .send(said)
                        .finish());

        assertThat(answer.text())
                .isEqualTo("{\"id\":\"gen-1\",\"choices\":[{\"finish_reason\":\"tool_calls\",\"message\":{\"role\":"
                        + "\"assistant\",\"tool_calls\":[{\"id\":\"c\"}],\"content\":null}}],\"usage\":{\"prompt_tokens\":"
                        + "0,\"completion_tokens\":0,\"total_tokens\":0},\"model\":\"m\",\"created\":1.0e0,\"object\":"
                        + "\"chat.completion\"}");
    }

    @Test
    void S2_4_a_stream_has_chunks_of_these_members_then_the_usage_then_done() throws IOException {
        e2e.upstream.clear();

        Answer answer = ask(STREAM, chat(",'stream':false"));

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).startsWith("text/event-stream");
        assertThat(answer.header("Cache-Control")).contains("no-cache");
        List<String> events = events(answer);
        assertThat(events.get(events.size() - 1)).isEqualTo("[DONE]");
        StringBuilder content = new StringBuilder();
        for (String event : events.subList(0, events.size() - 2)) {
            JsonNode chunk = E2e.json(event);
            assertThat(names(chunk)).containsExactly("id", "object", "created", "model", "choices");
            assertThat(names(chunk.at("/choices/0"))).containsExactly("index", "delta", "finish_reason");
            content.append(chunk.at("/choices/0/delta/content").asText());
        }
        JsonNode usage = E2e.json(events.get(events.size() - 2));
        assertThat(usage.path("choices")).isEqualTo(E2e.json("[{'index':0,'delta':{},'finish_reason':'stop'}]"));
        assertThat(usage.at("/usage/completion_tokens").asInt()).isPositive();
        assertThat(usage.at("/usage/cost").isNumber()).isTrue();
        assertThat(content).isNotEmpty();
        assertThat(E2e.json(e2e.upstream.received().get(0).bodyText())
                        .path("stream")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void S2_4_each_event_comes_when_the_upstream_has_said_it() throws Exception {
        CompletableFuture<Conversation> next = e2e.upstream.conversation(MODEL);
        try (WireClient client = new WireClient(e2e.port())) {
            client.request("POST", STREAM, chat("").replace('\'', '"').getBytes(StandardCharsets.UTF_8), JSON);
            Conversation upstream = next.get(20, TimeUnit.SECONDS).startStream();
            upstream.event("{\"id\":\"g\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"one\"}}]}");
            assertThat(client.headStatus()).isEqualTo(200);
            assertThat(client.isSilentFor(Duration.ofSeconds(10))).isFalse();
            upstream.event("[DONE]").finish();
        }
    }

    @Test
    void S2_4_what_is_no_chunk_passes_as_it_is_and_comments_keep_the_stream_alive() throws Exception {
        String large =
                "{\"id\":\"g\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + "x".repeat(1_200_000) + "\"}}]}";

        Answer answer = answered(
                STREAM,
                chat(""),
                upstream -> upstream.startStream()
                        .send(": OPENROUTER PROCESSING\n\n")
                        .event(
                                "{\"id\":\"g\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},\"native\":1}],\"x\":1}")
                        .event("[1,2]")
                        .event(large)
                        .event(
                                "{\"id\":\"g\",\"error\":{\"code\":502,\"message\":\"gone\"},\"choices\":[{\"index\":0,\"delta\":"
                                        + "{\"content\":\"\"},\"finish_reason\":\"error\"}]}")
                        .finish());

        assertThat(answer.text())
                .startsWith(
                        ": keep-alive\n\ndata: {\"id\":\"g\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"},"
                                + "\"finish_reason\":null}]}\n\ndata: [1,2]\n\ndata: " + large
                                + "\n\ndata: {\"id\":\"g\",\"error\"");
    }

    @Test
    void S2_4_a_stream_that_breaks_off_is_told_so_and_has_no_done() throws Exception {
        Answer answer = answered(
                STREAM,
                chat(""),
                upstream -> upstream.startStream()
                        .event("{\"id\":\"g\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}")
                        .send("data: {\"id\":\"g\",\"cho")
                        .cut());

        List<String> events = events(answer);
        assertThat(events).hasSize(2).doesNotContain("[DONE]");
        assertThat(E2e.json(events.get(1)).at("/choices/0/finish_reason").asText())
                .isEqualTo("error");
    }

    @Test
    void S2_3_a_whole_answer_that_breaks_off_is_an_error() throws Exception {
        Answer answer = answered(
                INFERENCE,
                chat(""),
                upstream -> upstream.head(200, 5000, "Content-Type: application/json")
                        .send("{\"id\":\"g\",\"choices\":[{\"index\":0,")
                        .cut());

        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.json().at("/error/type").asText()).isEqualTo("openrouter");
    }

    @Test
    void S2_5_members_that_nobody_here_knows_pass() throws IOException {
        e2e.upstream.clear();
        String unknown =
                ",'provider':{'order':['a']},'reasoning':{'effort':'low'},'plugins':[{'id':'web'}],'max_tokens':null";

        assertThat(ask(INFERENCE, chat(unknown)).status()).isEqualTo(200);

        assertThat(E2e.json(e2e.upstream.received().get(0).bodyText()))
                .isEqualTo(E2e.json(chat(unknown + ",'stream':false,'usage':{'include':true}")));
    }

    @Test
    void S2_5_tags_parameters_and_aliases_work_as_everywhere() throws IOException {
        e2e.upstream.clear();

        Answer answer = ask(INFERENCE, chat("").replace(MODEL, "mine$think.high?top_k=5"));

        assertThat(answer.status()).describedAs(answer.text()).isEqualTo(200);
        JsonNode sent = E2e.json(e2e.upstream.received().get(0).bodyText());
        assertThat(sent.path("model").asText()).isEqualTo(MODEL);
        assertThat(sent.at("/reasoning/effort").asText()).isEqualTo("high");
        assertThat(sent.path("top_k").asInt()).isEqualTo(5);
    }

    @Test
    void S2_30_all_that_is_wrong_is_told_at_once() throws IOException {
        e2e.upstream.clear();

        Answer answer = ask(
                INFERENCE, "{'messages':[{'role':'robot','content':'x'},{'role':'tool','content':7}],'temperature':3}");

        assertThat(answer.status()).isEqualTo(400);
        JsonNode error = answer.json().path("error");
        assertThat(error.path("code").asInt()).isEqualTo(400);
        assertThat(error.path("message").asText()).isEqualTo("Validation error");
        assertThat(error.path("type").asText()).isEqualTo("validation");
        assertThat(error.path("details")).isEqualTo(E2e.json("{'field':'model','message':'is required'}"));
        assertThat(error.path("errors"))
                .isEqualTo(
                        E2e.json(
                                "[{'field':'model','pointer':'/model','message':'is required'},"
                                        + "{'field':'messages[0].role','pointer':'/messages/0/role','message':'must be one of user,"
                                        + " assistant, system, developer, tool'},"
                                        + "{'field':'messages[1].content','pointer':'/messages/1/content','message':'must be a string or an"
                                        + " array'},"
                                        + "{'field':'messages[1].tool_call_id','pointer':'/messages/1/tool_call_id','message':'is required'},"
                                        + "{'field':'temperature','pointer':'/temperature','message':'must be a number from 0 to 2'}]"));
        assertThat(e2e.upstream.received()).isEmpty();
    }

    @Test
    void S2_30_an_error_of_openrouters_keeps_status_message_and_metadata() throws IOException {
        Answer answer = ask(INFERENCE, chat("").replace(MODEL, "sandbox/error-400"));
        Answer direct = ask("/api/v1/chat/completions", chat("").replace(MODEL, "no/such-model"));
        Answer facade = ask(INFERENCE, chat("").replace(MODEL, "no/such-model"));

        assertThat(answer.status()).isGreaterThanOrEqualTo(400);
        assertThat(facade.status()).isEqualTo(direct.status());
        JsonNode error = facade.json().path("error");
        assertThat(error.path("message")).isEqualTo(direct.json().at("/error/message"));
        assertThat(error.path("metadata")).isEqualTo(direct.json().at("/error/metadata"));
        assertThat(error.path("type").asText()).isEqualTo("openrouter");
        assertThat(error.path("request_id").asText()).isEqualTo(facade.header("X-Request-ID"));
        assertThat(facade.json().path("detail")).isEqualTo(error.path("message"));
    }

    @Test
    void S2_6_a_model_that_openrouter_does_not_have_is_refused_without_asking() throws IOException {
        try (E2e keyway = E2e.start(home.resolve("with-a-list"))) {
            String unknown = E2e.chat("no/such-model$think.high");
            assertThat(keyway.get("/v1/models").status()).isEqualTo(200);
            keyway.upstream.clear();

            Answer answer = keyway.post(INFERENCE, unknown, JSON);
            Answer drawn = keyway.post(INFERENCE, unknown.replaceFirst("\\{", "{\"modalities\":[\"image\"],"), JSON);

            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.message()).isEqualTo("Model 'no/such-model$think.high' not found or not supported");
            assertThat(answer.json().at("/error/type").asText()).isEqualTo("validation");
            assertThat(drawn.json().at("/error/type").asText()).isEqualTo("openrouter");
            assertThat(keyway.upstream.received()).hasSize(1);
            for (String known : List.of(MODEL, MODEL + ":nitro", MODEL + "$think?top_k=1")) {
                assertThat(keyway.post(STREAM, E2e.chat(known), JSON).status())
                        .describedAs(known)
                        .isEqualTo(200);
            }
        }
    }

    @Test
    void S2_7_a_body_over_10_mb_is_refused_with_the_limit() throws IOException {
        byte[] body = chat(",'user':'" + "x".repeat(10 * 1024 * 1024) + "'")
                .replace('\'', '"')
                .getBytes(StandardCharsets.UTF_8);

        Answer answer = e2e.post(INFERENCE, body, JSON);

        assertThat(answer.status()).isEqualTo(413);
        assertThat(answer.json().at("/error/maxSize").asInt()).isEqualTo(10_485_760);
    }

    @ParameterizedTest
    @CsvSource({"GET," + INFERENCE, "DELETE," + STREAM, "PUT," + INFERENCE})
    void other_methods_are_refused_with_those_that_are_not(String method, String route) throws IOException {
        Answer answer = e2e.ask(method, route);

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.header("Allow")).isEqualTo("POST, OPTIONS");
        assertThat(e2e.ask("OPTIONS", route).status()).isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/api/v1/%69nference", "/v1/inference/%73tream"})
    void another_spelling_of_the_path_is_another_path(String route) throws IOException {
        Answer whole = ask(route, chat(""));
        Answer empty = e2e.ask("POST", route);

        assertThat(List.of(whole.status(), empty.status())).containsOnly(404);
    }

    @Test
    void a_failed_key_is_followed_by_another_as_everywhere() throws IOException {
        Answer answer = ask(INFERENCE, chat("").replace(MODEL, "sandbox/first-error:502"));

        assertThat(answer.headers("X-Keyway-Attempts")).containsExactly("2");
        assertThat(answer.status()).isGreaterThanOrEqualTo(500);
    }

    @Test
    void an_image_and_a_file_go_in_as_they_are() throws IOException {
        e2e.upstream.clear();
        String parts = "[{'type':'text','text':'what?'},"
                + "{'type':'image_url','image_url':{'url':'data:image/png;base64,aGk=','detail':'low'}},"
                + "{'type':'file','file':{'filename':'a.pdf','file_data':'data:application/pdf;base64,aGk='}},"
                + "{'type':'input_audio','input_audio':{'data':'aGk=','format':'wav'}}]";
        String body = chat("").replace("'Hello, world!'", parts);

        ask(INFERENCE, body);

        assertThat(E2e.json(e2e.upstream.received().get(0).bodyText()).at("/messages/0/content"))
                .isEqualTo(E2e.json(parts));
    }

    @Test
    void an_image_comes_out_whole_and_a_large_one_as_openrouter_sent_it() throws Exception {
        String image = "\"images\":[{\"type\":\"image_url\",\"image_url\":{\"url\":\"data:image/png;base64,%s\"}}]";
        String answer =
                "{\"id\":\"g\",\"provider\":\"p\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
                        + "\"content\":\"here\"," + image + "}}],\"usage\":{\"cost\":0.1}}";

        Answer small = answered(
                INFERENCE,
                chat(",'modalities':['image','text']"),
                upstream -> upstream.head(200, "Content-Type: application/json")
                        .send(answer.formatted("aGk="))
                        .finish());
        Answer large = answered(
                INFERENCE,
                chat(",'modalities':['image','text']"),
                upstream -> upstream.head(200, "Content-Type: application/json")
                        .send(answer.formatted("aGk=".repeat(300_000)))
                        .finish());

        assertThat(small.json().at("/choices/0/message/images/0/image_url/url").asText())
                .isEqualTo("data:image/png;base64,aGk=");
        assertThat(small.json().has("provider")).isFalse();
        assertThat(large.text()).isEqualTo(answer.formatted("aGk=".repeat(300_000)));
    }

    @Test
    void audio_comes_out_piece_by_piece() throws Exception {
        Answer answer = answered(
                STREAM,
                chat(",'modalities':['text','audio'],'audio':{'voice':'alloy','format':'wav'}"),
                upstream -> upstream.startStream()
                        .event("{\"id\":\"g\",\"choices\":[{\"index\":0,\"delta\":{\"audio\":{\"data\":\"aGk=\"}}}]}")
                        .event(
                                "{\"id\":\"g\",\"choices\":[{\"index\":0,\"delta\":{\"audio\":{\"transcript\":\"hi\"}}}]}")
                        .event("[DONE]")
                        .finish());

        List<String> events = events(answer);
        assertThat(E2e.json(events.get(0)).at("/choices/0/delta/audio/data").asText())
                .isEqualTo("aGk=");
        assertThat(E2e.json(events.get(1))
                        .at("/choices/0/delta/audio/transcript")
                        .asText())
                .isEqualTo("hi");
        assertThat(events.get(2)).isEqualTo("[DONE]");
    }

    @Test
    void a_client_that_leaves_ends_the_upstream() throws Exception {
        CompletableFuture<Conversation> next = e2e.upstream.conversation(MODEL);
        Conversation upstream;
        try (WireClient client = new WireClient(e2e.port())) {
            client.request("POST", STREAM, chat("").replace('\'', '"').getBytes(StandardCharsets.UTF_8), JSON);
            upstream = next.get(20, TimeUnit.SECONDS).startStream();
            upstream.event("{\"id\":\"g\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}");
            assertThat(client.headStatus()).isEqualTo(200);
        }
        assertThat(upstream.awaitClientClosed(Duration.ofSeconds(10))).isTrue();
    }
}
