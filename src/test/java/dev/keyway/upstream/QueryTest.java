package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.RunningKeyway;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueryTest {
    @TempDir
    Path home;

    @ParameterizedTest
    @ValueSource(strings = {"a=%20b&y=%2F", "a=b&a=c&empty=&flag", "x=%E2%82%AC", "p=1+2", "odd=[x]{y}|z"})
    void a_query_reaches_the_upstream_as_it_was_written(String query) throws Exception {
        try (Sandbox sandbox = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway = RunningKeyway.before(sandbox.baseUrl(), home, Map.of())) {
            String answer = ask(keyway, "/v1/models?" + query);

            assertThat(answer).startsWith("HTTP/1.1 200");
            assertThat(sandbox.received())
                    .singleElement()
                    .satisfies(got -> assertThat(got.target()).isEqualTo("/api/v1/models?" + query));
        }
    }

    /** The HTTP client failed on it, and the client was told that no connection could be opened. */
    @Test
    void a_query_that_is_no_percent_encoding_is_400_and_stays_here() throws Exception {
        try (Sandbox sandbox = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway = RunningKeyway.before(sandbox.baseUrl(), home, Map.of())) {
            String answer = ask(keyway, "/v1/models?a=%zz");

            assertThat(answer).startsWith("HTTP/1.1 400").contains("percent sign without two hex digits");
            assertThat(sandbox.received()).isEmpty();
        }
    }

    private static String ask(RunningKeyway keyway, String target) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), keyway.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("GET " + target + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            InputStream in = socket.getInputStream();
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
