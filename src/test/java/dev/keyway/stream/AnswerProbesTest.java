package dev.keyway.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.stream.FirstWord.Failure;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AnswerProbesTest {
    private static final String SSE = "text/event-stream; charset=utf-8";
    private static final String JSON = "application/json";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chat-stream.sse",
                "chat-stream-usage-repeat.sse",
                "chat-stream-midstream-error.sse",
                "chat-stream-truncated.sse",
                "completions-stream.sse",
                "messages-stream.sse",
                "responses-stream.sse",
                "responses-stream-named.sse"
            })
    void a_stream_is_an_answer_with_its_first_event_and_not_before(String fixture) {
        for (String lineEnd : List.of("\n", "\r\n", "\r")) {
            String text = Fixtures.text(fixture).replace("\n", lineEnd);
            byte[] stream = text.getBytes(UTF_8);
            int firstEvent = text.indexOf(lineEnd + lineEnd, text.indexOf("data: ")) + 2 * lineEnd.length();
            for (int cut = 0; cut <= Math.min(stream.length, firstEvent + 20); cut++) {
                AnswerProbe probe = AnswerProbes.of(SSE);
                FirstWord early = probe.feed(ByteBuffer.wrap(stream, 0, cut));
                boolean complete = cut >= firstEvent - (lineEnd.equals("\r\n") ? 1 : 0);
                assertThat(early instanceof FirstWord.Answer)
                        .describedAs("%s cut at %d of %d", fixture, cut, firstEvent)
                        .isEqualTo(complete);
                assertThat(probe.feed(ByteBuffer.wrap(stream, cut, stream.length - cut)))
                        .isInstanceOf(FirstWord.Answer.class);
            }
        }
    }

    @Test
    void an_error_as_the_first_event_is_a_failure_wherever_it_is_cut() {
        for (String lineEnd : List.of("\n", "\r\n", "\r")) {
            String text = Fixtures.text("chat-stream-error-only.sse").replace("\n", lineEnd);
            String json = text.substring(text.indexOf('{'), text.lastIndexOf('}') + 1);
            for (List<ByteBuffer> chunks : Fixtures.cuts(text.getBytes(UTF_8))) {
                assertFailure(probe(SSE, chunks), 429, json);
            }
        }
    }

    @Test
    void the_whole_error_body_is_a_failure_with_the_upstreams_own_bytes() {
        String body = Fixtures.text("error-200-body.json");
        for (String contentType : Arrays.asList(JSON, null, "text/html", SSE)) {
            for (List<ByteBuffer> chunks : Fixtures.cuts(("\n    \n" + body).getBytes(UTF_8))) {
                assertFailure(probe(contentType, chunks), 500, body.strip());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "messages-error-400.json,400", "messages-error-401.json,401", "messages-error-402.json,402",
        "messages-error-403.json,403", "messages-error-429.json,429", "messages-error-529.json,529"
    })
    void errors_of_the_messages_api_are_failures_as_bodies_and_as_events(String fixture, int status) {
        String body = Fixtures.text(fixture).strip();
        String event = "event: error\ndata: " + body.replace("\n", "\ndata: ") + "\n\n";

        for (List<ByteBuffer> chunks : Fixtures.cuts(body.getBytes(UTF_8))) {
            assertFailure(probe(JSON, chunks), status, body);
        }
        for (List<ByteBuffer> chunks : Fixtures.cuts(event.getBytes(UTF_8))) {
            assertFailure(probe(SSE, chunks), status, body);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "chat.json",
                "chat-padded.json",
                "chat-metadata.json",
                "chat-images.json",
                "chat-cache-hit.json",
                "chat-tools-reasoning-cache.json",
                "completions.json",
                "messages.json",
                "responses.json",
                "responses-tool.json",
                "embeddings.json",
                "rerank.json"
            })
    void a_whole_answer_is_one_as_soon_as_a_member_shows(String fixture) {
        byte[] body = Fixtures.bytes(fixture);
        int firstKey =
                Fixtures.text(fixture).indexOf('"', Fixtures.text(fixture).indexOf('"') + 1);

        for (int cut = 0; cut <= body.length; cut++) {
            AnswerProbe probe = AnswerProbes.of(JSON);
            assertThat(probe.feed(ByteBuffer.wrap(body, 0, cut)) instanceof FirstWord.Answer)
                    .describedAs("%s cut at %d", fixture, cut)
                    .isEqualTo(cut > firstKey);
            assertThat(probe.feed(ByteBuffer.wrap(body, cut, body.length - cut)))
                    .isInstanceOf(FirstWord.Answer.class);
        }
        assertThat(probe(JSON, Fixtures.chunks(body, 1))).isInstanceOf(FirstWord.Answer.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"error\":null}",
                "{\"error\":null,\"id\":\"gen-1\"}",
                "{\"error\":{\"code\":429},\"choices\":[]}",
                "{\"error\":{\"code\":429},\"id\":\"gen-1\"}",
                "{\"type\":\"message\",\"error\":{\"code\":429}}",
                "{\"user_id\":\"u\"}",
                "{}",
                "[{\"error\":{\"code\":429}}]",
                "\"error\""
            })
    void what_is_no_error_is_an_answer_at_the_latest_when_it_ends(String body) {
        for (List<ByteBuffer> chunks : Fixtures.cuts(body.getBytes(UTF_8))) {
            assertThat(ended(JSON, chunks)).isInstanceOf(FirstWord.Answer.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'{\"type\":\"err', JSON that breaks off",
        "'{\"error\":{\"code\":429}', JSON that breaks off",
        "'{ garbage', broken JSON",
        "'<html>{\"error\":{\"code\":429}}</html>', an HTML page",
        "'', an empty body",
        "'  \n ', an empty body"
    })
    void what_says_nothing_is_no_answer_at_the_latest_when_it_ends(String body, String what) {
        for (List<ByteBuffer> chunks : Fixtures.cuts(body.getBytes(UTF_8))) {
            assertThat(ended(JSON, chunks)).isEqualTo(new FirstWord.NoAnswer(what));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "': only\n\n: comments\n\n', an empty body",
        "'event: ping\n\n', a stream without an event",
        "'', an empty body"
    })
    void stream_without_an_event_is_no_answer(String stream, String what) {
        assertThat(ended(SSE, Fixtures.cuts(stream.getBytes(UTF_8)).get(0))).isEqualTo(new FirstWord.NoAnswer(what));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "data: [DONE]\n\ndata: {\"error\":{\"code\":429}}\n\n",
                "data: {\"error\":null,\"choices\":[]}\n\n",
                "data: {\"type\":\"response.created\",\"response\":{\"error\":null}}\n\n",
                "data: {\"choices\":[{\"delta\":{\"content\":\"error\"}}]}\n\n",
                "data: no json\n\n",
                "event: ping\ndata: {\"type\":\"ping\"}\n\n"
            })
    void events_without_an_error_are_an_answer(String stream) {
        assertThat(ended(SSE, Fixtures.chunks(stream.getBytes(UTF_8), 3))).isInstanceOf(FirstWord.Answer.class);
    }

    @Test
    void padding_and_comments_decide_nothing() {
        AnswerProbe json = AnswerProbes.of(JSON);
        AnswerProbe events = AnswerProbes.of(SSE);

        for (int i = 0; i < 100; i++) {
            assertThat(json.feed(buffer("\n         \r\n\t"))).isInstanceOf(FirstWord.Pending.class);
            assertThat(events.feed(buffer(": OPENROUTER PROCESSING\n\n"))).isInstanceOf(FirstWord.Pending.class);
        }
        assertThat(json.feed(buffer("{\"error\":{\"code\":\"503\"}}\n"))).isInstanceOf(Failure.class);
        assertThat(events.feed(buffer("data:\n\ndata: {\"error\":\"boom\"}\n\n")))
                .isInstanceOf(Failure.class);
    }

    @Test
    void comments_before_a_json_body_are_padding_too() {
        assertFailure(
                probe(JSON, List.of(buffer("\uFEFF: OPENROUTER PROCESSING\n\n{\"error\":{\"code\":402}}"))),
                402,
                "{\"error\":{\"code\":402}}");
    }

    @Test
    void an_event_stream_under_a_wrong_content_type_is_still_one() {
        List<ByteBuffer> stream = List.of(ByteBuffer.wrap(Fixtures.bytes("chat-stream-error-only.sse")));

        assertThat(probe(JSON, stream)).isInstanceOf(Failure.class);
        assertThat(probe(null, stream)).isInstanceOf(Failure.class);
        assertThat(probe("audio/mpeg", stream)).isInstanceOf(FirstWord.Answer.class);
        assertThat(probe("text/plain", List.of(buffer("data: text")))).isInstanceOf(FirstWord.Answer.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"error\":{\"code\":429,\"message\":\"m\"}} | 429",
                "{\"error\":{\"code\":\"503\",\"message\":\"m\"}} | 503",
                "{\"error\":{\"code\":200,\"message\":\"m\"}} | 502",
                "{\"error\":{\"code\":null,\"message\":\"m\"}} | 502",
                "{\"error\":{\"code\":4.5e2}} | 502",
                "{\"error\":{\"code\":99999999999999999999}} | 502",
                "{\"error\":{\"code\":\"rate_limit_exceeded\"}} | 429",
                "{\"error\":{\"code\":\"server_error\"}} | 500",
                "{\"error\":{\"code\":\"invalid_prompt\"}} | 400",
                "{\"error\":{\"code\":\"image_parse_error\"}} | 400",
                "{\"error\":{\"code\":\"who_knows\"}} | 502",
                "{\"error\":{\"error_type\":\"provider_overloaded\",\"http_status\":503}} | 503",
                "{\"error\":{\"message\":\"m\",\"metadata\":{\"error_type\":\"timeout\"}}} | 504",
                "{\"error\":{\"type\":\"overloaded_error\"},\"type\":\"error\"} | 529",
                "{\"error\":{\"type\":\"api_error\",\"error_type\":\"provider_unavailable\"}} | 502",
                "{\"error\":{\"message\":\"m\"},\"error_type\":\"not_found\"} | 404",
                "{\"error\":{}} | 502",
                "{\"error\":{\"code\":429},\"user_id\":\"u\",\"openrouter_metadata\":{\"id\":1},\"request_id\":null} | 429",
                "{\"request_id\":\"r\",\"user_id\":null,\"type\":\"error\",\"error\":{\"type\":\"billing_error\"}} | 402"
            })
    void status_and_own_bytes_of_an_error_object(String json, int status) {
        assertFailure(probe(JSON, Fixtures.chunks(json.getBytes(UTF_8), 1)), status, json);
        assertFailure(probe(SSE, List.of(buffer("data: " + json + "\r\n\r\n"))), status, json);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"slow \\\"down\\\"\",\"param\":null,"
                        + "\"sequence_number\":0} | 429 | {\"error\":{\"code\":429,\"message\":\"slow \\\"down\\\"\","
                        + "\"type\":\"rate_limit_exceeded\"}}",
                "{\"type\":\"error\",\"code\":null,\"message\":\"m\",\"metadata\":{\"limit_source\":\"x\"}} | 502"
                        + " | {\"error\":{\"code\":502,\"message\":\"m\",\"metadata\":{\"limit_source\":\"x\"}}}",
                "{\"error\":\"boom\"} | 502 | {\"error\":{\"code\":502,\"message\":\"boom\"}}",
                "{\"error\":\"quota\",\"status\":429} | 429 | {\"error\":{\"code\":429,\"message\":\"quota\"}}",
                "{\"error\":\"\\ud800\"} | 502 | {\"error\":{\"code\":502,\"message\":\"?\"}}"
            })
    void other_errors_come_in_an_envelope(String json, int status, String envelope) {
        assertFailure(probe(JSON, Fixtures.chunks(json.getBytes(UTF_8), 1)), status, envelope);
        assertFailure(probe(SSE, List.of(buffer("data: " + json + "\n\n"))), status, envelope);
    }

    @Test
    void a_response_that_failed_at_once_is_a_failure() {
        String event = "data: {\"type\":\"response.failed\",\"response\":{\"id\":\"resp_1\",\"status\":\"failed\","
                + "\"error\":{\"code\":\"server_error\",\"message\":\"no luck\"}},\"sequence_number\":0}\n\n";

        assertFailure(
                probe(SSE, Fixtures.chunks(event.getBytes(UTF_8), 1)),
                500,
                "{\"error\":{\"code\":500,\"message\":\"no luck\",\"type\":\"server_error\"}}");
    }

    @Test
    void an_event_named_error_is_a_failure_whatever_its_data() {
        assertFailure(
                probe(SSE, List.of(buffer("event: error\ndata: out of luck\n\n"))),
                502,
                "{\"error\":{\"code\":502,\"message\":\"out of luck\"}}");
        assertFailure(
                probe(SSE, List.of(buffer("event: error\ndata: {\"message\":\"m\",\"code\":\"429\"}\n\n"))),
                429,
                "{\"error\":{\"code\":429,\"message\":\"m\"}}");
    }

    @Test
    void an_event_that_only_misses_its_empty_line_decides_at_the_end() {
        assertThat(ended(SSE, List.of(buffer("data: {\"error\":{\"code\":503}}"))))
                .isInstanceOf(Failure.class);
    }

    @Test
    void a_body_or_event_over_the_limit_is_an_answer() {
        String error = "{\"error\":{\"code\":429,\"message\":\"" + "m".repeat(66_000) + "\"}}";

        assertThat(probe(JSON, Fixtures.chunks(error.getBytes(UTF_8), 1000))).isInstanceOf(FirstWord.Answer.class);
        assertThat(probe(SSE, Fixtures.chunks(("data: " + error + "\n\n").getBytes(UTF_8), 1000)))
                .isInstanceOf(FirstWord.Answer.class);
    }

    @Test
    void a_decision_stays() {
        AnswerProbe probe = AnswerProbes.of(SSE);
        FirstWord failure = probe.feed(buffer("data: {\"error\":{\"code\":429}}\n\n"));

        assertThat(probe.feed(buffer("data: {\"id\":\"gen-1\"}\n\n"))).isSameAs(failure);
        assertThat(probe.end()).isSameAs(failure);
    }

    @Test
    void hostile_bytes_never_throw() {
        Random random = new Random(3);
        String[] words = {
            "{", "}", "[", "]", "\"error\"", "\"type\":", "\"error\":", ":", ",", "null", "\\", "\"", "1e9"
        };

        for (int round = 0; round < 5000; round++) {
            StringBuilder body = new StringBuilder(round % 2 == 0 ? "{" : "data: {");
            for (int i = 0; i < 30; i++) {
                body.append(random.nextInt(9) == 0 ? (char) random.nextInt(256) : words[random.nextInt(words.length)]);
            }
            byte[] bytes = body.append("\n\n").toString().getBytes(UTF_8);
            FirstWord whole = ended(round % 3 == 0 ? SSE : JSON, List.of(ByteBuffer.wrap(bytes)));
            FirstWord cut = ended(round % 3 == 0 ? SSE : JSON, Fixtures.chunks(bytes, 1));
            assertThat(cut.getClass()).describedAs(body.toString()).isEqualTo(whole.getClass());
        }
    }

    private static FirstWord probe(@Nullable String contentType, List<ByteBuffer> chunks) {
        AnswerProbe probe = AnswerProbes.of(contentType);
        FirstWord word = new FirstWord.Pending();
        for (ByteBuffer chunk : chunks) {
            int position = chunk.position();
            word = probe.feed(chunk);
            assertThat(chunk.position()).isEqualTo(position);
        }
        return word;
    }

    private static FirstWord ended(String contentType, List<ByteBuffer> chunks) {
        AnswerProbe probe = AnswerProbes.of(contentType);
        chunks.forEach(probe::feed);
        return probe.end();
    }

    private static void assertFailure(FirstWord word, int status, String json) {
        assertThat(word).isInstanceOf(Failure.class);
        Failure failure = (Failure) word;
        assertThat(failure.status()).isEqualTo(status);
        assertThat(new String(failure.json(), UTF_8)).isEqualTo(json);
    }

    private static ByteBuffer buffer(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }
}
