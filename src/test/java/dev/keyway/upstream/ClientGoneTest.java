package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.sandbox.Conversation;
import dev.keyway.sandbox.Received;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that leave, and clients that stop reading. */
class ClientGoneTest {
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final Duration ABORT = Duration.ofSeconds(1);
    private static final int SOCKET_BUFFERS = 10 << 20;

    /** A body that breaks off is the client's error, or its leaving: the container does not always tell which. */
    private static final List<String> LEFT_OR_BROKEN = List.of("client_gone", "error");

    @TempDir
    Path home;

    private Heart heart;

    @BeforeEach
    void start() throws IOException {
        heart = Heart.start(home);
    }

    @AfterEach
    void stop() throws IOException {
        heart.close();
    }

    private static void leave(RawClient client, boolean reset) throws IOException {
        if (reset) {
            client.reset();
        } else {
            client.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"false,true", "true,true", "false,false", "true,false"})
    void upstream_is_aborted_when_the_client_leaves_while_data_flow(boolean reset, boolean stream) throws Exception {
        RawClient client = heart.client();
        client.chat(stream ? "sandbox/paced:1000:20" : "sandbox/big-json:500", stream);
        client.readUntil(stream ? "data: " : "\"id\"");
        Received received = heart.received();

        long left = System.nanoTime();
        leave(client, reset);

        assertThat(received.awaitClosedEarly(Heart.SOON)).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - left)).isLessThan(ABORT);
        JsonNode line = heart.outcome();
        assertThat(line.path("ended").asText()).isEqualTo("client_gone");
        assertThat(line.path("status").asInt()).isEqualTo(200);
        assertThat(line.path("attempts")).hasSize(1);
        assertThat(line.path("bytes_out").asLong()).isPositive();
        assertThat(heart.keyway.log("errors")).isEmpty();
    }

    @Test
    void client_that_left_does_not_disturb_the_next_ones() throws Exception {
        for (int i = 0; i < 20; i++) {
            RawClient leaver = heart.client();
            leaver.chat("sandbox/paced:1000:2", true).readUntil("data: ");
            leave(leaver, i % 2 == 0);

            try (RawClient next = heart.client()) {
                assertThat(next.chat(MODEL, true).answer().text()).endsWith("data: [DONE]\n\n");
            }
        }

        assertThat(heart.outcomes(40).stream()
                        .filter(line -> line.path("ended").asText().equals("client_gone")))
                .hasSize(20);
    }

    @Test
    void leaving_is_seen_at_the_first_write_when_the_client_left_before_the_first_byte() throws Exception {
        CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
        RawClient client = heart.client();
        client.chat(MODEL, true);
        Conversation upstream = Heart.taken(next).startStream();
        client.reset();

        boolean gone = false;
        for (int i = 0; i < 100 && !gone; i++) {
            upstream.event("{\"id\":\"gen-1\",\"choices\":[]}");
            gone = upstream.awaitClientClosed(Duration.ofMillis(20));
        }

        assertThat(gone).isTrue();
        upstream.cut();
        assertThat(heart.outcome().path("ended").asText()).isEqualTo("client_gone");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void client_that_leaves_before_its_body_is_read_never_reaches_the_upstream(boolean reset) throws Exception {
        RawClient client = heart.client();
        client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{\"mo");
        Heart.await(Heart.SOON, () -> arrivals() == 1);

        leave(client, reset);

        JsonNode line = heart.outcome();
        assertThat(line.path("ended").asText()).isIn(LEFT_OR_BROKEN);
        assertThat(line.path("attempts")).isEmpty();
        assertThat(heart.sandbox.received()).isEmpty();
        assertThat(heart.sandbox.connections()).isZero();
    }

    private long arrivals() {
        try {
            return heart.keyway.log("requests").stream()
                    .filter(line -> line.contains("Incoming Request"))
                    .count();
        } catch (IOException e) {
            return -1;
        }
    }

    /** Symptom: a client that had sent half a body and ended its side read an empty 200. */
    @Test
    void half_a_body_is_400() throws Exception {
        try (RawClient client = heart.client()) {
            client.send("POST /v1/chat/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{\"mo");

            client.halfClose();

            assertThat(new String(client.readAll(), StandardCharsets.US_ASCII)).startsWith("HTTP/1.1 400");
        }
    }

    @Test
    void upload_that_breaks_off_aborts_the_upstream() throws Exception {
        RawClient client = heart.client();
        client.send("POST /v1/audio/transcriptions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n");
        client.send(new byte[50_000]);
        Heart.await(Heart.SOON, () -> heart.sandbox.openConnections() == 1);

        client.reset();

        Heart.await(Heart.SOON, () -> heart.sandbox.openConnections() == 0);
        assertThat(heart.outcome().path("ended").asText()).isIn(LEFT_OR_BROKEN);
    }

    /** Proof 15. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void upstream_stands_still_while_the_client_does_not_read_and_loses_nothing(boolean stream) throws Exception {
        try (RawClient client = new RawClient(heart.keyway.port(), 16 * 1024)) {
            client.chat(stream ? "sandbox/big:64" : "sandbox/big-json:64", stream);
            client.readUntil("\r\n\r\n");
            Received received = heart.received();

            long sent = BackPressure.awaitStandStill(received, Duration.ofMillis(300));

            assertThat(sent).isLessThan(SOCKET_BUFFERS + (1 << 20));
            assertThat(sent).isLessThan(64 << 20);
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            client.readChunks(digest::update);
            assertThat(received.awaitDone(Heart.SOON)).isTrue();
            assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(received.responseSha256());
            assertThat(received.responseLength()).isGreaterThan(64 << 20);
            assertThat(heart.outcome().path("ended").asText()).isEqualTo("complete");
            assertThat(heart.outcome().path("bytes_out").asLong()).isEqualTo(received.responseLength());
        }
    }
}
