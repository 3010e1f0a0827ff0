package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Conversation;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Reply;
import dev.keyway.upstream.RawClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A 200 is held until it is known to be an answer: an error inside it becomes a real status. */
class GateTest {
    private static final String MODEL = "openai/gpt-4o-mini";

    @TempDir
    Path home;

    private Heart heart;
    private RawClient client;

    @BeforeEach
    void start() throws IOException {
        // What the gate finds must be told, not sent again.
        heart = Heart.start(home, "upstream.hold=700ms", "retry.max_attempts=1", "upstream.circuit_failures=0");
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

    private static String errorIn(Received received) {
        String body = text(received.responseBody());
        return body.substring(body.indexOf('{')).strip();
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 502})
    void first_event_that_is_an_error_becomes_its_status(int status) throws Exception {
        Answer answer = client.chat("sandbox/first-error:" + status, true).answer();

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(answer.text()).isEqualTo(errorIn(heart.received()));
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(status);
        assertThat(heart.outcome().path("status").asInt()).isEqualTo(status);
        assertThat(heart.outcome().at("/attempts/0/status").asInt()).isEqualTo(status);
    }

    @ParameterizedTest
    @CsvSource({"rate_limit_exceeded, 429", "server_error, 500", "provider_overloaded, 529", "strange, 502"})
    void first_event_with_a_word_for_a_code_becomes_the_status_it_means(String word, int status) throws Exception {
        String event = "{\"id\":\"gen-1\",\"error\":{\"code\":\"" + word
                + "\",\"message\":\"no\"},\"choices\":[{\"finish_reason\":\"error\"}]}";
        heart.sandbox.script(Heart.K1, Reply.sse("data: " + event + "\n\n"));

        Answer answer = client.chat(MODEL, true).answer();

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().at("/error/message").asText()).isEqualTo("no");
    }

    @Test
    void body_that_is_only_an_error_becomes_its_status() throws Exception {
        Answer whole = client.chat("sandbox/error-body:503", false).answer();
        Answer stream = client.chat("sandbox/error-body", true).answer();

        assertThat(whole.status()).isEqualTo(503);
        assertThat(whole.text()).isEqualTo(errorIn(heart.sandbox.received().get(0)));
        assertThat(stream.status()).isEqualTo(500);
        assertThat(stream.header("Content-Type")).isEqualTo("application/json");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void padding_before_an_answer_goes_out_first_and_unchanged(boolean stream) throws Exception {
        Answer answer = client.chat("sandbox/padding:5:5", stream).answer();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.whole()).isTrue();
        assertThat(answer.text()).isEqualTo(text(heart.received().responseBody()));
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void error_after_padding_becomes_a_status(boolean stream) throws Exception {
        Answer answer = client.chat("sandbox/padding-error:5:5", stream).answer();

        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.text()).startsWith("{\"error\"");
    }

    @Test
    void connection_closed_after_padding_is_502_and_not_to_be_sent_again() throws Exception {
        Answer answer = client.chat("sandbox/padding-close:3:5", true).answer();

        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.header("x-should-retry")).isEqualTo("false");
        assertThat(answer.text()).doesNotContain("OPENROUTER PROCESSING");
    }

    @ParameterizedTest
    @CsvSource({
        "text/event-stream, ''",
        "text/event-stream, ': OPENROUTER PROCESSING\n\n: OPENROUTER PROCESSING\n\n'",
        "text/event-stream, 'event: ping\n'",
        "application/json, ''",
        "application/json, '\n         \n   \n'",
        "application/json, '{'",
        "application/json, '{\"error\":{\"code\":429,'",
        "application/json, '<!DOCTYPE html><title>502</title>'",
        "text/html, '<html><body>Just a moment...</body></html>'",
        "text/html, 'Bad gateway'"
    })
    void answer_that_is_none_is_502_and_not_to_be_sent_again(String type, String body) throws Exception {
        String sent = body.replace("\\n", "\n").replace("\\\"", "\"");
        heart.sandbox.script(Heart.K1, Reply.of(200, type, sent.getBytes(StandardCharsets.UTF_8)));

        Answer answer = client.chat(MODEL, type.endsWith("stream")).answer();

        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.header("x-should-retry")).isEqualTo("false");
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        assertThat(answer.json().at("/error/type").asText()).isEqualTo("openrouter");
        assertThat(answer.json().at("/error/message").asText()).startsWith("The upstream answered 200 with ");
        assertThat(answer.text()).doesNotContain("<").doesNotContain("Bad gateway");
        assertThat(heart.sandbox.received()).hasSize(1);
        assertThat(heart.outcome().at("/attempts/0/reason").asText()).isEqualTo("no_answer");
        assertThat(heart.outcome().at("/attempts/0/status").asInt()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "<p>a page</p>"})
    void what_other_routes_answer_is_theirs(String body) throws Exception {
        heart.sandbox.script(Heart.K1, Reply.of(200, "text/html", body.getBytes(StandardCharsets.UTF_8)));

        Answer answer = client.post("/v1/files", "{}").answer();

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).isEqualTo(body);
    }

    /** Status and padding are with the client: no status can tell it any more. */
    @ParameterizedTest
    @ValueSource(
            strings = {"", "{\"error\":{\"code\":502,\"message\":\"late\"}}", "{\"id\":\"gen-1\"}", "{\"id\":\"gen"})
    void padding_that_outlasts_the_hold_passes_and_so_does_what_follows(String end) throws Exception {
        CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
        client.chat(MODEL, false);
        Conversation upstream = Heart.taken(next).head(200, "Content-Type: application/json");
        upstream.send("\n         \n");
        assertThat(client.readUntil("\n         \n")).startsWith("HTTP/1.1 200");
        upstream.send("\n   \n" + end);
        client.readUntil("\n   \n" + end);

        upstream.finish();

        boolean whole = end.endsWith("}");
        if (whole) {
            client.readUntil("0\r\n\r\n");
        } else {
            assertThat(text(client.readAll())).doesNotContain("0\r\n");
        }
        assertThat(heart.outcome().path("ended").asText()).isEqualTo(whole ? "complete" : "upstream_broken");
        assertThat(heart.sandbox.received()).hasSize(1);
    }

    @Test
    void padding_alone_does_not_keep_a_request_alive() throws Exception {
        try (Heart strict = Heart.start(home.resolve("strict"), "upstream.hold=50ms", "upstream.idle_timeout=400ms");
                RawClient reader = strict.client()) {
            CompletableFuture<Conversation> next = strict.sandbox.conversation(MODEL);
            reader.chat(MODEL, false);
            Conversation upstream = Heart.taken(next).head(200, "Content-Type: application/json");

            while (!upstream.awaitClientClosed(Duration.ofMillis(20))) {
                upstream.send("   \n");
            }

            assertThat(text(reader.readAll())).startsWith("HTTP/1.1 200").doesNotContain("0\r\n\r\n");
            assertThat(strict.outcome().path("ended").asText()).isEqualTo("upstream_broken");
        }
    }

    @Test
    void nothing_is_written_before_the_hold_is_over_and_then_all_that_was_held() throws Exception {
        CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
        client.chat(MODEL, true);
        Conversation upstream = Heart.taken(next).startStream();
        long begun = System.nanoTime();
        upstream.send(": one\n\n").send(": two\n\n");

        String head = client.readUntil("\r\n\r\n");

        assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(500));
        assertThat(head).startsWith("HTTP/1.1 200");
        client.readUntil(": one\n\n: two\n\n");
        upstream.send(": three\n\n");
        client.readUntil(": three\n\n");
        upstream.event("{\"id\":\"gen-1\",\"choices\":[]}").event("[DONE]").finish();
        client.readUntil("0\r\n\r\n");
        assertThat(heart.outcome().path("ended").asText()).isEqualTo("complete");
    }

    @Test
    void error_that_comes_after_the_hold_passes_as_it_is() throws Exception {
        CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
        client.chat(MODEL, true);
        Conversation upstream = Heart.taken(next).startStream().send(": one\n\n");
        client.readUntil(": one\n\n");

        upstream.event("{\"error\":{\"code\":502,\"message\":\"late\"}}").finish();

        assertThat(client.readUntil("0\r\n\r\n")).contains("data: {\"error\":{\"code\":502,\"message\":\"late\"}}\n\n");
        assertThat(heart.outcome().path("ended").asText()).isEqualTo("complete");
        assertThat(heart.sandbox.received()).hasSize(1);
    }

    @Test
    void no_more_than_64_kib_are_held() throws Exception {
        try (Heart patient = Heart.start(home.resolve("patient"), "upstream.hold=60s");
                RawClient reader = patient.client()) {
            String comment = ": " + "x".repeat(1000) + "\n\n";
            CompletableFuture<Conversation> next = patient.sandbox.conversation(MODEL);
            reader.chat(MODEL, true);
            Conversation upstream = Heart.taken(next).startStream();

            for (int sent = 0; sent < AnswerGate.MAX_HELD; sent += comment.length()) {
                upstream.send(comment);
            }

            reader.readUntil(comment);
            upstream.event("[DONE]").finish();
            reader.readUntil("0\r\n\r\n");
        }
    }

    @Test
    void whole_answer_is_told_as_soon_as_its_first_member_shows_that_it_is_one() throws Exception {
        CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
        client.chat(MODEL, false);
        Conversation upstream = Heart.taken(next).head(200, "Content-Type: application/json");

        upstream.send("{\"id\":\"gen-1\",");

        client.readUntil("{\"id\":\"gen-1\",");
        upstream.send("\"choices\":[]}").finish();
        client.readUntil("0\r\n\r\n");
    }

    @ParameterizedTest
    @CsvSource({"400,400", "402,402", "403,403", "502,502", "429-upstream,429", "529,529"})
    void client_of_a_stream_sees_the_real_status_and_the_upstreams_error(String fault, int status) throws Exception {
        Answer answer = client.chat("sandbox/" + fault, true).answer();

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json())
                .isEqualTo(new com.fasterxml.jackson.databind.ObjectMapper()
                        .readTree(heart.received().responseBody()));
        assertThat(answer.text()).isEqualTo(text(heart.received().responseBody()));
        assertThat(answer.header("Retry-After")).isEqualTo(status == 429 ? "29" : "");
    }
}
