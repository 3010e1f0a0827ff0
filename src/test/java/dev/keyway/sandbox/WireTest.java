package dev.keyway.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyway.wire.Secret;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class WireTest {
    private static final String CHAT = "/chat/completions";
    private static final String ASK =
            "{ \"model\":\"openai/gpt-4o-mini\",  \"temperature\":1.0,\"messages\":[{\"role\":\"user\",\"content\":\"\\u00e9\"}] }";
    private static final Duration SOON = Duration.ofSeconds(5);
    private Sandbox sandbox;

    @BeforeEach
    void start() throws Exception {
        sandbox = Sandbox.start(SandboxOptions.forTests());
    }

    @AfterEach
    void stop() {
        sandbox.close();
    }

    @Test
    void request_is_recorded_byte_for_byte() throws Exception {
        RawClient.Answer answer;
        try (RawClient client = new RawClient(sandbox)) {
            answer = client.post(CHAT + "?a=%20b", ASK, "x-ODD:   two  words ", "X-Odd: again")
                    .answer();
        }

        assertThat(sandbox.awaitIdle(SOON)).isTrue();
        Received received = sandbox.received().get(0);
        assertThat(received.bodyText()).isEqualTo(ASK);
        assertThat(received.target()).isEqualTo("/api/v1/chat/completions?a=%20b");
        assertThat(received.headerLines()).contains("x-ODD:   two  words ", "X-Odd: again");
        assertThat(received.headers("X-ODD")).containsExactly("two  words", "again");
        assertThat(received.key()).isEqualTo(new Secret(RawClient.KEY));
        assertThat(new String(received.responseBody(), StandardCharsets.UTF_8)).isEqualTo(answer.body());
        assertThat(received.toString()).doesNotContain("sk-or");
    }

    @Test
    void connection_is_kept_for_the_next_request() throws Exception {
        try (RawClient client = new RawClient(sandbox)) {
            client.post(CHAT, ASK).answer();
            client.get("/models").answer();
            client.post(CHAT, ASK.replace("{ ", "{ \"stream\":true,")).answer();
        }

        assertThat(sandbox.received()).extracting(Received::connection).containsExactly(1, 1, 1);
        assertThat(sandbox.connections()).isEqualTo(1);
    }

    @Test
    void chunked_request_is_read_and_recorded_without_its_framing() throws Exception {
        int half = ASK.length() / 2;
        try (RawClient client = new RawClient(sandbox)) {
            client.send("POST /api/v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + RawClient.KEY
                    + "\r\nTransfer-Encoding: chunked\r\n\r\n" + Integer.toHexString(half) + ";x=y\r\n"
                    + ASK.substring(0, half) + "\r\n" + Integer.toHexString(ASK.length() - half) + "\r\n"
                    + ASK.substring(half) + "\r\n0\r\nTrailer: t\r\n\r\n");

            assertThat(client.answer().status()).isEqualTo(200);
        }
        assertThat(sandbox.received().get(0).bodyText()).isEqualTo(ASK);
    }

    @Test
    void client_that_expects_it_gets_a_100_before_it_sends_the_body() throws Exception {
        try (RawClient client = new RawClient(sandbox)) {
            client.send("POST /api/v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + RawClient.KEY
                    + "\r\nExpect: 100-continue\r\nContent-Length: " + ASK.length() + "\r\n\r\n");

            int interim = client.answer().status();
            int status = client.send(ASK).answer().status();

            assertThat(interim).isEqualTo(100);
            assertThat(status).isEqualTo(200);
        }
    }

    @Test
    void head_has_the_length_of_get_and_no_body() throws Exception {
        try (RawClient client = new RawClient(sandbox)) {
            int length = client.get("/models").answer().body().getBytes(StandardCharsets.UTF_8).length;
            RawClient.Answer head = client.send("HEAD /api/v1/models HTTP/1.1\r\nHost: x\r\n\r\n")
                    .answer(false);

            assertThat(head.header("Content-Length")).isEqualTo(Integer.toString(length));
            assertThat(client.get("/models/count").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void too_large_a_body_is_answered_before_it_is_sent() throws Exception {
        try (RawClient client = new RawClient(sandbox)) {
            client.send("POST /api/v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n");

            RawClient.Answer answer = client.answer();

            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.json()).isEqualTo(Shapes.json("error-413.json"));
        }
    }

    @Test
    void scripted_early_answer_does_not_wait_for_the_body() throws Exception {
        sandbox.script(
                RawClient.KEY, Reply.json(413, Shapes.text("error-413.json")).beforeBody());
        try (RawClient client = new RawClient(sandbox)) {
            client.send("POST /api/v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + RawClient.KEY
                    + "\r\nContent-Length: 1000\r\n\r\n{\"half\":");

            assertThat(client.answer().status()).isEqualTo(413);
        }
    }

    @Test
    void javas_own_client_reads_a_stream() throws Exception {
        HttpRequest request = HttpRequest.newBuilder(
                        sandbox.baseUrl().resolve(sandbox.baseUrl().getPath() + CHAT))
                .header("Authorization", "Bearer " + RawClient.KEY)
                .POST(HttpRequest.BodyPublishers.ofString(ASK.replace("{ ", "{ \"stream\":true,")))
                .build();

        HttpResponse<String> response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).endsWith("data: [DONE]\n\n");
    }

    @Test
    void conversation_lets_a_test_write_the_next_event_after_the_client_has_the_last() throws Exception {
        CompletableFuture<Conversation> next = sandbox.conversation("sandbox/manual");
        try (RawClient client = new RawClient(sandbox)) {
            client.post(CHAT, ASK.replace("openai/gpt-4o-mini", "sandbox/manual"));
            Conversation conversation = next.get(5, TimeUnit.SECONDS).startStream();
            client.head();
            for (int i = 0; i < 5; i++) {
                conversation.event("{\"n\":" + i + "}");
                assertThat(new String(client.chunk(), StandardCharsets.UTF_8)).isEqualTo("data: {\"n\":" + i + "}\n\n");
            }
            conversation.finish();
            assertThat(client.chunk()).isEmpty();

            assertThat(conversation.received().awaitDone(SOON)).isTrue();
            assertThat(client.get("/models").answer().status()).isEqualTo(200);
        }
    }

    @Test
    void conversation_sees_its_client_leave_and_can_cut() throws Exception {
        String ask = ASK.replace("openai/gpt-4o-mini", "sandbox/manual");
        CompletableFuture<Conversation> first = sandbox.conversation("sandbox/manual");
        CompletableFuture<Conversation> second = sandbox.conversation("sandbox/manual");
        Conversation left;
        try (RawClient client = new RawClient(sandbox)) {
            client.post(CHAT, ask);
            left = first.get(5, TimeUnit.SECONDS).startStream();
        }
        RawClient.Answer cut;
        try (RawClient client = new RawClient(sandbox)) {
            client.post(CHAT, ask);
            second.get(5, TimeUnit.SECONDS).startStream().send("data: {\"ha").cut();
            cut = client.answer();
        }

        assertThat(left.awaitClientClosed(SOON)).isTrue();
        assertThat(cut.whole()).isFalse();
        assertThat(cut.body()).isEqualTo("data: {\"ha");
        assertThat(second.get().received().closedEarly()).isNotDone();
    }

    @Test
    void record_keeps_the_last_requests_only_and_can_be_cleared() throws Exception {
        try (Sandbox small = Sandbox.start(SandboxOptions.forTests().withRecord(3, 1 << 20));
                RawClient client = new RawClient(small)) {
            for (int i = 0; i < 5; i++) {
                client.get("/models/count?n=" + i).answer();
            }

            assertThat(small.received()).extracting(Received::number).containsExactly(3L, 4L, 5L);
            small.clear();
            assertThat(small.received()).isEmpty();
        }
    }

    @Test
    void close_frees_the_port_the_connections_and_the_threads() throws Exception {
        int port = sandbox.port();
        try (RawClient client = new RawClient(sandbox)) {
            client.post(
                            CHAT,
                            ASK.replace("openai/gpt-4o-mini", "sandbox/stall:1").replace("{ ", "{ \"stream\":true,"))
                    .head();

            sandbox.close();

            assertThat(sandbox.openConnections()).isZero();
            // A pool's thread is let go of a moment before it has died.
            await().atMost(SOON)
                    .until(() -> Thread.getAllStackTraces().keySet().stream()
                            .noneMatch(thread -> thread.getName().startsWith("sandbox-" + port)));
            assertThat(sandbox.received().get(0).closedEarly()).isNotDone();
        }
        Sandbox.start(SandboxOptions.forTests().withPort(port)).close();
    }

    @Test
    void description_names_the_address_and_every_fault() {
        assertThat(sandbox.describe())
                .contains(sandbox.baseUrl().toString())
                .contains("sandbox/stall")
                .contains("sk-or-");
    }
}
