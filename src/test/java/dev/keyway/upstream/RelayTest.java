package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.sandbox.Conversation;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Reply;
import dev.keyway.upstream.RawClient.Answer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What passes through: answers byte for byte and at once, requests of every kind as they came. */
class RelayTest {
    private static final String MODEL = "openai/gpt-4o-mini";

    @TempDir
    Path home;

    private Heart heart;
    private RawClient client;

    @BeforeEach
    void start() throws IOException {
        heart = Heart.start(home, "openrouter.account_routes=allow");
        client = heart.client();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        heart.close();
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {MODEL, "sandbox/crlf", "sandbox/crlf:1", "sandbox/split", "sandbox/split:7", "sandbox/usage-3"})
    void stream_reaches_the_client_byte_for_byte_with_its_comments(String model) throws Exception {
        Answer answer = client.chat(model, true).answer();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.whole()).isTrue();
        assertThat(answer.text())
                .isEqualTo(text(heart.received().responseBody()))
                .contains(": OPENROUTER PROCESSING");
        assertThat(answer.header("Content-Type")).isEqualTo("text/event-stream");
        assertThat(answer.header("X-Accel-Buffering")).isEqualTo("no");
        JsonNode line = heart.outcome();
        assertThat(line.path("ended").asText()).isEqualTo("complete");
        assertThat(line.path("bytes_out").asLong()).isEqualTo(answer.body().length);
        assertThat(line.path("bytes_in").asLong())
                .isEqualTo(RawClient.chatBody(model, true).length());
        assertThat(line.path("cost").decimalValue()).isEqualByComparingTo(heart.sandbox.billed());
        assertThat(line.path("prompt_tokens").asInt()).isPositive();
        assertThat(line.path("completion_tokens").asInt()).isPositive();
        assertThat(line.path("model").asText()).isEqualTo(model);
        assertThat(line.path("model_served").asText()).isNotEmpty();
        assertThat(line.path("ttfb_ms").asDouble())
                .isPositive()
                .isLessThanOrEqualTo(line.path("total_ms").asDouble());
        assertThat(line.path("own_ms").asDouble())
                .isBetween(0.0, line.path("ttfb_ms").asDouble());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/completions", "/api/v1/responses", "/v1/messages"})
    void streams_of_the_other_apis_reach_the_client_byte_for_byte(String path) throws Exception {
        String prompt = path.endsWith("completions")
                ? "\"prompt\":\"Hi\""
                : path.endsWith("responses")
                        ? "\"input\":\"Hi\""
                        : "\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]";

        Answer answer = client.post(
                        path, "{\"model\":\"" + MODEL + "\",\"max_tokens\":20,\"stream\":true," + prompt + "}")
                .answer();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.whole()).isTrue();
        // The one event that is not Anthropic's and on which its SDK throws.
        String sent = text(heart.received().responseBody());
        String wanted = path.endsWith("messages") ? sent.replace("event: data\ndata: [DONE]\n\n", "") : sent;
        assertThat(answer.text()).isEqualTo(wanted).hasSizeGreaterThan(100);
        assertThat(wanted.contains("[DONE]")).isNotEqualTo(path.endsWith("messages"));
        assertThat(heart.outcome().path("ended").asText()).isEqualTo("complete");
        assertThat(heart.outcome().path("cost").decimalValue()).isEqualByComparingTo(heart.sandbox.billed());
    }

    /** Proof 1: each event is written only when the client has the one before, so nothing can have been held. */
    @Test
    void each_event_reaches_the_client_within_20_ms_of_its_writing() throws Exception {
        int events = 60;
        long[] lags = new long[events];
        CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
        client.chat(MODEL, true);
        Conversation upstream = Heart.taken(next).startStream();
        client.send("");

        for (int i = 0; i < events; i++) {
            String json = "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"w" + i + "\"}}]}";
            long written = System.nanoTime();
            upstream.event(json);
            client.readUntil("data: " + json + "\n\n");
            lags[i] = (System.nanoTime() - written) / 1000;
        }

        upstream.event("[DONE]").finish();
        client.readUntil("0\r\n\r\n");
        Arrays.sort(lags);
        assertThat(lags[events / 2])
                .describedAs("median of %s µs", Arrays.toString(lags))
                .isLessThan(20_000);
        assertThat(lags[events - 1]).describedAs("worst on a busy machine").isLessThan(500_000);
    }

    @Test
    void comments_are_relayed_while_no_event_comes() throws Exception {
        CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
        client.chat(MODEL, true);
        Conversation upstream = Heart.taken(next).startStream().event("{\"id\":\"gen-1\",\"choices\":[]}");
        client.readUntil("\"choices\":[]}\n\n");

        upstream.send(": still here\n\n");

        client.readUntil(": still here\n\n");
        upstream.event("[DONE]").finish();
        client.readUntil("0\r\n\r\n");
    }

    @Test
    void whole_answer_is_byte_identical_and_keeps_its_length() throws Exception {
        Answer answer = client.chat(MODEL, false).answer();

        assertThat(answer.text()).isEqualTo(text(heart.received().responseBody()));
        assertThat(answer.header("Content-Length")).isEqualTo("" + answer.body().length);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.header("Server-Timing"))
                .matches("queue;dur=[0-9.]+, connect;dur=[0-9.]+, upstream;dur=[0-9.]+, own;dur=[0-9.]+");
        assertThat(heart.outcome().path("cost").decimalValue()).isEqualByComparingTo(heart.sandbox.billed());
    }

    @Test
    void large_whole_answer_is_byte_identical() throws Exception {
        Answer answer = client.chat("sandbox/big-json:3", false).answer();

        assertThat(answer.whole()).isTrue();
        assertThat((long) answer.body().length).isEqualTo(heart.received().responseLength());
        assertThat(java.util.HexFormat.of()
                        .formatHex(java.security.MessageDigest.getInstance("SHA-256")
                                .digest(answer.body())))
                .isEqualTo(heart.received().responseSha256());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/credits?x=a%20b&y=%2F",
                "/credits?a=b+c&&=&d",
                "/credits?q=%C3%28&r=%41",
                "/credits?q=[1]&r={x}|y",
                "/models/openai%2Fgpt-4o/endpoints?z=1",
                "/model/openai/gpt-4o?",
                "/no/such/route?x??y"
            })
    void path_and_query_reach_the_upstream_byte_for_byte(String target) throws Exception {
        for (String prefix : List.of("/v1", "/api/v1")) {
            heart.sandbox.clear();

            Answer answer = client.get(prefix + target).answer();

            assertThat(heart.received().target()).isEqualTo("/api/v1" + target);
            assertThat(heart.received().method()).isEqualTo("GET");
            assertThat(answer.status()).isEqualTo(heart.received().status());
            assertThat(answer.text()).isEqualTo(text(heart.received().responseBody()));
        }
    }

    /** Symptom: 502, the upstream could not be reached. */
    @ParameterizedTest
    @ValueSource(strings = {"/credits?q=%zz", "/credits?q=100%", "/credits?q=%4"})
    void query_that_is_not_percent_encoded_is_400(String target) throws Exception {
        Answer answer = client.get("/v1" + target).answer();

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/error/type").asText()).isEqualTo("validation");
        assertThat(heart.sandbox.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUT", "PATCH", "DELETE", "POST"})
    void other_methods_pass_with_their_body(String method) throws Exception {
        client.request(method, "/v1/keys/abc?x=1", "{ \"name\" : 1.0e2 }").answer();

        Received received = heart.received();
        assertThat(received.method()).isEqualTo(method);
        assertThat(received.target()).isEqualTo("/api/v1/keys/abc?x=1");
        assertThat(received.bodyText()).isEqualTo("{ \"name\" : 1.0e2 }");
        assertThat(received.headers("Content-Length")).containsExactly("18");
        assertThat(received.headers("Content-Type")).containsExactly("application/json");
        assertThat(received.headers("Transfer-Encoding")).isEmpty();
    }

    @Test
    void multipart_upload_passes_unread_with_its_length() throws Exception {
        byte[] part = new byte[300_000];
        for (int i = 0; i < part.length; i++) {
            part[i] = (byte) (i * 31);
        }
        client.send("POST /v1/audio/transcriptions HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                + "Content-Type: multipart/form-data; boundary=abc\r\nContent-Length: " + part.length + "\r\n\r\n");

        client.send(part);

        client.answer();
        Received received = heart.received();
        assertThat(received.body()).isEqualTo(part);
        assertThat(received.headers("Content-Length")).containsExactly("" + part.length);
        assertThat(received.headers("Content-Type")).containsExactly("multipart/form-data; boundary=abc");
        assertThat(heart.outcome().path("bytes_in").asLong()).isEqualTo(part.length);
    }

    @Test
    void chunked_upload_passes_in_chunks() throws Exception {
        client.send("PUT /v1/keys/a HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n");
        client.send("5\r\nhello\r\n");

        Answer answer = client.send("6\r\n world\r\n0\r\n\r\n").answer();

        assertThat(answer.status()).isEqualTo(heart.received().status());
        assertThat(heart.received().bodyText()).isEqualTo("hello world");
        assertThat(heart.received().headers("Transfer-Encoding")).containsExactly("chunked");
        assertThat(heart.received().headers("Content-Length")).isEmpty();
    }

    @Test
    void upload_over_the_limit_is_413_even_when_its_length_was_not_said() throws Exception {
        try (Heart small = Heart.start(home.resolve("small"), "server.max_body=64KB");
                RawClient uploader = small.client()) {
            uploader.request("POST", "/v1/audio/transcriptions", "", "Transfer-Encoding: chunked");
            uploader.send("11000\r\n").send(new byte[0x11000]).send("\r\n");

            Answer answer = uploader.answer();

            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.json().at("/error/type").asText()).isEqualTo("validation");
            assertThat(small.outcome().path("status").asInt()).isEqualTo(413);
        }
    }

    @Test
    void answer_that_comes_before_the_upload_has_ended_is_relayed() throws Exception {
        heart.sandbox.script(
                Heart.K1,
                Reply.json(415, "{\"error\":{\"code\":415,\"message\":\"no\"}}").beforeBody());
        client.send("POST /v1/audio/transcriptions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n");
        client.send(new byte[1000]);

        Answer answer = client.answer();

        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.text()).contains("\"message\":\"no\"");
    }

    @Test
    void post_without_a_body_passes_as_empty() throws Exception {
        client.send("POST /v1/keys HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n")
                .answer();

        assertThat(heart.received().headers("Content-Length")).containsExactly("0");
        assertThat(heart.received().body()).isEmpty();
    }

    @Test
    void redirect_is_told_and_not_followed() throws Exception {
        Answer answer =
                client.chat("sandbox/redirect:" + heart.sandbox.port(), false).answer();

        assertThat(answer.status()).isEqualTo(307);
        assertThat(answer.header("Location")).endsWith("/elsewhere");
        assertThat(heart.sandbox.received()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void compressed_answer_passes_as_it_came(boolean stream) throws Exception {
        Answer answer = client.chat("sandbox/gzip", stream).answer();

        assertThat(answer.header("Content-Encoding")).isEqualTo("gzip");
        assertThat(answer.body()).isEqualTo(heart.received().responseBody());
        assertThat(answer.whole()).isTrue();
        assertThat(text(new GZIPInputStream(new ByteArrayInputStream(answer.body())).readAllBytes()))
                .contains("\"usage\"");
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 404, 502})
    void empty_body_stays_empty(int status) throws Exception {
        Answer answer = client.chat("sandbox/empty:" + status, false).answer();

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body()).isEmpty();
        assertThat(answer.header("Content-Length")).isEqualTo("0");
    }

    @ParameterizedTest
    @ValueSource(ints = {204, 304})
    void answers_without_a_body_have_no_length_and_leave_the_connection_usable(int status) throws Exception {
        heart.sandbox.script(
                Heart.K1, Reply.of(status, "text/plain", new byte[0]).withHeader("ETag", "\"a\""));

        Answer answer = client.get("/v1/credits").answer();

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("ETag")).isEqualTo("\"a\"");
        assertThat(answer.header("Transfer-Encoding")).isEmpty();
        assertThat(client.get("/v1/credits").answer().status()).isEqualTo(200);
    }

    @Test
    void head_tells_the_length_and_sends_nothing() throws Exception {
        Answer head = client.request("HEAD", "/v1/models/count", "").answer(false);
        Answer next = client.get("/v1/models/count").answer();

        assertThat(head.status()).isEqualTo(200);
        assertThat(heart.sandbox.received().get(0).method()).isEqualTo("HEAD");
        assertThat(next.status()).isEqualTo(200);
        assertThat(head.header("Content-Length")).isEqualTo("" + next.body().length);
    }

    @Test
    void interim_answers_of_the_upstream_do_not_disturb() throws Exception {
        Answer answer = client.chat("sandbox/interim", true).answer();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo(text(heart.received().responseBody()));
    }

    @Test
    void connection_that_the_upstream_closed_is_not_used_again() throws Exception {
        client.chat("sandbox/stale", false).answer();
        assertThat(heart.sandbox.awaitIdle(Heart.SOON)).isTrue();
        Heart.await(Heart.SOON, () -> heart.sandbox.openConnections() == 0);

        Answer answer = client.chat(MODEL, false).answer();

        assertThat(answer.status()).isEqualTo(200);
    }

    @Test
    void whole_answer_in_the_wrong_type_passes() throws Exception {
        Answer answer = client.chat("sandbox/wrong-type", true).answer();

        assertThat(answer.header("Content-Type")).isEqualTo("text/plain");
        assertThat(answer.text()).isEqualTo(text(heart.received().responseBody()));
    }
}
