package dev.keyway.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.sandbox.Conversation;
import dev.keyway.sandbox.Received;
import dev.keyway.testing.Proof;
import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.KeywayInContainer;
import dev.keyway.testing.container.WireClient;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Streams, the clients that leave them and the upstreams that break them, in every stock container. */
@ParameterizedClass
@MethodSource("dev.keyway.testing.container.Deployment#oneOfEach")
class LiveStreamsIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CHAT = "/v1/chat/completions";
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final int PACED_EVENTS = 60;
    private static final Duration MOST_LAG = Duration.ofMillis(20);
    private static final Duration ABORT_LIMIT = Duration.ofSeconds(1);
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final Proof PROOF = Proof.named("drops");
    private static final Proof STALLED = Proof.named("stalled");
    private static final int DROPS = PROOF.size(40, 400);
    private static final int BROKEN_OFF = 5;
    private static final long MIB = 1 << 20;

    /**
     * When a connection breaks while its request ends, Tomcat now and then finds it ended but not put away, or failed when
     * it looks what is to be done next. It gives that connection up, puts away what is left and tells of it; no other
     * request is harmed (etc/decisions/0005).
     */
    private static final Pattern RECYCLED = Pattern.compile(
            "(?m)^.* (?:Encountered a non-recycled request and recycled it"
                    + " forcedly\\.\\R\\t.*RecycleRequiredException|Error reading request, ignored\\R\\t.*IllegalStateException:"
                    + " Calling \\[asyncPostProcess\\(\\)] is not valid for a request with Async state \\[ERROR])\\R(?:\\t+at .*\\R)+");

    private static final long FEW = 5;

    @SuppressWarnings("NullAway.Init")
    private static KeywayInContainer keyway;

    private final WireClient client;

    LiveStreamsIT(Deployment deployment) throws IOException {
        this.client = keyway.connect();
    }

    @BeforeParameterizedClassInvocation
    static void start(Deployment deployment) throws Exception {
        keyway = KeywayInContainer.start(deployment, Map.of());
    }

    /** A client that leaves or an upstream that breaks off is no error of the server's. */
    @AfterParameterizedClassInvocation
    static void stop() throws Exception {
        String log = keyway.container().allLogs();
        keyway.close();
        assertThat(RECYCLED.matcher(log).results().count())
                .describedAs("how often Tomcat had to put away what a broken connection left behind")
                .isLessThanOrEqualTo(FEW);
        String rest = RECYCLED.matcher(log).replaceAll("");
        assertThat(rest).doesNotContain("\tat ", "sk-or-v1-");
        assertThat(rest.lines().filter(line -> line.contains("SEVERE")))
                .describedAs("Tomcat tells twice of each answer that had to be broken off")
                .hasSizeLessThanOrEqualTo(2 * BROKEN_OFF)
                .allMatch(line -> line.contains("[openrouter]"));
    }

    @BeforeEach
    void forget() {
        keyway.sandbox().clear();
    }

    @AfterEach
    void report(TestInfo test) throws IOException {
        client.close();
        keyway.container().report(test.getDisplayName());
    }

    private static String chat(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
    }

    private static WireClient ask(WireClient connection, String model, boolean stream) throws IOException {
        return connection.post(keyway.path(CHAT), chat(model, stream));
    }

    private static Received only() {
        assertThat(keyway.sandbox().received()).hasSize(1);
        return keyway.sandbox().received().get(0);
    }

    private static Conversation conversation(WireClient connection, String model) throws Exception {
        CompletableFuture<Conversation> coming = keyway.sandbox().conversation(model);
        ask(connection, model, true);
        return coming.get(SOON.toSeconds(), TimeUnit.SECONDS);
    }

    private static String delta(String text) {
        return "{\"id\":\"gen-1\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":"
                + "[{\"index\":0,\"delta\":{\"content\":\"" + text + "\"},\"finish_reason\":null}]}";
    }

    @Test
    void a_stream_passes_byte_for_byte_and_ends_in_order() throws Exception {
        Answer answer = ask(client, MODEL, true).answer();

        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
        assertThat(answer.whole()).isTrue();
        assertThat(answer.body()).isEqualTo(only().responseBody());
        assertThat(answer.text()).endsWith("data: [DONE]\n\n");
        assertThat(answer.header("Content-Type")).startsWith("text/event-stream");
        assertThat(answer.header("X-Accel-Buffering")).isEqualTo("no");
        assertThat(answer.all("Date")).hasSize(1);
        assertThat(answer.all("Server")).containsExactly("Keyway");
        assertThat(answer.chunked()).isTrue();
        assertThat(answer.all("Content-Length")).isEmpty();
    }

    /** The next event is written only when the client has the last one, so no buffer can make it pass. */
    @Test
    void every_event_is_passed_on_at_once() throws Exception {
        Conversation upstream = conversation(client, "paced/by-hand");
        upstream.startStream();
        List<Long> lags = new ArrayList<>();

        for (int i = 0; i < PACED_EVENTS; i++) {
            String event = delta("event " + i);
            long sent = System.nanoTime();
            upstream.event(event);
            if (i == 0) {
                assertThat(client.head().status()).isEqualTo(200);
            }
            client.chunksUntil(event + "\n\n");
            lags.add(System.nanoTime() - sent);
        }
        upstream.send("data: [DONE]\n\n").finish();

        // The first few run code that was never run before.
        List<Long> warm = lags.subList(10, lags.size());
        Collections.sort(warm);
        Duration median = Duration.ofNanos(warm.get(warm.size() / 2));
        Duration nineTenths = Duration.ofNanos(warm.get(warm.size() * 9 / 10));
        keyway.container()
                .report(String.format(
                        "lag per event: median %.1f ms, 90 %% within %.1f ms", ms(median), ms(nineTenths)));
        assertThat(median).isLessThanOrEqualTo(MOST_LAG);
        assertThat(nineTenths)
                .describedAs("with a busy machine's pauses")
                .isLessThanOrEqualTo(MOST_LAG.multipliedBy(5));
    }

    private static double ms(Duration time) {
        return time.toNanos() / 1e6;
    }

    @Test
    void comments_and_cut_characters_pass_as_they_come() throws Exception {
        Conversation upstream = conversation(client, "paced/cut");
        upstream.startStream().send(": OPENROUTER PROCESSING\n\n").event(delta("a"));
        assertThat(client.head().status()).isEqualTo(200);
        assertThat(client.chunksUntil("\"a\"")).startsWith(": OPENROUTER PROCESSING\n\n");

        byte[] event = ("data: " + delta("é") + "\n\n").getBytes(java.nio.charset.StandardCharsets.UTF_8);
        for (byte one : event) {
            upstream.send(new byte[] {one});
        }
        upstream.send("data: [DONE]\n\n").finish();

        Answer rest = new Answer(200, List.of("Transfer-Encoding: chunked"), new byte[0], true);
        assertThat(client.bodyOf(rest).text()).contains(delta("é")).endsWith("data: [DONE]\n\n");
    }

    @Test
    void an_error_as_first_event_becomes_a_real_status() throws Exception {
        Answer answer = ask(client, "sandbox/first-error:403", true).answer();

        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(403);
        assertThat(JSON.readTree(answer.body()).at("/error/code").intValue()).isEqualTo(403);
    }

    @Test
    void a_broken_stream_ends_with_the_error_event() throws Exception {
        for (String fault : List.of("sandbox/cut", "sandbox/reset")) {
            try (WireClient fresh = keyway.connect()) {
                Answer answer = ask(fresh, fault, true).answer();

                assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
                assertThat(answer.whole()).describedAs("the body ends properly").isTrue();
                JsonNode last =
                        JSON.readTree(answer.text().substring(answer.text().lastIndexOf("data: ") + "data: ".length()));
                assertThat(last.at("/choices/0/finish_reason").textValue()).isEqualTo("error");
                assertThat(last.at("/error/code").intValue()).isEqualTo(502);
                assertThat(answer.text()).doesNotContain("[DONE]");
            }
        }
    }

    @Test
    void a_broken_whole_answer_breaks_the_connection() throws Exception {
        for (int i = 0; i < BROKEN_OFF; i++) {
            try (WireClient fresh = keyway.connect()) {
                Answer answer = ask(fresh, i % 2 == 0 ? "sandbox/cut" : "sandbox/reset", false)
                        .answer();

                assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
                assertThat(answer.whole()).describedAs("%s", answer).isFalse();
                assertThat(answer.text()).startsWith("{").doesNotContain("<html");
            }
            try (WireClient next = keyway.connect()) {
                assertThat(ask(next, MODEL, false).answer().status()).isEqualTo(200);
            }
        }
    }

    @Test
    void the_upstream_is_aborted_when_the_client_leaves() throws Exception {
        for (boolean reset : List.of(false, true)) {
            keyway.sandbox().clear();
            WireClient leaving = keyway.connect();
            ask(leaving, "sandbox/paced:500:20", true);
            leaving.head();
            leaving.chunksUntil("data: ");
            Received request = only();

            long left = System.nanoTime();
            if (reset) {
                leaving.reset();
            } else {
                leaving.close();
            }

            assertThat(request.awaitClosedEarly(SOON)).isTrue();
            Duration took = Duration.ofNanos(System.nanoTime() - left);
            keyway.container().report((reset ? "RST" : "FIN") + ": upstream aborted after " + took.toMillis() + " ms");
            assertThat(took).isLessThanOrEqualTo(ABORT_LIMIT);
        }
    }

    @Test
    void a_client_that_stops_reading_stops_the_upstream() throws Exception {
        try (WireClient lazy = WireClient.to(keyway.container().port())) {
            ask(lazy, "sandbox/big:64", true);
            assertThat(lazy.head().status()).isEqualTo(200);
            Received request = only();

            long stopped = Awaitility.await()
                    .pollInterval(Duration.ofMillis(500))
                    .atMost(SOON)
                    .until(new Growth(request), grown -> grown == 0)
                    .longValue();
            long sent = request.bytesSent();

            STALLED.report(
                    "%s: a client reads nothing, the upstream stopped after %d KiB",
                    keyway.container().version(), sent / 1024);
            assertThat(stopped).isZero();
            assertThat(sent).isLessThanOrEqualTo(MIB);

            byte[] buffer = new byte[64 * 1024];
            for (long read = 0; read < sent + MIB; ) {
                int count = lazy.read(buffer);
                assertThat(count).describedAs("it flows again").isPositive();
                read += count;
            }
            assertThat(request.bytesSent()).isGreaterThan(sent);
        }
    }

    /** How many bytes more than at the last look. */
    private static final class Growth implements java.util.concurrent.Callable<Long> {
        private final Received request;
        private long before = -1;

        Growth(Received request) {
            this.request = request;
        }

        @Override
        public Long call() {
            long now = request.bytesSent();
            long grown = now == 0 ? 1 : now - before;
            before = now;
            return grown;
        }
    }

    /** On Tomcat 10 and 11 an answer that is completed by the failing thread breaks another client's next request. */
    @Test
    void a_dropped_stream_never_harms_the_next_request() throws Exception {
        List<String> failures = new ArrayList<>();
        for (int i = 0; i < DROPS; i++) {
            WireClient dropped = keyway.connect();
            ask(dropped, "sandbox/big:4", true);
            dropped.head();
            dropped.chunksUntil("data: ");
            if (i % 2 == 0) {
                dropped.reset();
            } else {
                dropped.close();
            }
            try (WireClient fresh = keyway.connect()) {
                Answer answer = ask(fresh, MODEL, i % 4 < 2).answer();
                if (answer.status() != 200 || !answer.whole() || !answer.text().contains("gen-")) {
                    failures.add("after drop " + i + ": " + answer);
                }
            } catch (IOException e) {
                failures.add("after drop " + i + ": " + e);
            }
        }

        PROOF.report("%s: %d drops, %d requests harmed", keyway.container().version(), DROPS, failures.size());
        assertThat(failures).isEmpty();
    }
}
