package dev.keyway.app;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.app.WireClient.Answer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A few threads serve all, so none may wait for anybody. */
final class FewThreadsE2eTest {
    private static final int CLIENTS =
            10 + Math.max(24, 4 * Runtime.getRuntime().availableProcessors());
    private static final int SMALL_BUFFER = 4 * 1024;
    private static final int TIMES_FULL = 60;

    private static E2e e2e;

    @BeforeAll
    static void start(@TempDir Path home) throws IOException {
        e2e = E2e.start(home);
    }

    @AfterAll
    static void stop() {
        e2e.close();
    }

    @Test
    void as_many_requests_as_come_at_once_are_served_by_a_bounded_number_of_threads() throws IOException {
        List<WireClient> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            clients.add(new WireClient(e2e.port()));
        }
        for (WireClient client : clients) {
            client.request("POST", E2e.CHAT, E2e.chat("openai/gpt-4o-mini").getBytes(US_ASCII), E2e.BEARER);
        }
        for (WireClient client : clients) {
            assertThat(client.answer("POST").status()).isEqualTo(200);
            client.close();
        }

        int cores = Runtime.getRuntime().availableProcessors();
        assertThat(threads("keyway-http")).isLessThanOrEqualTo(Math.max(24, 4 * cores));
        assertThat(threads("keyway-upstream")).isLessThanOrEqualTo(1 + Math.max(8, 2 * cores));
    }

    private static long threads(String name) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith(name))
                .count();
    }

    /** The answers repeat the path, so that buffers are soon full. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /%s HTTP/1.1\r\nHost: x\r\n\r\n",
                "GET /v1/%s HTTP/1.1\r\nHost: x\r\n\r\n",
                "POST /v1/chat/completions?%s HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}",
                "POST /%s HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
            })
    void clients_that_ask_on_and_read_nothing_hold_no_thread(String template) throws IOException {
        String request = template.replace("%s", "x".repeat(3000));
        ByteBuffer many = ByteBuffer.wrap(request.repeat(100).getBytes(US_ASCII));
        List<SocketChannel> silent = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                silent.add(connect());
            }
            fill(silent, many);

            Answer answer = e2e.get("/health");

            assertThat(answer.status()).isEqualTo(200);
        } finally {
            for (SocketChannel client : silent) {
                client.close();
            }
        }
    }

    private static SocketChannel connect() throws IOException {
        SocketChannel client = SocketChannel.open();
        client.setOption(StandardSocketOptions.SO_RCVBUF, SMALL_BUFFER);
        client.setOption(StandardSocketOptions.SO_SNDBUF, SMALL_BUFFER);
        client.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), e2e.port()));
        client.configureBlocking(false);
        return client;
    }

    /** Sends until nothing more is taken from any, which is when the gateway waits to write to all. */
    private static void fill(List<SocketChannel> clients, ByteBuffer requests) {
        List<ByteBuffer> left =
                clients.stream().map(client -> requests.duplicate()).toList();
        int[] full = {0};
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(20))
                .until(() -> {
                    int sent = 0;
                    for (int i = 0; i < clients.size(); i++) {
                        sent += send(clients.get(i), left.get(i));
                    }
                    full[0] = sent > 0 ? 0 : full[0] + 1;
                    return full[0] >= TIMES_FULL;
                });
    }

    private static int send(SocketChannel client, ByteBuffer requests) throws IOException {
        int sent = client.write(requests);
        if (!requests.hasRemaining()) {
            requests.rewind();
        }
        return sent;
    }
}
