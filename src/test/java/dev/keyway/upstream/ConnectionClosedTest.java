package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Conversation;
import dev.keyway.upstream.RawClient.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the client is told of a request that may have reached the upstream, and of a stream shorter than promised. */
class ConnectionClosedTest {
    private static final int TIMES = 300;
    private static final String MODEL = "openai/gpt-4o-mini";

    @TempDir
    Path home;

    /** Takes a connection, reads the first byte of a request and closes, again and again. */
    private static void closeAll(ServerSocket server) {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                socket.getInputStream().read();
            } catch (IOException closed) {
                Thread.onSpinWait();
            }
        }
    }

    /** Symptom: a request that the upstream had begun to read was said to be safe to send again, now and then. */
    @Test
    void request_of_which_a_byte_has_left_is_never_said_to_be_safe_to_send_again() throws Exception {
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            Thread closing = new Thread(() -> closeAll(server), "closing-upstream");
            closing.setDaemon(true);
            closing.start();
            try (Heart heart = Heart.start(
                            home,
                            "openrouter.base_url=http://127.0.0.1:" + server.getLocalPort() + "/api/v1",
                            "upstream.circuit_failures=0");
                    RawClient client = heart.client()) {
                for (int i = 0; i < TIMES; i++) {
                    Answer answer = client.chat(MODEL, true).answer();

                    assertThat(answer.status()).isEqualTo(502);
                    assertThat(answer.header("x-should-retry")).isEqualTo("false");
                }
            }
        }
    }

    /** Symptom: the error event did not fit into the length that the upstream had promised, and the place was kept. */
    @Test
    void stream_with_a_length_that_breaks_off_ends_with_its_error_event() throws Exception {
        String event = "data: {\"id\":\"gen-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"a\"}}]}\n\n";
        try (Heart heart = Heart.start(home, "server.max_concurrent_requests=1")) {
            for (int i = 0; i < 2; i++) {
                try (RawClient client = heart.client()) {
                    CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
                    client.chat(MODEL, true);
                    Heart.taken(next)
                            .head(200, event.length() + 50, "Content-Type: text/event-stream")
                            .send(event)
                            .cut();

                    Answer answer = client.answer();

                    assertThat(answer.status()).describedAs(answer.text()).isEqualTo(200);
                    assertThat(answer.header("Content-Length")).isEmpty();
                    assertThat(answer.whole()).isTrue();
                    assertThat(answer.text()).startsWith(event);
                    assertThat(answer.lastData()).contains("\"finish_reason\":\"error\"", "\"code\":502");
                }
                heart.outcomes(i + 1);
            }
        }
    }
}
