package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A body that never becomes whole was answered with an empty 200. */
class BrokenBodyTest {
    private static final String HEAD = "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";

    @TempDir
    private Path home;

    private String answer(String request, boolean halfClose) throws IOException {
        try (Sandbox sandbox = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway = RunningKeyway.before(sandbox.baseUrl(), home, Map.of());
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), keyway.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            if (halfClose) {
                socket.shutdownOutput();
            }
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(sandbox.received()).isEmpty();
            return answer;
        }
    }

    @Test
    void a_chunk_that_is_none_is_400_in_our_shape() throws IOException {
        String answer = answer(HEAD + "Transfer-Encoding: chunked\r\n\r\nzz\r\n\r\n", false);

        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("\"type\":\"validation\"", "malformed");
    }

    @Test
    void a_body_shorter_than_promised_is_no_200() throws IOException {
        String answer = answer(HEAD + "Content-Length: 100\r\n\r\n{\"model\":", true);

        assertThat(answer)
                .doesNotContain("HTTP/1.1 200")
                .satisfiesAnyOf(
                        a -> assertThat(a).startsWith("HTTP/1.1 400 "),
                        a -> assertThat(a).isEmpty());
    }
}
