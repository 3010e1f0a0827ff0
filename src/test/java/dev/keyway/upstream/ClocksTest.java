package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Conversation;
import dev.keyway.sandbox.Received;
import dev.keyway.upstream.RawClient.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long each part of an answer may take, and what the client is told when one takes longer. */
class ClocksTest {
    private static final String MODEL = "openai/gpt-4o-mini";

    @TempDir
    Path home;

    private static void assertTimedOut(Answer answer, String shouldRetry) throws IOException {
        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.json().at("/error/type").asText()).isEqualTo("timeout");
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(504);
        assertThat(answer.header("x-should-retry")).isEqualTo(shouldRetry);
    }

    @Test
    void connection_that_is_not_accepted_is_504_and_may_be_sent_again() throws Exception {
        List<Socket> queued = new ArrayList<>();
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            boolean stuck = false;
            for (int i = 0; i < 8 && !stuck; i++) {
                Socket socket = new Socket();
                queued.add(socket);
                try {
                    socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), full.getLocalPort()), 300);
                } catch (SocketTimeoutException e) {
                    stuck = true;
                }
            }
            Assumptions.assumeTrue(stuck, "this platform accepts more connections than a listener's backlog");
            try (Heart heart = Heart.start(
                            home,
                            "upstream.connect_timeout=300ms",
                            "openrouter.base_url=http://127.0.0.1:" + full.getLocalPort() + "/api/v1");
                    RawClient client = heart.client()) {
                Answer answer = client.chat(MODEL, true).answer();

                assertTimedOut(answer, "true");
                assertThat(heart.outcome().at("/attempts/0/reason").asText()).isEqualTo("connect_timeout");
            }
        } finally {
            for (Socket socket : queued) {
                socket.close();
            }
        }
    }

    @Test
    void connection_that_is_refused_is_502_and_may_be_sent_again() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        try (Heart heart = Heart.start(home, "openrouter.base_url=http://127.0.0.1:" + port + "/api/v1");
                RawClient client = heart.client()) {
            Answer answer = client.chat(MODEL, true).answer();

            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.header("x-should-retry")).isEqualTo("true");
            assertThat(answer.json().at("/error/type").asText()).isEqualTo("openrouter");
            assertThat(heart.outcome().at("/attempts/0/reason").asText()).isEqualTo("connect_failed");
        }
    }

    @Test
    void status_line_that_does_not_come_is_504_and_not_to_be_sent_again() throws Exception {
        try (Heart heart = Heart.start(home, "upstream.first_byte_timeout=200ms");
                RawClient client = heart.client()) {
            Answer answer = client.chat("sandbox/slow-headers:10000", false).answer();

            assertTimedOut(answer, "false");
            assertThat(heart.received().awaitClosedEarly(Heart.SOON)).isTrue();
            assertThat(heart.outcome().path("status").asInt()).isEqualTo(504);
            assertThat(heart.outcome().path("ended").asText()).isEqualTo("error");
        }
    }

    @Test
    void stream_that_falls_silent_ends_with_the_error_event_of_chat() throws Exception {
        try (Heart heart = Heart.start(home, "upstream.idle_timeout=300ms");
                RawClient client = heart.client()) {
            Answer answer = client.chat("sandbox/stall:2:10", true).answer();

            assertThat(answer.whole()).isTrue();
            Received received = heart.received();
            String sent = new String(received.responseBody(), java.nio.charset.StandardCharsets.UTF_8);
            String complete = sent.substring(0, sent.lastIndexOf('\n') + 1);
            assertThat(answer.text()).startsWith(complete);
            assertThat(answer.text().substring(complete.length()))
                    .matches("data: \\{\"id\":\"" + received.generationId()
                            + "\",\"object\":\"chat.completion.chunk\",\"created\":\\d{10},\"model\":\"[^\"]+\","
                            + "\"choices\":\\[\\{\"index\":0,\"delta\":\\{\"content\":\"\"},"
                            + "\"finish_reason\":\"error\"}],\"error\":\\{\"code\":504,\"message\":\"[^\"]+\","
                            + "\"metadata\":\\{\"error_type\":\"timeout\"}}}\n\n");
            assertThat(received.awaitClosedEarly(Heart.SOON)).isTrue();
            assertThat(heart.outcome().path("ended").asText()).isEqualTo("upstream_broken");
            assertThat(heart.outcome().path("status").asInt()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/completions|\"prompt\":\"Hi\"|"
                        + "data: \\{\"id\":\"[^\"]+\",\"object\":\"chat.completion.chunk\",\"created\":\\d+,.*",
                "/v1/messages|\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}],\"max_tokens\":99|"
                        + "event: error\\ndata: \\{\"type\":\"error\",\"error\":\\{\"type\":\"timeout_error\","
                        + "\"message\":\"[^\"]+\".*",
                "/v1/responses|\"input\":\"Hi\"|"
                        + "data: \\{\"type\":\"error\",\"code\":\"server_error\",\"message\":\"[^\"]+\","
                        + "\"param\":null,\"sequence_number\":3}"
            })
    void stream_of_each_api_ends_in_its_own_words(String path, String prompt, String ending) throws Exception {
        try (Heart heart = Heart.start(home, "upstream.idle_timeout=300ms");
                RawClient client = heart.client()) {
            Answer answer = client.post(path, "{\"model\":\"sandbox/stall:3\",\"stream\":true," + prompt + "}")
                    .answer();

            String text = answer.text().stripTrailing();
            assertThat(answer.whole()).isTrue();
            assertThat(text.substring(text.lastIndexOf("\n\n") + 2)).matches(ending);
            assertThat(answer.text()).endsWith("\n\n").doesNotContain("[DONE]");
        }
    }

    /** Symptom: a stream of comments alone was never ended, because relaying them set the clock back. */
    @Test
    void comments_do_not_keep_a_silent_stream_alive() throws Exception {
        try (Heart heart = Heart.start(home, "upstream.idle_timeout=600ms", "upstream.hold=50ms");
                RawClient client = heart.client()) {
            CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
            client.chat(MODEL, true);
            Conversation upstream = Heart.taken(next).startStream();
            long begun = System.nanoTime();

            boolean gone = false;
            while (!gone && System.nanoTime() - begun < Duration.ofSeconds(8).toNanos()) {
                upstream.send(": still here\n\n");
                gone = upstream.awaitClientClosed(Duration.ofMillis(50));
            }

            assertThat(gone).isTrue();
            assertThat(client.readUntil("0\r\n\r\n")).contains("\"error_type\":\"timeout\"");
            upstream.cut();
        }
    }

    @Test
    void events_keep_a_stream_alive_longer_than_the_idle_time() throws Exception {
        try (Heart heart = Heart.start(home, "upstream.idle_timeout=500ms");
                RawClient client = heart.client()) {
            Answer answer = client.chat("sandbox/paced:10:100", true).answer();

            assertThat(answer.text()).endsWith("data: [DONE]\n\n");
            assertThat(heart.outcome().path("ended").asText()).isEqualTo("complete");
        }
    }

    @Test
    void slow_client_is_not_taken_for_a_silent_upstream() throws Exception {
        // On loopback, where a segment has 64 KB, a small buffer makes TCP itself pause for longer than 400 ms.
        try (Heart heart = Heart.start(home, "upstream.idle_timeout=400ms", "upstream.receive_buffer=0");
                RawClient client = new RawClient(heart.keyway.port(), 4096)) {
            client.chat("sandbox/big:24", true);
            client.readUntil("data: ");
            Received received = heart.received();
            BackPressure.awaitStandStill(received, Duration.ofMillis(1200));

            // A chunk may end within the last event, so the framing is taken out before that is looked for.
            String text = client.readUntil("\r\n0\r\n\r\n").replaceAll("\r\n[0-9a-f]+\r\n", "");
            assertThat(text.length()).isGreaterThan(24 << 20);
            assertThat(text.strip()).endsWith("data: [DONE]");
            assertThat(heart.outcome().path("ended").asText()).isEqualTo("complete");
        }
    }

    @Test
    void whole_answer_that_takes_too_long_before_its_first_byte_is_504() throws Exception {
        try (Heart heart = Heart.start(home, "upstream.total_timeout=300ms", "upstream.hold=10s");
                RawClient client = heart.client()) {
            Answer answer = client.chat("sandbox/padding:200:50", false).answer();

            assertTimedOut(answer, "false");
            assertThat(heart.received().awaitClosedEarly(Heart.SOON)).isTrue();
        }
    }

    @Test
    void whole_answer_that_takes_too_long_after_its_first_byte_is_broken_off() throws Exception {
        try (Heart heart = Heart.start(home, "upstream.total_timeout=300ms");
                RawClient client = heart.client()) {
            Answer answer = client.chat("sandbox/stall", false).answer();

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isNotEmpty();
            assertThat(answer.whole()).isFalse();
            assertThat(heart.outcome().path("ended").asText()).isEqualTo("upstream_broken");
        }
    }

    @Test
    void stream_that_takes_too_long_in_all_ends_with_an_error_event() throws Exception {
        try (Heart heart = Heart.start(home, "upstream.stream_timeout=400ms", "upstream.total_timeout=50ms");
                RawClient client = heart.client()) {
            Answer answer = client.chat("sandbox/paced:200:50", true).answer();

            assertThat(answer.whole()).isTrue();
            assertThat(answer.lastData())
                    .contains("\"finish_reason\":\"error\"")
                    .contains("\"code\":504");
            assertThat(answer.text().split("data: ")).hasSizeGreaterThan(3);
            assertThat(heart.received().awaitClosedEarly(Heart.SOON)).isTrue();
        }
    }
}
