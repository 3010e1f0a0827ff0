package dev.keyway.safety;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.LogFolder;
import dev.keyway.testing.Post;
import dev.keyway.testing.Proof;
import dev.keyway.testing.container.KeywayProcess;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a request may take of the memory, however long its answer is and however large its body. */
@SuppressWarnings("try") // what is opened is used by what is asked
class MemoryIT {
    private static final Proof ANSWERS = Proof.named("memory");
    private static final Proof BODIES = Proof.named("bodies");
    private static final int ALLOWED_MIB = 64;
    private static final int MIB = 1 << 20;
    private static final String CHAT = "/v1/chat/completions";

    @TempDir
    Path home;

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void long_answers_pass_in_64_mib_above_what_it_needs_idle_and_are_counted_right() throws Exception {
        int streamMib = ANSWERS.size(128, 1024);
        int wholeMib = ANSWERS.size(32, 200);
        SandboxOptions options = SandboxOptions.forTests().withRecord(10, MIB);
        try (Sandbox upstream = Sandbox.start(options)) {
            int idle = idleHeapMib(upstream.baseUrl());
            int heap = idle + ALLOWED_MIB;
            try (KeywayProcess keyway = KeywayProcess.in(home.resolve("small"))
                    .option("-Xmx" + heap + "m")
                    .option("-XX:+ExitOnOutOfMemoryError")
                    .before(upstream.baseUrl())
                    .serve()) {
                URI chat = keyway.url(CHAT);

                String stream = sha256(chat, Post.chat("sandbox/big:" + streamMib, true));
                String whole = sha256(chat, Post.chat("sandbox/big-json:" + wholeMib, false));

                assertThat(upstream.awaitIdle(Duration.ofSeconds(10))).isTrue();
                List<Received> received = upstream.received();
                assertThat(received).hasSizeGreaterThanOrEqualTo(2);
                Received streamed = received.get(received.size() - 2);
                Received wholly = received.get(received.size() - 1);
                assertThat(streamed.responseLength()).isGreaterThan((long) streamMib * MIB);
                assertThat(wholly.responseLength()).isGreaterThan((long) wholeMib * MIB);
                assertThat(stream).isEqualTo(streamed.responseSha256());
                assertThat(whole).isEqualTo(wholly.responseSha256());
                assertCounted(home.resolve("small"), List.of(streamed, wholly), List.of(streamMib, wholeMib));
                assertThat(Post.get(keyway.url("/health")).statusCode()).isEqualTo(200);
                assertThat(keyway.output() + keyway.errors()).doesNotContain("OutOfMemoryError");
                ANSWERS.report(
                        "stream of %d MiB and whole answer of %d MiB, byte-identical, usage and cost right, at -Xmx%dm"
                                + " (idle heap %d MiB + %d)",
                        streamMib, wholeMib, heap, idle, ALLOWED_MIB);
            }
        }
    }

    /** Heap in use after a full collection, when the gateway has served and rests. */
    private int idleHeapMib(URI upstream) throws Exception {
        try (KeywayProcess keyway =
                KeywayProcess.in(home.resolve("idle")).before(upstream).serve()) {
            Post.json(keyway.url(CHAT), Post.chat("openai/gpt-4o-mini", true));
            return (int) Math.ceil(Footprint.heapKib(keyway.process().pid()) / 1024.0);
        }
    }

    private static void assertCounted(Path home, List<Received> received, List<Integer> mib) throws Exception {
        LogFolder logs = LogFolder.of(home);
        await().atMost(Duration.ofSeconds(5)).until(() -> logs.lines("requests").size() == 2 * received.size());
        List<String> lines = logs.lines("requests").stream()
                .filter(line -> line.contains("Outgoing Response"))
                .toList();
        for (int i = 0; i < received.size(); i++) {
            JsonNode line = new ObjectMapper().readTree(lines.get(i));
            assertThat(line.get("bytes_out").asLong()).isEqualTo(received.get(i).responseLength());
            assertThat(line.get("completion_tokens").asLong())
                    .describedAs("a token a KiB")
                    .isEqualTo(mib.get(i) * 1024L);
            assertThat(line.get("prompt_tokens").asLong()).isPositive();
            assertThat(line.get("cost").decimalValue())
                    .isEqualByComparingTo(received.get(i).billed())
                    .isPositive();
        }
    }

    private static String sha256(URI url, String body) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream answer = new DigestInputStream(Post.open(url, body), digest)) {
            answer.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    @Test
    @Timeout(value = 15, unit = TimeUnit.MINUTES)
    void every_one_of_many_large_bodies_is_answered() throws Exception {
        int count = BODIES.size(40, 200);
        byte[] body = largeBody();
        SandboxOptions options = SandboxOptions.forTests().withRecord(4, MIB);
        try (Sandbox upstream = Sandbox.start(options);
                KeywayProcess keyway = KeywayProcess.in(home)
                        .option("-Xmx256m")
                        .before(upstream.baseUrl())
                        .serve()) {
            LargePosts posts = new LargePosts(keyway.url("/").getPort(), body, count);

            posts.sendAll();

            assertThat(posts.statuses()).hasSize(count).allMatch(status -> status == 200 || status == 503);
            assertThat(posts.statuses()).contains(200);
            assertThat(keyway.output() + keyway.errors() + LogFolder.of(home).text("errors"))
                    .doesNotContain("OutOfMemoryError");
            assertThat(Post.json(keyway.url(CHAT), Post.chat("openai/gpt-4o-mini", true))
                            .statusCode())
                    .describedAs("all memory of the bodies came back")
                    .isEqualTo(200);
            long served =
                    posts.statuses().stream().filter(status -> status == 200).count();
            BODIES.report(
                    "%d bodies of 20 MiB at once at -Xmx256m: %d answered 200, %d answered 503, no OutOfMemoryError",
                    count, served, count - served);
        }
    }

    /** Twenty messages of a mebibyte each. */
    private static byte[] largeBody() {
        String message = "{\"role\":\"user\",\"content\":\"" + "x".repeat(MIB) + "\"}";
        return ("{\"model\":\"openai/gpt-4o-mini\",\"max_tokens\":5,\"messages\":["
                        + String.join(",", Collections.nCopies(20, message)) + "]}")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** The same large request many times at once, each on a raw socket that reads while it writes. */
    private static final class LargePosts {
        private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([0-9]{3})");
        private static final int PATIENCE_MS = 120_000;

        private final int port;
        private final byte[] body;
        private final ExecutorService threads;
        private final int count;
        private final List<Integer> statuses = new CopyOnWriteArrayList<>();

        LargePosts(int port, byte[] body, int count) {
            this.port = port;
            this.body = body;
            this.count = count;
            this.threads = Executors.newCachedThreadPool();
        }

        List<Integer> statuses() {
            return statuses;
        }

        void sendAll() throws InterruptedException {
            for (int i = 0; i < count; i++) {
                threads.execute(this::post);
            }
            threads.shutdown();
            assertThat(threads.awaitTermination(10, TimeUnit.MINUTES)).isTrue();
        }

        /** Adds the status; -1 for a connection that ended without an answer. */
        private void post() {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout(PATIENCE_MS);
                Thread writer = new Thread(() -> write(socket), "writer");
                writer.start();
                StringBuilder answer = new StringBuilder();
                try {
                    InputStream input = socket.getInputStream();
                    byte[] buffer = new byte[8192];
                    for (int n = input.read(buffer); n >= 0; n = input.read(buffer)) {
                        answer.append(new String(buffer, 0, n, StandardCharsets.ISO_8859_1));
                    }
                } catch (IOException broken) {
                    answer.append(" (").append(broken.getMessage()).append(')');
                }
                Matcher status = STATUS.matcher(answer);
                statuses.add(
                        status.lookingAt() && answer.indexOf("\r\n\r\n") > 0 ? Integer.parseInt(status.group(1)) : -1);
                socket.close();
                writer.join();
            } catch (IOException | InterruptedException e) {
                statuses.add(-1);
            }
        }

        private void write(Socket socket) {
            try {
                socket.getOutputStream()
                        .write(("POST " + CHAT + " HTTP/1.1\r\nHost: 127.0.0.1:" + port
                                        + "\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
                                        + body.length + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                socket.getOutputStream().write(body);
            } catch (IOException answeredEarly) {
                // The reader has what was answered.
                return;
            }
        }
    }
}
