package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.exchange.Api;
import dev.keyway.sandbox.Conversation;
import dev.keyway.upstream.RawClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How a stream ends for the client, for each API and each way in which the upstream can end it. */
class EndsOfEachApiTest {
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<Api> APIS = List.of(Api.CHAT, Api.COMPLETIONS, Api.RESPONSES, Api.MESSAGES);

    @TempDir
    static Path home;

    private static Heart heart;
    private RawClient client;

    /** What the upstream does behind the first events and half of another. */
    private enum Break {
        FIN("provider_unavailable") {
            @Override
            void on(Conversation upstream) throws IOException {
                upstream.cut();
            }
        },
        RST("provider_unavailable") {
            @Override
            void on(Conversation upstream) throws IOException {
                upstream.reset();
            }
        },
        STALL("timeout") {
            @Override
            void on(Conversation upstream) {
                // The idle clock is short.
            }
        },
        BROKEN_CHUNK("provider_unavailable") {
            @Override
            void on(Conversation upstream) throws IOException {
                upstream.raw("XYZ\r\nno chunk\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        },
        CLEAN_END_WITHOUT_THE_LAST_EVENT("provider_unavailable") {
            @Override
            void on(Conversation upstream) throws IOException {
                upstream.finish();
            }
        };

        private final String errorType;

        Break(String errorType) {
            this.errorType = errorType;
        }

        abstract void on(Conversation upstream) throws IOException;
    }

    private static String first(Api api) {
        return switch (api) {
            case CHAT ->
                "data: {\"id\":\"gen-7\",\"created\":1700000000,\"model\":\"m/x\","
                        + "\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
            case COMPLETIONS ->
                "data: {\"id\":\"gen-7\",\"created\":1700000000,\"model\":\"m/x\",\"choices\":[{\"text\":\"a\"}]}\n\n";
            case RESPONSES -> """
                data: {"type":"response.created","response":{"id":"gen-7","model":"m/x"},"sequence_number":0}

                data: {"type":"response.output_text.delta","delta":"a","sequence_number":4}

                """;
            default -> """
                event: message_start
                data: {"type":"message_start","message":{"id":"gen-7","model":"m/x"}}

                """;
        };
    }

    private static String finish(Api api) {
        return switch (api) {
            case CHAT -> "data: {\"id\":\"gen-7\",\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n";
            case COMPLETIONS -> "data: {\"id\":\"gen-7\",\"choices\":[{\"text\":\"\",\"finish_reason\":\"stop\"}]}\n\n";
            case RESPONSES ->
                "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"},"
                        + "\"sequence_number\":5}\n\n";
            default -> "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";
        };
    }

    private static String error(Api api) {
        return switch (api) {
            case CHAT ->
                "data: {\"error\":{\"code\":502,\"message\":\"theirs\"},\"choices\":[{\"finish_reason\":\"error\"}]}\n\n";
            case COMPLETIONS -> "data: {\"error\":{\"code\":\"server_error\",\"message\":\"theirs\"}}\n\n";
            case RESPONSES ->
                "data: {\"type\":\"error\",\"code\":\"server_error\",\"message\":\"theirs\",\"sequence_number\":5}\n\n";
            default -> """
                event: error
                data: {"type":"error","error":{"type":"api_error","message":"theirs"}}

                """;
        };
    }

    @BeforeAll
    static void startAll() throws IOException {
        heart = Heart.start(home, "upstream.idle_timeout=400ms");
    }

    @AfterAll
    static void stopAll() throws IOException {
        heart.close();
    }

    @BeforeEach
    void start() throws IOException {
        client = heart.client();
        heart.sandbox.clear();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
    }

    private Conversation stream(Api api) throws Exception {
        String input = switch (api) {
            case COMPLETIONS -> "\"prompt\":\"Hi\"";
            case RESPONSES -> "\"input\":\"Hi\"";
            default -> "\"max_tokens\":9,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";
        };
        CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
        client.post("/v1" + api.path(), "{\"model\":\"" + MODEL + "\",\"stream\":true," + input + "}");
        return Heart.taken(next).startStream();
    }

    static Stream<Arguments> breaks() {
        return APIS.stream().flatMap(api -> Stream.of(Break.values()).map(how -> Arguments.of(api, how)));
    }

    @ParameterizedTest
    @MethodSource("breaks")
    void broken_stream_ends_with_one_error_event_in_the_shape_of_its_api(Api api, Break how) throws Exception {
        Conversation upstream = stream(api).send(first(api));
        upstream.send("data: {\"half\":\"an");
        String head = client.readUntil(first(api).lines().findFirst().orElseThrow());

        how.on(upstream);

        String rest = client.readUntil("0\r\n\r\n");
        assertThat(head).startsWith("HTTP/1.1 200");
        assertThat(rest).doesNotContain("half").doesNotContain("[DONE]").doesNotContain("\"error\":null");
        JsonNode error = JSON.readTree(rest.substring(rest.lastIndexOf("data: ") + 6)
                .lines()
                .findFirst()
                .orElse(""));
        switch (api) {
            case RESPONSES -> {
                assertThat(error.path("type").asText()).isEqualTo("error");
                assertThat(error.path("code").asText()).isEqualTo("server_error");
                assertThat(error.path("sequence_number").asInt()).isEqualTo(5);
                assertThat(error.path("param").isNull()).isTrue();
            }
            case MESSAGES -> {
                assertThat(rest).contains("event: error\ndata: ");
                assertThat(error.at("/error/error_type").asText()).isEqualTo(how.errorType);
                assertThat(error.path("request_id").asText()).isEqualTo("gen-7");
            }
            default -> {
                assertThat(error.path("id").asText()).isEqualTo("gen-7");
                assertThat(error.path("created").asLong()).isEqualTo(1700000000L);
                assertThat(error.path("model").asText()).isEqualTo("m/x");
                assertThat(error.at("/choices/0/finish_reason").asText()).isEqualTo("error");
                assertThat(error.at("/error/metadata/error_type").asText()).isEqualTo(how.errorType);
            }
        }
        assertThat(heart.sandbox.received()).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource(names = {"CHAT", "COMPLETIONS", "RESPONSES", "MESSAGES"})
    void stream_that_said_why_it_finished_is_whole_without_an_end_mark(Api api) throws Exception {
        stream(api).send(first(api) + finish(api)).finish();

        Answer answer = client.answer();

        assertThat(answer.whole()).isTrue();
        assertThat(answer.text()).isEqualTo(first(api) + finish(api));
    }

    /** The upstream has already said it; a second error would be read as another one. */
    @ParameterizedTest
    @EnumSource(names = {"CHAT", "COMPLETIONS", "RESPONSES", "MESSAGES"})
    void error_event_of_the_upstream_is_the_end_however_the_connection_ends(Api api) throws Exception {
        Conversation upstream = stream(api).send(first(api) + error(api));
        String seen = client.readUntil("theirs");

        upstream.reset();

        seen += client.readUntil("0\r\n\r\n");
        assertThat(seen.split("\"error\"", -1)).hasSize(error(api).split("\"error\"", -1).length);
        assertThat(seen).doesNotContain("provider_unavailable").contains("theirs");
        assertThat(heart.sandbox.received()).hasSize(1);
    }
}
