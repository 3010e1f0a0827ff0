package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Received;
import dev.keyway.testing.container.WireClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that reads nothing: what the upstream could send stands still soon, and flows again when it reads. */
class StalledClientTest {
    private static final int MIB = 1 << 20;
    private static final Duration STILL = Duration.ofMillis(700);

    @TempDir
    Path home;

    /** All that lies in the buffers of three programs and their systems, the upstream's and the client's included. */
    @Test
    void an_upstream_stops_within_1_mib_when_the_client_reads_nothing() throws Exception {
        try (Heart heart = Heart.start(home);
                WireClient lazy = WireClient.to(heart.keyway.port())) {
            lazy.post("/v1/chat/completions", chat());
            assertThat(lazy.head().status()).isEqualTo(200);
            Received received = heart.received();

            long sent = BackPressure.awaitStandStill(received, STILL);

            assertThat(sent).isLessThanOrEqualTo(MIB);
            byte[] buffer = new byte[64 * 1024];
            for (long read = 0; read < 8L * MIB; ) {
                int count = lazy.read(buffer);
                assertThat(count).describedAs("it flows again").isPositive();
                read += count;
            }
            assertThat(received.bytesSent()).isGreaterThan(7L * MIB);
        }
    }

    private static byte[] chat() {
        return "{\"model\":\"sandbox/big:64\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}"
                .getBytes(StandardCharsets.UTF_8);
    }
}
