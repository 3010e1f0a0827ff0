package dev.keyway.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class OtherApisTest {
    private static final String MESSAGES =
            "{\"model\":\"anthropic/claude-sonnet-4.6\",\"max_tokens\":500,\"thinking\":{\"type\":\"adaptive\"},"
                    + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    private static final String RESPONSES =
            "{\"model\":\"openai/gpt-5.2\",\"reasoning\":{\"effort\":\"low\",\"summary\":\"auto\"},\"input\":\"hi\"}";
    private Sandbox sandbox;

    @BeforeEach
    void start() throws IOException {
        sandbox = Sandbox.start(SandboxOptions.forTests());
    }

    @AfterEach
    void stop() {
        sandbox.close();
    }

    private RawClient.Answer ask(String path, String json) throws IOException {
        try (RawClient client = new RawClient(sandbox)) {
            return client.post(path, json).answer();
        }
    }

    private RawClient.Answer get(String path) throws IOException {
        try (RawClient client = new RawClient(sandbox)) {
            return client.get(path).answer();
        }
    }

    private static String streaming(String json) {
        return json.substring(0, json.length() - 1) + ",\"stream\":true}";
    }

    @Test
    void messages_answer_has_the_members_of_the_real_one() throws Exception {
        RawClient.Answer answer = ask("/messages", MESSAGES);

        assertThat(Shapes.of(answer.json())).isEqualTo(Shapes.of(Shapes.json("messages.json")));
    }

    @Test
    void messages_stream_names_every_event_and_ends_with_the_stray_done() throws Exception {
        RawClient.Answer answer = ask("/messages", streaming(MESSAGES));

        List<String> names = new ArrayList<>();
        for (String line : answer.body().split("\n", -1)) {
            if (line.startsWith("event: ")) {
                names.add(line.substring(7));
            }
        }
        List<String> types = answer.events().stream()
                .map(event -> event.get("type").asText())
                .toList();
        assertThat(names.subList(0, names.size() - 1)).isEqualTo(types);
        assertThat(types)
                .startsWith("message_start", "ping", "content_block_start")
                .endsWith("message_stop");
        assertThat(answer.body()).endsWith("event: data\ndata: [DONE]\n\n");
        JsonNode real = Shapes.events("messages-stream.sse").get(0);
        assertThat(Shapes.of(answer.events().get(0))).isEqualTo(Shapes.of(real));
        JsonNode last = answer.events().get(types.indexOf("message_delta"));
        assertThat(Shapes.of(last)).contains(".usage.cost", ".usage.output_tokens");
    }

    @Test
    void messages_errors_have_anthropics_envelope() throws Exception {
        RawClient.Answer answer = ask("/messages", MESSAGES.replace("anthropic/claude-sonnet-4.6", "sandbox/529"));

        assertThat(answer.status()).isEqualTo(529);
        assertThat(answer.json().get("error"))
                .isEqualTo(Shapes.json("messages-error-529.json").get("error"));
        assertThat(Shapes.of(answer.json())).isEqualTo(Shapes.of(Shapes.json("messages-error-529.json")));
    }

    @Test
    void messages_take_the_key_as_x_api_key_too() throws Exception {
        RawClient.Answer answer;
        try (RawClient client = new RawClient(sandbox)) {
            client.send("POST /api/v1/messages HTTP/1.1\r\nHost: x\r\nx-api-key: " + RawClient.KEY
                    + "\r\nContent-Length: " + MESSAGES.length() + "\r\n\r\n" + MESSAGES);
            answer = client.answer();
        }

        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void responses_answer_has_the_members_of_the_real_one() throws Exception {
        RawClient.Answer answer = ask("/responses", RESPONSES);

        assertThat(Shapes.of(answer.json())).isEqualTo(Shapes.of(Shapes.json("responses.json")));
    }

    @Test
    void responses_stream_numbers_its_events_without_a_gap_in_the_real_order() throws Exception {
        RawClient.Answer answer = ask("/responses", streaming(RESPONSES));

        List<JsonNode> events = answer.events();
        for (int i = 0; i < events.size(); i++) {
            assertThat(events.get(i).get("sequence_number").asInt()).isEqualTo(i);
        }
        List<String> kinds = events.stream()
                .map(event -> event.get("type").asText())
                .distinct()
                .toList();
        List<String> real = Shapes.events("responses-stream.sse").stream()
                .map(event -> event.get("type").asText())
                .distinct()
                .toList();
        assertThat(kinds).isEqualTo(real);
        assertThat(Shapes.of(events.get(events.size() - 1)))
                .isEqualTo(Shapes.of(Shapes.events("responses-stream.sse").get(15)));
        assertThat(answer.body()).endsWith("data: [DONE]\n\n");
    }

    @Test
    void responses_are_stateless() throws Exception {
        RawClient.Answer answer = ask("/responses", RESPONSES.replace("}", ",\"store\":true}"));

        assertThat(answer.status()).isEqualTo(400);
    }

    @Test
    void embeddings_honour_their_encoding() throws Exception {
        String ask = "{\"model\":\"openai/text-embedding-3-small\",\"input\":[\"a\",\"b\"],\"dimensions\":4}";

        JsonNode floats = ask("/embeddings", ask).json();
        JsonNode base64 = ask("/embeddings", ask.replace("}", ",\"encoding_format\":\"base64\"}"))
                .json();

        assertThat(Shapes.of(floats)).isEqualTo(Shapes.of(Shapes.json("embeddings.json")));
        assertThat(floats.at("/data/1/embedding").size()).isEqualTo(4);
        assertThat(base64.at("/data/0/embedding").isTextual()).isTrue();
        assertThat(floats.at("/usage/cost").decimalValue()).isEqualByComparingTo(new BigDecimal("0.00000002"));
    }

    @Test
    void rerank_has_the_members_of_the_real_one() throws Exception {
        RawClient.Answer answer =
                ask("/rerank", "{\"model\":\"cohere/rerank-v3.5\",\"query\":\"q\",\"documents\":[\"a\",\"b\"]}");

        assertThat(Shapes.of(answer.json())).isEqualTo(Shapes.of(Shapes.json("rerank.json")));
    }

    @Test
    void speech_is_bytes_and_transcription_takes_multipart() throws Exception {
        RawClient.Answer speech = ask("/audio/speech", "{\"model\":\"openai/gpt-4o-mini-tts\",\"input\":\"hello\"}");
        String form = String.join(
                "\r\n",
                "--b",
                "Content-Disposition: form-data; name=\"model\"",
                "",
                "openai/whisper-1",
                "--b",
                "Content-Disposition: form-data; name=\"file\"; filename=\"a.wav\"",
                "",
                "RIFF",
                "--b--",
                "");
        RawClient.Answer text;
        try (RawClient client = new RawClient(sandbox)) {
            client.send("POST /api/v1/audio/transcriptions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                    + RawClient.KEY + "\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: "
                    + form.length() + "\r\n\r\n" + form);
            text = client.answer();
        }

        assertThat(speech.header("Content-Type")).isEqualTo("audio/pcm;rate=24000;channels=1");
        assertThat(text.json().get("text").asText()).contains(form.length() + " bytes");
    }

    @Test
    void images_come_in_base64() throws Exception {
        RawClient.Answer answer =
                ask("/images", "{\"model\":\"google/gemini-2.5-flash-image\",\"prompt\":\"a dot\",\"n\":2}");

        assertThat(answer.json().get("data").size()).isEqualTo(2);
    }

    @Test
    void catalogue_has_the_members_of_the_real_one_and_pages() throws Exception {
        RawClient.Answer page = get("/models?offset=0&limit=2");
        RawClient.Answer all = get("/models");

        assertThat(Shapes.of(page.json())).isEqualTo(Shapes.of(Shapes.json("models-page.json")));
        assertThat(page.json().at("/links/next").asText()).isEqualTo("/api/v1/models?offset=2&limit=2");
        assertThat(all.json().at("/links/next").isNull()).isTrue();
        assertThat(all.json().get("data").size())
                .isEqualTo(all.json().get("total_count").asInt())
                .isEqualTo(get("/models/count").json().at("/data/count").asInt());
        assertThat(get("/models?limit=0").status()).isEqualTo(400);
    }

    @Test
    void one_model_its_endpoints_and_the_providers_have_the_real_members() throws Exception {
        assertThat(Shapes.of(get("/model/openai/gpt-4o-mini").json())).isEqualTo(Shapes.of(Shapes.json("model.json")));
        assertThat(Shapes.of(get("/models/meta-llama/llama-3.3-70b-instruct/endpoints")
                        .json()))
                .isEqualTo(Shapes.of(Shapes.json("model-endpoints.json")));
        assertThat(Shapes.of(get("/providers").json())).isEqualTo(Shapes.of(Shapes.json("providers.json")));
        assertThat(get("/model/acme/none").status()).isEqualTo(404);
    }

    @Test
    void key_and_credits_have_the_real_members() throws Exception {
        assertThat(Shapes.of(get("/credits").json())).isEqualTo(Shapes.of(Shapes.json("credits.json")));
        assertThat(Shapes.of(Shapes.json("key-free.json")))
                .isEqualTo(Shapes.of(get("/key").json()));
    }

    @Test
    void unknown_paths_are_404_in_openrouters_envelope_and_account_writes_are_taken() throws Exception {
        RawClient.Answer none = ask("/no/such/path", "{}");
        RawClient.Answer made = ask("/keys", "{\"name\":\"x\"}");

        assertThat(none.status()).isEqualTo(404);
        assertThat(none.json().at("/error/code").asInt()).isEqualTo(404);
        assertThat(made.status()).isEqualTo(201);
        assertThat(made.json().get("key").asText()).startsWith("sk-or-");
    }
}
