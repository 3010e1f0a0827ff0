package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.sandbox.Conversation;
import dev.keyway.testing.Proof;
import dev.keyway.upstream.RawClient.Answer;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that leave while nothing is written to them, in every state of a request. */
@EnabledOnOs(OS.LINUX)
class ClientGoneUnseenTest {
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final Proof PROOF = Proof.named("watch");
    /** What is promised is 2 s; a busy machine may need longer. */
    private static final Duration LIMIT = Duration.ofSeconds(4);

    private static final int SOME_LOOKS = 3;
    private static final int BIG_BODY = 32 << 20;

    @TempDir
    Path home;

    @SuppressWarnings("NullAway.Init")
    private Heart heart;

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable one : open) {
            one.close();
        }
        heart.close();
    }

    private Heart start(String... settings) throws IOException {
        heart = Heart.start(home, settings);
        return heart;
    }

    private RawClient client() throws IOException {
        RawClient client = heart.client();
        open.add(client);
        return client;
    }

    private static void leave(RawClient client, boolean reset) throws IOException {
        if (reset) {
            client.reset();
        } else {
            client.close();
        }
    }

    /** Waits for the end of the only request that ended, and for its upstream's. */
    private void assertGone(String state, RawClient client, boolean reset, BooleanSupplier aborted) throws Exception {
        long left = System.nanoTime();
        leave(client, reset);

        Heart.await(Heart.SOON, aborted);
        JsonNode line = heart.outcome();
        Duration took = Duration.ofNanos(System.nanoTime() - left);

        PROOF.report("%s, %s: upstream aborted and told after %d ms", state, reset ? "RST" : "FIN", took.toMillis());
        assertThat(took).isLessThan(LIMIT);
        assertThat(line.path("ended").asText()).isEqualTo("client_gone");
    }

    private String attempt() throws IOException {
        JsonNode attempts = heart.outcome().path("attempts");
        assertThat(attempts).hasSize(1);
        return attempts.get(0).path("reason").asText();
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

    private Conversation conversation(RawClient client, boolean stream) throws Exception {
        CompletableFuture<Conversation> coming = heart.sandbox.conversation(MODEL);
        client.chat(MODEL, stream);
        Conversation conversation = Heart.taken(coming);
        open.add(conversation::cut);
        return conversation;
    }

    private static boolean isClosed(Conversation conversation) {
        try {
            return conversation.awaitClientClosed(Duration.ofMillis(5));
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- before the upstream has the request

    /** Its body waits for another one's memory, so nobody reads from the connection. */
    @Test
    void waiting_for_room_for_its_body() throws Exception {
        start("server.max_buffered=230KiB", "server.max_body=220KiB");
        CompletableFuture<Conversation> coming = heart.sandbox.conversation(MODEL);
        client().post("/v1/chat/completions", bodyOf(200 * 1024));
        open.add(Heart.taken(coming)::cut);
        RawClient waiting = client();
        waiting.post("/v1/chat/completions", bodyOf(60 * 1024));
        Heart.await(Heart.SOON, () -> arrivals() == 2);

        assertGone("waiting for room", waiting, false, () -> true);

        assertThat(heart.outcome().path("attempts")).isEmpty();
    }

    private static String bodyOf(int bytes) {
        String start = "{\"model\":\"" + MODEL + "\",\"messages\":[{\"role\":\"user\",\"content\":\"";
        return start + "x".repeat(bytes - start.length() - 4) + "\"}]}";
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void queued_for_a_connection(boolean reset) throws Exception {
        start("upstream.max_connections=1");
        Conversation holder = conversation(client(), true);
        RawClient queued = client();
        queued.chat(MODEL, true);
        Heart.await(Heart.SOON, () -> arrivals() == 2);

        assertGone("queued", queued, reset, () -> true);

        assertThat(attempt()).isEqualTo("client_gone");
        holder.startStream().send("data: [DONE]\n\n").finish();
        open.remove(1);
        heart.outcomes(2);
        assertThat(heart.sandbox.received())
                .describedAs("it is not sent any more")
                .hasSize(1);
    }

    /** Nobody accepts, and the kernel lets no more wait. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void connecting(boolean reset) throws Exception {
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            fill(full);
            start("openrouter.base_url=http://127.0.0.1:" + full.getLocalPort());
            RawClient client = client();
            client.chat(MODEL, true);
            Heart.await(Heart.SOON, () -> arrivals() == 1);

            assertGone("connecting", client, reset, () -> true);

            assertThat(attempt()).isEqualTo("client_gone");
        }
    }

    private void fill(ServerSocket server) throws IOException {
        for (int i = 0; i < 10; i++) {
            Socket socket = new Socket();
            open.add(socket);
            try {
                socket.connect(new InetSocketAddress(server.getInetAddress(), server.getLocalPort()), 300);
            } catch (SocketTimeoutException itIsFull) {
                return;
            }
        }
        throw new AssertionError("the queue never filled");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void in_the_tls_handshake(boolean reset) throws Exception {
        try (ServerSocket mute = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            start("openrouter.base_url=https://127.0.0.1:" + mute.getLocalPort());
            RawClient client = client();
            client.chat(MODEL, true);
            Socket upstream = accept(mute);

            assertGone("in the TLS handshake", client, reset, () -> end(upstream) >= 0);
        }
    }

    private Socket accept(ServerSocket server) throws IOException {
        server.setSoTimeout((int) Heart.SOON.toMillis());
        Socket socket = server.accept();
        open.add(socket);
        return socket;
    }

    /** Reads to the end of the connection, in order or not; how much there was. */
    private static long end(Socket socket) {
        long count = 0;
        try {
            socket.setSoTimeout((int) Heart.SOON.toMillis());
            InputStream in = socket.getInputStream();
            byte[] buffer = new byte[64 * 1024];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                count += read;
            }
            return count;
        } catch (SocketTimeoutException e) {
            return -1;
        } catch (IOException wasReset) {
            return count;
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void body_being_sent(boolean reset) throws Exception {
        try (ServerSocket lazy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            lazy.setReceiveBufferSize(16 * 1024);
            start("openrouter.base_url=http://127.0.0.1:" + lazy.getLocalPort());
            RawClient client = client();
            client.post("/v1/chat/completions", bodyOf(BIG_BODY));
            Socket upstream = accept(lazy);
            awaitFull(upstream);

            assertGone("body being sent", client, reset, () -> true);

            assertThat(attempt()).isEqualTo("client_gone");
            assertThat(end(upstream)).isBetween(0L, (long) BIG_BODY - 1);
        }
    }

    /** The upstream takes none, so nobody reads from the client. Behind bytes that were not read no FIN can be seen. */
    @Test
    void upload_passing_through() throws Exception {
        try (ServerSocket lazy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            lazy.setReceiveBufferSize(16 * 1024);
            start("openrouter.base_url=http://127.0.0.1:" + lazy.getLocalPort());
            RawClient client = client();
            client.send("POST /v1/audio/transcriptions HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + BIG_BODY
                    + "\r\n\r\n");
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> sendAll(client));
            Socket upstream = accept(lazy);
            awaitFull(upstream);

            assertGone("upload passing through", client, true, () -> true);

            assertThat(end(upstream)).isBetween(0L, (long) BIG_BODY - 1);
            assertThat(sending).failsWithin(Heart.SOON);
        }
    }

    /** Until the system takes no more for this socket, so that its sender stands still. */
    private static void awaitFull(Socket socket) throws IOException {
        InputStream in = socket.getInputStream();
        AtomicInteger before = new AtomicInteger();
        Awaitility.await()
                .pollInterval(Duration.ofMillis(300))
                .atMost(Heart.SOON)
                .until(() -> {
                    int now = in.available();
                    return now > 0 && before.getAndSet(now) == now;
                });
    }

    private static void sendAll(RawClient client) {
        try {
            client.send(new byte[BIG_BODY]);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    // ---- before the answer

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void waiting_for_the_first_byte(boolean reset) throws Exception {
        start();
        RawClient client = client();
        Conversation upstream = conversation(client, false);

        assertGone("waiting for the first byte", client, reset, () -> isClosed(upstream));

        assertThat(attempt()).isEqualTo("client_gone");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void held_in_the_gate(boolean reset) throws Exception {
        start("upstream.hold=60s");
        RawClient client = client();
        Conversation upstream = conversation(client, true).startStream().send(": OPENROUTER PROCESSING\n\n");

        assertGone("held in the gate", client, reset, () -> isClosed(upstream));

        assertThat(heart.outcome().path("status").asInt()).isZero();
    }

    /** The provider's limit is answered late, and until then nothing happens at all. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void between_two_steps(boolean reset) throws Exception {
        start("openrouter.google_rate_delay=60s");
        RawClient client = client();
        client.chat("sandbox/429-upstream", true);
        Heart.await(Heart.SOON, () -> heart.sandbox.received().size() == 1);

        assertGone("waiting to answer", client, reset, () -> true);

        assertThat(heart.outcome().path("status").asInt()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void waiting_to_be_sent_again(boolean reset) throws Exception {
        start();
        RawClient client = client();
        client.chat("sandbox/503", true);
        Heart.await(Heart.SOON, () -> heart.sandbox.received().size() == 1);

        assertGone("waiting to be sent again", client, reset, () -> true);

        assertThat(heart.outcome().path("status").asInt()).isZero();
        assertThat(heart.sandbox.received()).hasSize(1);
    }

    // ---- in the answer

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void stream_gone_silent(boolean reset) throws Exception {
        start();
        RawClient client = client();
        Conversation upstream = conversation(client, true).startStream().event("{\"id\":\"gen-1\",\"choices\":[]}");
        client.readUntil("gen-1");

        assertGone("silent stream", client, reset, () -> isClosed(upstream));

        assertThat(heart.outcome().path("status").asInt()).isEqualTo(200);
        assertThat(heart.keyway.log("errors")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whole_answer_gone_silent(boolean reset) throws Exception {
        start();
        RawClient client = client();
        Conversation upstream = conversation(client, false)
                .head(200, "Content-Type: application/json")
                .send("{\"id\":\"gen-1\",");
        client.readUntil("gen-1");

        assertGone("silent answer that is no stream", client, reset, () -> isClosed(upstream));
    }

    /** The next request of a connection is watched like its first. */
    @Test
    void second_request_of_a_connection() throws Exception {
        start();
        RawClient client = client();
        assertThat(client.chat(MODEL, false).answer().status()).isEqualTo(200);
        heart.outcome();
        Conversation upstream = conversation(client, true);
        long left = System.nanoTime();

        client.close();

        assertThat(upstream.awaitClientClosed(Heart.SOON)).isTrue();
        assertThat(Duration.ofNanos(System.nanoTime() - left)).isLessThan(LIMIT);
        assertThat(heart.outcomes(2).get(1).path("ended").asText()).isEqualTo("client_gone");
    }

    // ---- half closed

    private enum Begun {
        NOTHING,
        STREAM,
        WHOLE_ANSWER
    }

    /** Who ends its own side and reads on counts as gone, but is not told that what it has is whole. */
    @ParameterizedTest
    @EnumSource(Begun.class)
    void half_closed_client_is_told(Begun begun) throws Exception {
        start();
        RawClient client = client();
        Conversation upstream = conversation(client, begun == Begun.STREAM);
        switch (begun) {
            case STREAM ->
                upstream.startStream()
                        .event("{\"id\":\"gen-1\",\"choices\":[]}")
                        .send("data: {\"half");
            case WHOLE_ANSWER ->
                upstream.head(200, "Content-Type: application/json").send("{\"id\":\"gen-1\",");
            default -> {}
        }
        if (begun != Begun.NOTHING) {
            client.readUntil("gen-1");
        }

        client.halfClose();

        assertThat(upstream.awaitClientClosed(LIMIT)).isTrue();
        String rest = new String(client.readAll(), java.nio.charset.StandardCharsets.UTF_8);
        switch (begun) {
            case NOTHING -> assertThat(rest).startsWith("HTTP/1.1 400 ").contains("counts as gone");
            case STREAM ->
                assertThat(rest)
                        .contains("\n\ndata: {")
                        .contains("\"finish_reason\":\"error\"")
                        .doesNotContain("[DONE]", "half")
                        .endsWith("0\r\n\r\n");
            default -> assertThat(rest).doesNotContain("0\r\n\r\n");
        }
        assertThat(heart.outcome().path("ended").asText()).isEqualTo("client_gone");
    }

    // ---- who is not gone

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void client_that_stays_is_left_alone(boolean second) throws Exception {
        start();
        RawClient client = client();
        if (second) {
            assertThat(client.chat(MODEL, false).answer().status()).isEqualTo(200);
        }
        Conversation upstream = conversation(client, true);

        assertThat(upstream.awaitClientClosed(Duration.ofSeconds(SOME_LOOKS))).isFalse();

        upstream.startStream().event("{\"id\":\"gen-9\",\"choices\":[]}").send("data: [DONE]\n\n");
        client.readUntil("[DONE]");
        upstream.finish();
        open.remove(1);
        heart.outcomes(second ? 2 : 1)
                .forEach(line -> assertThat(line.path("ended").asText()).isEqualTo("complete"));
    }

    @Test
    void nobody_is_looked_for_when_it_is_off() throws Exception {
        start("server.watch_clients=off");
        RawClient client = client();
        Conversation upstream = conversation(client, true);

        client.close();

        assertThat(upstream.awaitClientClosed(Duration.ofSeconds(SOME_LOOKS))).isFalse();
        assertThat(heart.keyway.watchedClients()).isZero();
    }

    /** Every way a request ends takes it out of the watch. */
    @Test
    void nobody_is_watched_after_2000_requests() throws Exception {
        start();
        RawClient client = client();
        for (int i = 0; i < 2000; i++) {
            String body = i % 10 == 0 ? "{" : RawClient.chatBody(model(i), i % 3 == 0);
            Answer answer = client.post("/v1/chat/completions", body).answer();
            if (i % 100 == 1) {
                RawClient leaver = client();
                leaver.chat("sandbox/stall", i % 200 == 1).readUntil("gen-");
                leave(leaver, i % 400 == 1);
            }
            if (!answer.whole()) {
                client.close();
                client = client();
            }
        }

        Heart.await(Heart.SOON, () -> heart.keyway.watchedClients() == 0);
        assertThat(heart.outcomes(2020)).isNotEmpty();
    }

    private static String model(int i) {
        return switch (i % 50) {
            case 7 -> "sandbox/cut";
            case 9 -> "sandbox/429-upstream";
            default -> MODEL;
        };
    }
}
