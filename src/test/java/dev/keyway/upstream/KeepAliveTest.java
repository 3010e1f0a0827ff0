package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Conversation;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A silent stream is kept alive by comments between its events, never inside one. */
class KeepAliveTest {
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final String COMMENT = ": keep-alive\n\n";
    private static final String FIRST = "data: {\"id\":\"gen-1\",\"choices\":[]}\n\n";
    private static final Duration A_FEW_INTERVALS = Duration.ofMillis(60);

    @TempDir
    Path home;

    private Heart heart;
    private RawClient client;

    @BeforeEach
    void start() throws IOException {
        heart = Heart.start(home, "server.keep_alive_interval=15ms", "upstream.hold=30ms");
        client = heart.client();
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        heart.close();
    }

    private Conversation stream(RawClient from, Heart before) throws Exception {
        CompletableFuture<Conversation> next = before.sandbox.conversation(MODEL);
        from.chat(MODEL, true);
        return Heart.taken(next).startStream();
    }

    private static String bodyOf(byte[] bytes) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
        for (int size = -1; size != 0; at += size + 2) {
            int line = at;
            while (bytes[line] != '\r') {
                line++;
            }
            size = Integer.parseInt(new String(bytes, at, line - at, StandardCharsets.US_ASCII), 16);
            at = line + 2;
            body.write(bytes, at, size);
        }
        return body.toString(StandardCharsets.UTF_8);
    }

    @Test
    void stalled_at_any_byte_of_an_event_it_gets_comments_between_events_only() throws Exception {
        String event = "event: delta\ndata: {\"a\":\"é\"}\n\n";
        byte[] bytes = event.getBytes(StandardCharsets.UTF_8);
        int afterEventLine = event.indexOf('\n') + 1;
        int afterDataLine = bytes.length - 1;

        for (int at = 1; at < bytes.length; at++) {
            try (RawClient reader = heart.client()) {
                Conversation upstream = stream(reader, heart).send(FIRST);
                ByteArrayOutputStream seen = new ByteArrayOutputStream();
                seen.writeBytes(reader.readBytesUntil(COMMENT));
                upstream.send(Arrays.copyOf(bytes, at));
                boolean inside = at >= afterEventLine && at <= afterDataLine;
                if (inside) {
                    // Nothing may come, so there is nothing to wait for but the time in which it would.
                    assertThat(upstream.awaitClientClosed(A_FEW_INTERVALS)).isFalse();
                } else {
                    seen.writeBytes(reader.readBytesUntil(COMMENT));
                }
                upstream.send(Arrays.copyOfRange(bytes, at, bytes.length))
                        .event("[DONE]")
                        .finish();
                seen.writeBytes(reader.readBytesUntil("0\r\n\r\n"));
                String body = bodyOf(seen.toByteArray());
                assertThat(body).describedAs("stalled at %d", at).contains(event);
                assertThat(body.replace(COMMENT, "")).isEqualTo(FIRST + event + "data: [DONE]\n\n");
            }
        }
    }

    @Test
    void before_the_first_event_too_once_the_gate_is_open() throws Exception {
        Conversation upstream = stream(client, heart);

        assertThat(client.readUntil(COMMENT)).startsWith("HTTP/1.1 200");
        upstream.event("{\"id\":\"gen-1\",\"choices\":[]}").event("[DONE]").finish();
        client.readUntil("0\r\n\r\n");
        assertThat(heart.outcome().path("ended").asText()).isEqualTo("complete");
    }

    @Test
    void never_before_the_upstreams_status() throws Exception {
        CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
        client.chat(MODEL, true);
        Conversation upstream = Heart.taken(next);

        assertThat(upstream.awaitClientClosed(A_FEW_INTERVALS)).isFalse();
        upstream.head(404, "Content-Type: application/json").send("{}").finish();

        assertThat(client.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 404");
    }

    @Test
    void comments_do_not_hide_that_the_upstream_stands_still() throws Exception {
        try (Heart strict = Heart.start(
                        home.resolve("strict"), "server.keep_alive_interval=15ms", "upstream.idle_timeout=400ms");
                RawClient reader = strict.client()) {
            stream(reader, strict).send(FIRST);

            String seen = reader.readUntil("0\r\n\r\n");

            assertThat(seen)
                    .contains(COMMENT)
                    .contains("\"error_type\":\"timeout\"")
                    .doesNotContain("[DONE]");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void nothing_is_inserted_when_switched_off_or_not_wanted(boolean off) throws Exception {
        String key = "a-client-of-a-fragile-sdk";
        Path yaml = Files.createDirectories(home.resolve("quiet")).resolve("keyway.yml");
        Files.writeString(
                yaml, "server:\n  access_keys: [{name: fragile, key: " + key + ", strip_comments: " + !off + "}]\n");
        try (Heart quiet = Heart.start(
                        home.resolve("quiet"),
                        "server.keep_alive_interval=" + (off ? "0s" : "15ms"),
                        "upstream.hold=30ms");
                RawClient reader = quiet.client()) {
            CompletableFuture<Conversation> next = quiet.sandbox.conversation(MODEL);
            reader.post("/v1/chat/completions", RawClient.chatBody(MODEL, true), "Authorization: Bearer " + key);
            Conversation upstream = Heart.taken(next).startStream().send(": theirs\n\n" + FIRST);
            String seen = reader.readUntil(FIRST);

            assertThat(upstream.awaitClientClosed(A_FEW_INTERVALS)).isFalse();
            upstream.send(": theirs\n\n").event("[DONE]").finish();

            String body = bodyOf((seen + reader.readUntil("0\r\n\r\n")).getBytes(StandardCharsets.UTF_8));
            String comment = off ? ": theirs\n\n" : "";
            assertThat(body).isEqualTo(comment + FIRST + comment + "data: [DONE]\n\n");
        }
    }

    @Test
    void a_json_answer_that_is_slow_gets_none() throws Exception {
        CompletableFuture<Conversation> next = heart.sandbox.conversation(MODEL);
        client.chat(MODEL, false);
        Conversation upstream =
                Heart.taken(next).head(200, "Content-Type: application/json").send("{\"id\":");
        String seen = client.readUntil("{\"id\":");

        assertThat(upstream.awaitClientClosed(A_FEW_INTERVALS)).isFalse();
        upstream.send("\"gen-1\"}").finish();

        assertThat(bodyOf((seen + client.readUntil("0\r\n\r\n")).getBytes(StandardCharsets.UTF_8)))
                .isEqualTo("{\"id\":\"gen-1\"}");
    }
}
