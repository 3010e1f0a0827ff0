package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Conversation;
import dev.keyway.upstream.RawClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The end of a gateway while requests run. */
class DrainTest {
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final String EVENT = "{\"id\":\"gen-1\",\"created\":1,\"model\":\"m\",\"choices\":[]}";

    @TempDir
    Path home;

    private static CompletableFuture<Void> closing(Heart heart) {
        return CompletableFuture.runAsync(() -> {
            try {
                heart.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    /** Waits until new requests are refused; the answer that says so. */
    private static Answer refusal(RawClient client) {
        Answer[] last = new Answer[1];
        Heart.await(Heart.SOON, () -> {
            try {
                last[0] = client.get("/v1/credits").answer();
                return last[0].status() != 200;
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        return last[0];
    }

    @Test
    void while_it_drains_it_is_live_but_not_ready_and_asks_every_client_to_leave() throws Exception {
        Heart heart = Heart.start(home);
        try (RawClient client = heart.client();
                RawClient late = heart.client()) {
            CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
            client.chat(MODEL, true);
            Conversation upstream = Heart.taken(next).startStream().event(EVENT);
            client.readUntil(EVENT + "\n\n");
            CompletableFuture<Void> closed = closing(heart);
            refusal(late);

            for (String path : List.of("/health", "/health/live", "/health/ready", "/nothing")) {
                try (RawClient probe = heart.client()) {
                    Answer answer = probe.get(path).answer();

                    assertThat(answer.header("Connection")).describedAs(path).isEqualTo("close");
                    assertThat(probe.readAll()).describedAs("behind %s", path).isEmpty();
                    assertThat(answer.status())
                            .describedAs(path)
                            .isEqualTo(path.equals("/nothing") ? 404 : path.endsWith("ready") ? 503 : 200);
                }
            }
            upstream.event("[DONE]").finish();
            closed.get(15, TimeUnit.SECONDS);
        }
    }

    @Test
    void running_stream_ends_whole_while_new_requests_are_refused() throws Exception {
        Heart heart = Heart.start(home);
        try (RawClient client = heart.client();
                RawClient late = heart.client()) {
            CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
            client.chat(MODEL, true);
            Conversation upstream = Heart.taken(next).startStream().event(EVENT);
            client.readUntil(EVENT + "\n\n");

            CompletableFuture<Void> closed = closing(heart);
            Answer refused = refusal(late);

            assertThat(refused.status()).isEqualTo(503);
            assertThat(refused.header("Retry-After")).isEqualTo("5");
            assertThat(refused.header("Connection")).isEqualTo("close");
            assertThat(refused.json().at("/error/type").asText()).isEqualTo("unavailable");
            assertThat(late.readAll()).describedAs("behind the answer").isEmpty();
            upstream.event("{\"last\":1}").event("[DONE]").finish();
            assertThat(client.readUntil("0\r\n\r\n")).contains("{\"last\":1}").contains("data: [DONE]\n\n");
            closed.get(15, TimeUnit.SECONDS);
        }
    }

    @Test
    void stream_that_does_not_end_in_time_gets_an_error_event_and_a_proper_end() throws Exception {
        Heart heart = Heart.start(home, "server.drain_timeout=300ms");
        try (RawClient client = heart.client()) {
            CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
            client.chat(MODEL, true);
            Conversation upstream = Heart.taken(next).startStream().event(EVENT).send("data: {\"half");
            client.readUntil(EVENT + "\n\n");

            CompletableFuture<Void> closed = closing(heart);

            String rest = client.readUntil("0\r\n\r\n");
            assertThat(rest)
                    .contains("data: {\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"created\":1,")
                    .contains("\"error\":{\"code\":503,\"message\":\"Keyway is shutting down\"")
                    .doesNotContain("half")
                    .doesNotContain("[DONE]");
            assertThat(upstream.awaitClientClosed(Heart.SOON)).isTrue();
            upstream.cut();
            closed.get(15, TimeUnit.SECONDS);
            assertThat(heart.outcome().path("ended").asText()).isEqualTo("upstream_broken");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "completions, '\"prompt\":\"Hi\"', '\"finish_reason\":\"error\"'",
        "responses, '\"input\":\"Hi\"', '\"type\":\"error\",\"code\":\"server_error\"'",
        "messages, '\"max_tokens\":9,\"messages\":[]', 'event: error\ndata: {\"type\":\"error\"'"
    })
    void stream_of_every_other_api_is_told_in_the_form_of_its_own(String api, String input, String form)
            throws Exception {
        Heart heart = Heart.start(home, "server.drain_timeout=300ms");
        try (RawClient client = heart.client()) {
            CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
            client.post("/v1/" + api, "{\"model\":\"" + MODEL + "\",\"stream\":true," + input + "}");
            Conversation upstream = Heart.taken(next).startStream().event(EVENT);
            client.readUntil(EVENT + "\n\n");

            CompletableFuture<Void> closed = closing(heart);

            assertThat(client.readUntil("0\r\n\r\n"))
                    .contains(form.replace("\\n", "\n"), "Keyway is shutting down")
                    .doesNotContain("[DONE]");
            upstream.cut();
            closed.get(15, TimeUnit.SECONDS);
        }
    }

    @Test
    void request_that_still_waits_for_its_answer_is_503() throws Exception {
        Heart heart = Heart.start(home, "server.drain_timeout=300ms");
        try (RawClient client = heart.client()) {
            client.chat("sandbox/slow-headers:20000", false);
            Heart.await(Heart.SOON, () -> heart.sandbox.received().size() == 1);

            CompletableFuture<Void> closed = closing(heart);

            Answer answer = client.answer();
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.header("Retry-After")).isEqualTo("1");
            assertThat(new String(answer.body(), StandardCharsets.UTF_8)).contains("shutting down");
            closed.get(15, TimeUnit.SECONDS);
            assertThat(heart.outcome().at("/attempts/0/reason").asText()).isEqualTo("drained");
        }
    }

    @Test
    void whole_answer_that_does_not_end_in_time_is_broken_off() throws Exception {
        Heart heart = Heart.start(home, "server.drain_timeout=300ms");
        try (RawClient client = heart.client()) {
            client.chat("sandbox/stall", false);
            Heart.await(
                    Heart.SOON,
                    () -> heart.sandbox.received().size() == 1
                            && heart.sandbox.received().get(0).responseLength() > 0);

            CompletableFuture<Void> closed = closing(heart);

            assertThat(client.answer().whole()).isFalse();
            closed.get(Duration.ofSeconds(15).toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
