package dev.keyway.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Answer;
import dev.keyway.exchange.Api;
import dev.keyway.exchange.Usage;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTapTest {
    private static final String SSE = "text/event-stream";
    private static final String JSON = "application/json; charset=utf-8";
    private static final String ID = "gen-1795100400-Qm4Zt8Lr2VxKp7Wd1Hns";
    private static final String SONNET = "anthropic/claude-4.6-sonnet-20260217";

    static Stream<Arguments> streams() {
        return Stream.of(
                Arguments.of(
                        "chat-stream.sse",
                        Api.CHAT,
                        answer(SONNET, "Amazon Bedrock", "tool_calls", usage(120, 0, 58, 12, "0.00123")),
                        new SeenIds(ID, 1795100400L, SONNET, -1, true)),
                Arguments.of(
                        "chat-stream-usage-repeat.sse",
                        Api.CHAT,
                        answer("openai/gpt-4.1-mini", "OpenAI", "stop", usage(21, 0, 4, 0, "0.0000148")),
                        new SeenIds(ID, 1795100400L, "openai/gpt-4.1-mini", -1, true)),
                Arguments.of(
                        "completions-stream.sse",
                        Api.COMPLETIONS,
                        answer("openai/gpt-3.5-turbo-instruct", "OpenAI", "stop", usage(6, 0, 3, 0, null)),
                        new SeenIds(ID, 1795100400L, "openai/gpt-3.5-turbo-instruct", -1, true)),
                Arguments.of(
                        "chat-stream-truncated.sse",
                        Api.CHAT,
                        answer(SONNET, "Amazon Bedrock", null, null),
                        new SeenIds(ID, 1795100400L, SONNET, -1, false)),
                Arguments.of(
                        "chat-stream-midstream-error.sse",
                        Api.CHAT,
                        answer(SONNET, "Amazon Bedrock", "error", null),
                        new SeenIds(ID, 1795100400L, SONNET, -1, true)),
                Arguments.of(
                        "messages-stream.sse",
                        Api.MESSAGES,
                        answer(SONNET, "Anthropic", "tool_use", usage(31, 0, 40, 0, "0.000693")),
                        new SeenIds(ID, null, SONNET, -1, true)),
                Arguments.of(
                        "responses-stream.sse",
                        Api.RESPONSES,
                        answer("openai/gpt-5.2", null, "completed", usage(22, 0, 19, 8, "0.0003045")),
                        new SeenIds(ID, 1795100400L, "openai/gpt-5.2", 15, true)),
                Arguments.of(
                        "responses-stream-named.sse",
                        Api.RESPONSES,
                        answer("openai/gpt-5.2", null, "completed", usage(22, 0, 19, 8, "0.0003045")),
                        new SeenIds(ID, 1795100400L, "openai/gpt-5.2", 15, true)));
    }

    @ParameterizedTest
    @MethodSource("streams")
    void a_stream_tells_its_answer_wherever_it_is_cut(String fixture, Api api, Answer answer, SeenIds seen) {
        for (String lineEnd : List.of("\n", "\r\n", "\r")) {
            byte[] stream = Fixtures.text(fixture).replace("\n", lineEnd).getBytes(UTF_8);
            for (List<ByteBuffer> chunks :
                    lineEnd.equals("\n") ? Fixtures.cuts(stream) : Fixtures.cutsAtLineEnds(stream)) {
                UsageTap tap = read(api, SSE, chunks);
                assertThat(tap.answer()).isEqualTo(answer);
                assertThat(tap.seen()).isEqualTo(seen);
                assertThat(tap.sawError()).isEqualTo(fixture.contains("error"));
            }
        }
    }

    static Stream<Arguments> bodies() {
        String mini = "openai/gpt-4o-mini";
        return Stream.of(
                Arguments.of("chat.json", answer(mini, "OpenAI", "stop", usage(18, 0, 11, 0, "0.0000093"))),
                Arguments.of("chat-padded.json", answer(mini, "OpenAI", "stop", usage(18, 0, 11, 0, "0.0000093"))),
                Arguments.of("chat-metadata.json", answer(mini, "OpenAI", "stop", usage(9, 0, 1, 0, "0.00000195"))),
                Arguments.of(
                        "chat-images.json",
                        answer("google/gemini-2.5-flash-image", "Google", "stop", usage(7, 0, 1290, 0, "0.0387021"))),
                Arguments.of(
                        "chat-tools-reasoning-cache.json",
                        answer(SONNET, "Amazon Bedrock", "tool_calls", usage(2210, 2100, 64, 21, "0.00165"))),
                Arguments.of(
                        "completions.json",
                        answer("openai/gpt-3.5-turbo-instruct", "OpenAI", "stop", usage(6, 0, 3, 0, "0.000015"))),
                Arguments.of("messages.json", answer(SONNET, "Anthropic", "end_turn", usage(31, 0, 22, 0, "0.000423"))),
                Arguments.of(
                        "responses.json",
                        answer("openai/gpt-5.2", null, "completed", usage(22, 0, 19, 8, "0.0003045"))),
                Arguments.of(
                        "responses-tool.json",
                        answer("openai/gpt-5.2", null, "completed", usage(22, 0, 19, 8, "0.0003045"))));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void a_whole_answer_tells_the_same_wherever_it_is_cut(String fixture, Answer answer) {
        Api api = fixture.startsWith("responses") ? Api.RESPONSES : Api.CHAT;

        for (List<ByteBuffer> chunks : Fixtures.cuts(Fixtures.bytes(fixture))) {
            UsageTap tap = read(api, JSON, chunks);
            assertThat(tap.answer()).isEqualTo(answer);
            assertThat(tap.seen().ended()).isTrue();
            assertThat(tap.sawError()).isFalse();
        }
    }

    @Test
    void a_whole_answer_has_ended_with_its_last_brace_only() {
        UsageTap cut = whole(Api.CHAT, "{\"id\":\"gen-1\",\"choices\":[{\"finish_reason\":\"error\"}]");

        assertThat(cut.seen().ended()).isFalse();
        assertThat(cut.sawError()).isTrue();
    }

    @Test
    void counters_and_cost_of_other_answers_are_read() {
        assertThat(whole(Api.RERANK, Fixtures.text("rerank.json")).answer())
                .isEqualTo(new Answer(
                        "cohere/rerank-v3.5",
                        "Cohere",
                        "gen-rerank-1795100400-Zz9Yy8Xx7Ww6Vv5Uu4Tt",
                        null,
                        usage(0, 0, 0, 0, "0.002")));
        assertThat(whole(Api.CHAT, Fixtures.text("chat-cache-hit.json"))
                        .answer()
                        .usage())
                .isEqualTo(usage(0, 0, 0, 0, "0"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"choices\":[]",
                "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"stop\"}]",
                "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":null}]"
            })
    void each_form_of_the_usage_chunk_keeps_the_reason_to_finish(String choices) {
        String stream = "data: {\"id\":\"gen-1\",\"model\":\"m\",\"choices\":[{\"finish_reason\":null}]}\n\n"
                + "data: {\"id\":\"gen-1\",\"choices\":[{\"finish_reason\": \"stop\"}],\"usage\":null}\n\n"
                + "data: {\"id\":\"gen-1\"," + choices
                + ",\"usage\" : {\"prompt_tokens\":3,\"completion_tokens\":2,\"cost\":0.10}}\n\ndata: [DONE]\n\n";

        Answer answer =
                read(Api.CHAT, SSE, Fixtures.chunks(stream.getBytes(UTF_8), 5)).answer();

        assertThat(answer).isEqualTo(new Answer("m", null, "gen-1", "stop", usage(3, 0, 2, 0, "0.10")));
    }

    @Test
    void the_last_usage_wins_and_silence_erases_nothing() {
        String stream = "data: {\"id\":\"gen-1\",\"model\":\"m\",\"usage\":{\"prompt_tokens\":3,\"cost\":1}}\n\n"
                + "data: {\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":9,\"cost\":null,"
                + "\"prompt_tokens_details\":null}}\n\n"
                + "data: {\"usage\":null}\n\ndata: {\"usage\":{}}\n\ndata: {\"usage\":7}\n\n";

        assertThat(read(Api.CHAT, SSE, List.of(buffer(stream))).answer().usage())
                .isEqualTo(usage(4, 0, 9, 0, "1"));
    }

    @Test
    void cache_counters_of_the_messages_api_are_read() {
        String stream = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"gen-2\","
                + "\"model\":\"m\",\"usage\":{\"input_tokens\":7,\"output_tokens\":0,"
                + "\"cache_read_input_tokens\":90,\"cache_creation_input_tokens\":5}}}\n\n"
                + "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},"
                + "\"usage\":{\"output_tokens\":12,\"cost\":0.5}}\n\n"
                + "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

        UsageTap tap = read(Api.MESSAGES, SSE, Fixtures.chunks(stream.getBytes(UTF_8), 7));

        assertThat(tap.answer())
                .isEqualTo(
                        new Answer("m", null, "gen-2", "end_turn", new Usage(7, 90, 5, 12, 0, new BigDecimal("0.5"))));
        assertThat(tap.seen().ended()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "1.48e-05,0.0000148",
        "0.1234567890123456789012345678901234567890,0.1234567890123456789012345678901234567890",
        "\"0.25\",0.25",
        "1E2,1E+2",
        "0,0",
        "1.50,1.50",
        "-1,",
        "1e300,",
        "1e-300,",
        "1e99999999999,",
        "1e2147483647,",
        "1e-2147483647,",
        "1e2147483648,",
        "0e-2147483648,",
        "\"NaN\",",
        "\"a lot\",",
        "{\"total\":1},",
        "true,",
        "null,",
        "[],"
    })
    void cost_is_exact_and_nonsense_is_none(String text, @Nullable BigDecimal cost) {
        String json =
                "{\"id\":\"gen-1\",\"usage\":{\"prompt_tokens\":\"5\",\"completion_tokens\":-3,\"cost\":" + text + "}}";

        Usage usage = whole(Api.CHAT, json).answer().usage();

        assertThat(usage == null ? null : usage.cost()).isEqualTo(cost);
        if (!text.startsWith("1e9999") && !text.contains("2147483648")) {
            assertThat(usage).isEqualTo(new Usage(5, 0, 0, 0, 0, cost));
        }
    }

    @Test
    void usage_deep_in_an_answer_or_in_its_text_is_not_the_answers() {
        String json = "{\"choices\":[{\"message\":{\"content\":\"{\\\"usage\\\":{\\\"cost\\\":9}}\","
                + "\"usage\":{\"cost\":8},\"id\":\"gen-no\",\"model\":\"no\"},\"usage\":{\"cost\":7}}],"
                + "\"data\":{\"usage\":{\"cost\":6}},\"usage\":{\"cost\":1},\"id\":\"gen-yes\"}";

        Answer answer = whole(Api.CHAT, json).answer();

        assertThat(answer).isEqualTo(new Answer(null, null, "gen-yes", null, usage(0, 0, 0, 0, "1")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"choices\":[{\"finish_reason\":\"error\"}]} | true",
                "{\"choices\":[{\"finish_reason\":\"stop\",\"error\":{\"code\":502}}]} | true",
                "{\"error\":{\"code\":502}} | true",
                "{\"error\":\"boom\"} | true",
                "{\"type\":\"error\",\"code\":\"server_error\"} | true",
                "{\"type\":\"response.failed\",\"response\":{\"error\":null}} | true",
                "{\"error\":false,\"choices\":[]} | false",
                "{\"error\":null,\"choices\":[{\"error\":null}]} | false",
                "{\"choices\":[{\"delta\":{\"content\":\"error\"}}]} | false"
            })
    void errors_in_the_middle_of_a_stream_are_noticed(String event, boolean error) {
        String stream = "data: {\"id\":\"gen-1\",\"model\":\"m\"}\n\ndata: " + event + "\n\n";

        UsageTap tap = read(Api.CHAT, SSE, List.of(buffer(stream)));

        assertThat(tap.sawError()).isEqualTo(error);
        assertThat(tap.seen().ended()).describedAs("nothing follows an error").isEqualTo(error);
    }

    @Test
    void an_event_over_the_limit_is_read_without_being_held() {
        String image = "A".repeat(3 << 20);
        String stream = "data: {\"type\":\"response.created\",\"response\":{\"id\":\"gen-3\",\"model\":\"m\"},"
                + "\"sequence_number\":0}\n\ndata: {\"type\":\"response.completed\",\"response\":{\"output\":[{\"result\":\""
                + image + "\"}],\"status\":\"completed\",\"usage\":{\"input_tokens\":1,\"output_tokens\":2,"
                + "\"cost\":0.04}},\"sequence_number\":1}\n\n";

        UsageTap tap = read(Api.RESPONSES, SSE, Fixtures.chunks(stream.getBytes(UTF_8), 8192));

        assertThat(tap.answer()).isEqualTo(new Answer("m", null, "gen-3", "completed", usage(1, 0, 2, 0, "0.04")));
        assertThat(tap.seen()).isEqualTo(new SeenIds("gen-3", null, "m", 1, true));
    }

    @Test
    void progress_grows_with_data_and_not_with_comments_or_padding() {
        UsageTap events = UsageTaps.of(Api.CHAT, SSE);
        UsageTap json = UsageTaps.of(Api.CHAT, JSON);

        events.onBytes(buffer(": OPENROUTER PROCESSING\n\n"));
        json.onBytes(buffer("\n        \n"));
        assertThat(events.progress() + json.progress()).isZero();
        events.onBytes(buffer("data: {}\n\n: OPENROUTER PROCESSING\n\ndata: {"));
        json.onBytes(buffer("{"));
        assertThat(events.progress()).isEqualTo(1);
        assertThat(json.progress()).isEqualTo(1);
        events.onBytes(buffer("}\n\n"));
        assertThat(events.progress()).isEqualTo(2);
    }

    @Test
    void a_mislabelled_answer_is_read_by_what_it_is_and_media_are_let_by() {
        List<ByteBuffer> stream = List.of(ByteBuffer.wrap(Fixtures.bytes("chat-stream.sse")));
        List<ByteBuffer> body = List.of(ByteBuffer.wrap(Fixtures.bytes("chat.json")));

        assertThat(read(Api.CHAT, null, stream).answer().usage()).isNotNull();
        assertThat(read(Api.CHAT, SSE, body).answer().usage()).isNotNull();
        assertThat(read(Api.SPEECH, "audio/mpeg", body).answer()).isEqualTo(Answer.NONE);
        assertThat(read(Api.CHAT, "text/html", List.of(buffer("<html>"))).answer())
                .isEqualTo(Answer.NONE);
    }

    @Test
    void only_a_response_has_its_status_for_a_reason_to_finish() {
        assertThat(whole(Api.VIDEOS, "{\"id\":\"v\",\"status\":\"completed\"}").answer())
                .isEqualTo(Answer.NONE);
        assertThat(whole(Api.RESPONSES, "{\"status\":\"failed\"}").sawError()).isTrue();
    }

    @Test
    void hostile_bytes_never_throw_and_read_the_same_in_any_chunks() {
        Random random = new Random(5);
        String[] words = {
            "{",
            "}",
            "[",
            "]",
            "\"usage\":",
            "\"choices\":[{",
            "\"finish_reason\":\"x\"",
            "\"error\":",
            ":",
            ",",
            "null",
            "\\",
            "\"",
            "1e9",
            "\"cost\":",
            "\"id\":\"a\"",
            "\n",
            "\r\n",
            "data: ",
            "event: error",
            "\"sequence_number\":4",
            "\"response\":{",
            "\"model\":\"\\ud800\""
        };

        for (int round = 0; round < 5000; round++) {
            StringBuilder body = new StringBuilder(round % 2 == 0 ? "{" : "data: {");
            for (int i = 0; i < 40; i++) {
                body.append(random.nextInt(12) == 0 ? (char) random.nextInt(256) : words[random.nextInt(words.length)]);
            }
            byte[] bytes = body.toString().getBytes(UTF_8);
            UsageTap whole = read(Api.RESPONSES, round % 2 == 0 ? JSON : SSE, List.of(ByteBuffer.wrap(bytes)));
            UsageTap cut = read(Api.RESPONSES, round % 2 == 0 ? JSON : SSE, Fixtures.chunks(bytes, 1));
            assertThat(cut.answer()).describedAs(body.toString()).isEqualTo(whole.answer());
            assertThat(cut.seen()).isEqualTo(whole.seen());
            assertThat(cut.sawError()).isEqualTo(whole.sawError());
        }
    }

    private static UsageTap whole(Api api, String json) {
        return read(api, JSON, Fixtures.chunks(json.getBytes(UTF_8), 3));
    }

    private static UsageTap read(Api api, @Nullable String contentType, List<ByteBuffer> chunks) {
        UsageTap tap = UsageTaps.of(api, contentType);
        chunks.forEach(tap::onBytes);
        tap.onEnd();
        return tap;
    }

    private static Answer answer(
            String model, @Nullable String provider, @Nullable String finish, @Nullable Usage usage) {
        return new Answer(model, provider, ID, finish, usage);
    }

    private static Usage usage(long prompt, long cached, long completion, long reasoning, @Nullable String cost) {
        return new Usage(prompt, cached, 0, completion, reasoning, cost == null ? null : new BigDecimal(cost));
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}
