package dev.keyway.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FaultsTest {
    private static final String CHAT = "/chat/completions";
    private static final Duration SOON = Duration.ofSeconds(5);
    private Sandbox sandbox;

    @BeforeEach
    void start() throws IOException {
        sandbox = Sandbox.start(SandboxOptions.forTests());
    }

    @AfterEach
    void stop() {
        sandbox.close();
    }

    private static String request(String fault, boolean stream) {
        return "{\"model\":\"sandbox/" + fault + "\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";
    }

    private RawClient.Answer ask(String fault, boolean stream) throws IOException {
        try (RawClient client = new RawClient(sandbox)) {
            return client.post(CHAT, request(fault, stream)).answer();
        }
    }

    private Received only() throws InterruptedException {
        assertThat(sandbox.received()).hasSize(1);
        Received received = sandbox.received().get(0);
        assertThat(received.awaitDone(SOON)).isTrue();
        return received;
    }

    private static long took(Task task) throws Exception {
        long begin = System.nanoTime();
        task.run();
        return Duration.ofNanos(System.nanoTime() - begin).toMillis();
    }

    private interface Task {
        void run() throws Exception;
    }

    @Test
    void every_fault_has_a_name_of_its_own_and_a_row_in_the_table() {
        for (Faults fault : Faults.values()) {
            assertThat(Faults.parse(fault.label()).fault()).isEqualTo(fault);
            assertThat(Faults.table()).contains("| `sandbox/" + fault.label());
            assertThat(fault.description()).isNotBlank();
        }
        assertThatThrownBy(() -> Faults.parse("no-such")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Faults.parse("stall:x")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void slow_headers_keep_the_status_line_back() throws Exception {
        long ms = took(() -> assertThat(ask("slow-headers:300", true).status()).isEqualTo(200));

        assertThat(ms).isGreaterThanOrEqualTo(300);
    }

    @Test
    void slow_token_sends_a_comment_first_and_waits_then() throws Exception {
        try (RawClient client = new RawClient(sandbox)) {
            client.post(CHAT, request("slow-token:300", true)).head();
            String comment = new String(client.chunk(), StandardCharsets.UTF_8);

            long ms = took(() -> assertThat(new String(client.chunk(), StandardCharsets.UTF_8))
                    .startsWith("data: "));

            assertThat(comment).isEqualTo(": OPENROUTER PROCESSING\n\n");
            assertThat(ms).isGreaterThanOrEqualTo(200);
        }
    }

    @Test
    void client_that_leaves_before_the_status_line_is_seen_and_not_billed() throws Exception {
        try (RawClient client = new RawClient(sandbox)) {
            client.post(CHAT, request("slow-headers:60000", true));
            while (sandbox.received().isEmpty()) {
                Thread.onSpinWait();
            }
        }

        assertThat(only().awaitClosedEarly(SOON)).isTrue();
        assertThat(only().billed()).isZero();
    }

    @Test
    void stall_goes_silent_after_its_events_until_the_client_closes() throws Exception {
        try (RawClient client = new RawClient(sandbox)) {
            client.socket().setSoTimeout(300);
            client.post(CHAT, request("stall:2:7", true)).head();
            StringBuilder seen = new StringBuilder();
            assertThatThrownBy(() -> {
                        while (true) {
                            seen.append(new String(client.chunk(), StandardCharsets.UTF_8));
                        }
                    })
                    .isInstanceOf(SocketTimeoutException.class);

            assertThat(seen.toString().split("data: \\{", -1)).hasSize(4);
            assertThat(seen).endsWith("\n\ndata: {");
            assertThat(sandbox.received().get(0).closedEarly()).isNotDone();
        }
        assertThat(only().awaitClosedEarly(SOON)).isTrue();
        BigDecimal expected = new BigDecimal("0.000001").add(new BigDecimal("0.000004"));
        assertThat(only().billed()).isEqualByComparingTo(expected);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void cut_closes_in_the_middle_without_a_reset(boolean stream) throws Exception {
        RawClient.Answer answer = ask("cut:2", stream);

        assertThat(answer.whole()).isFalse();
        assertThat(answer.body()).contains("\"id\":\"gen-").doesNotContain("[DONE]");
        assertThat(only().closedEarly()).isNotDone();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void reset_is_seen_as_a_reset_after_the_first_bytes(boolean stream) throws Exception {
        try (RawClient client = new RawClient(sandbox)) {
            client.post(CHAT, request("reset:1", stream)).head();

            assertThatThrownBy(() -> {
                        client.socket().getInputStream().readAllBytes();
                        throw new IOException("an end without a reset");
                    })
                    .isInstanceOf(SocketException.class)
                    .hasMessageContaining("reset");
        }
    }

    @Test
    void nothing_at_all_comes_before_fin_and_rst_and_the_generation_is_billed_whole() throws Exception {
        try (RawClient fin = new RawClient(sandbox)) {
            assertThat(fin.post(CHAT, request("fin", false)).read()).isEqualTo(-1);
        }
        try (RawClient rst = new RawClient(sandbox)) {
            rst.post(CHAT, request("rst", false));
            assertThatThrownBy(rst::read).isInstanceOf(SocketException.class);
        }

        assertThat(sandbox.awaitIdle(SOON)).isTrue();
        assertThat(sandbox.received()).allSatisfy(received -> {
            assertThat(received.generationStarted()).isTrue();
            assertThat(received.billed()).isPositive();
        });
    }

    @ParameterizedTest
    @CsvSource({"error:2,502,false", "error-text:2,server_error,false", "error-done:2,502,true"})
    void error_in_the_middle_is_an_event_of_a_200_that_bills_nothing(String fault, String code, boolean done)
            throws Exception {
        RawClient.Answer answer = ask(fault, true);

        List<JsonNode> events = answer.events();
        JsonNode error = events.get(2);
        assertThat(answer.whole()).isTrue();
        assertThat(error.at("/error/code").asText()).isEqualTo(code);
        assertThat(error.at("/choices/0/finish_reason").asText()).isEqualTo("error");
        assertThat(Shapes.of(error))
                .isEqualTo(Shapes.of(
                        Shapes.events("chat-stream-midstream-error.sse").get(2)));
        assertThat(answer.body().endsWith("data: [DONE]\n\n")).isEqualTo(done);
        assertThat(only().billed()).isZero();
    }

    @Test
    void error_in_a_whole_answer_stands_beside_its_text() throws Exception {
        RawClient.Answer answer = ask("error", false);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().at("/choices/0/finish_reason").asText()).isEqualTo("error");
        assertThat(answer.json().at("/choices/0/error/code").asInt()).isEqualTo(502);
    }

    @ParameterizedTest
    @ValueSource(ints = {429, 502})
    void first_event_can_be_an_error_and_nothing_else(int status) throws Exception {
        RawClient.Answer stream = ask("first-error:" + status, true);
        RawClient.Answer whole = ask("first-error:" + status, false);

        assertThat(stream.status()).isEqualTo(200);
        assertThat(stream.events()).hasSize(1);
        assertThat(stream.events().get(0).at("/error/code").asInt()).isEqualTo(status);
        assertThat(whole.json().at("/error/code").asInt()).isEqualTo(status);
        assertThat(whole.status()).isEqualTo(200);
    }

    @Test
    void error_body_is_json_though_a_stream_was_asked_for() throws Exception {
        RawClient.Answer answer = ask("error-body", true);

        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        assertThat(Shapes.of(answer.json())).isEqualTo(Shapes.of(Shapes.json("error-200-body.json")));
    }

    @Test
    void padding_comes_before_an_answer_an_error_or_nothing() throws Exception {
        RawClient.Answer answer = ask("padding:3:1", false);
        RawClient.Answer error = ask("padding-error:3:1", false);
        RawClient.Answer close = ask("padding-close:3:1", false);
        RawClient.Answer stream = ask("padding:3:1", true);

        assertThat(answer.body()).startsWith("\n         \n\n         \n\n         \n{");
        assertThat(answer.json().has("choices")).isTrue();
        assertThat(error.json().at("/error/code").asInt()).isEqualTo(502);
        assertThat(close.whole()).isFalse();
        assertThat(close.body()).isBlank();
        assertThat(stream.body()).startsWith(": OPENROUTER PROCESSING\n\n".repeat(4) + "data: ");
    }

    @ParameterizedTest
    @CsvSource({
        "401,401,error-401-badkey.json",
        "402,402,error-402-empty.json",
        "429-upstream,429,error-429-upstream.json",
        "500,500,error-500.json",
        "503,503,error-503.json",
        "524,524,error-524.json",
        "529,529,error-529.json",
        "408,408,error-408.json",
        "403,403,error-403-moderation.json",
        "502,502,error-502.json",
        "413,413,error-413.json",
        "429,429,error-429-free-daily.json"
    })
    void refusals_have_the_members_of_the_real_ones_and_bill_nothing(String fault, int status, String fixture)
            throws Exception {
        RawClient.Answer answer = ask(fault, true);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(Shapes.of(answer.json())).isEqualTo(Shapes.of(Shapes.json(fixture)));
        assertThat(only().generationStarted()).isFalse();
        assertThat(only().billed()).isZero();
    }

    @Test
    void refusals_that_pass_say_when_to_come_back() throws Exception {
        assertThat(ask("503:7", false).header("Retry-After")).isEqualTo("7");
        assertThat(ask("429-upstream:9", false).header("Retry-After")).isEqualTo("9");
        assertThat(ask("402-in-flight:3", false).header("Retry-After")).isEqualTo("3");
    }

    @Test
    void foreign_bodies_come_as_they_are() throws Exception {
        assertThat(ask("html-502", true).body()).startsWith("<!DOCTYPE html>");
        assertThat(ask("html-504", true).status()).isEqualTo(504);
        assertThat(ask("html-200", false).header("Content-Type")).startsWith("text/html");
        assertThat(ask("empty", false).body()).isEmpty();
        assertThat(ask("wrong-type", false).header("Content-Type")).isEqualTo("text/plain");
        assertThat(ask("redirect:4711", false).header("Location")).isEqualTo("http://127.0.0.1:4711/elsewhere");
        try (RawClient client = new RawClient(sandbox)) {
            assertThat(client.post(CHAT, request("garbage", false)).line()).isEqualTo("ICY 200 OK");
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void gzip_holds_the_same_answer(boolean stream) throws Exception {
        byte[] sent;
        try (RawClient client = new RawClient(sandbox)) {
            client.post(CHAT, request("gzip", stream)).answer();
            sent = only().responseBody();
        }

        byte[] plain = new GZIPInputStream(new ByteArrayInputStream(sent)).readAllBytes();
        assertThat(new String(plain, StandardCharsets.UTF_8)).contains("Stand-in", stream ? "data: [DONE]" : "usage");
    }

    @Test
    void split_sends_each_byte_as_a_chunk_and_the_whole_is_unchanged() throws Exception {
        try (RawClient client = new RawClient(sandbox)) {
            client.post(CHAT, request("split", true)).head();
            StringBuilder sizes = new StringBuilder();
            for (int i = 0; i < 50; i++) {
                sizes.append(client.chunk().length);
            }
            assertThat(sizes).isEqualToIgnoringCase("1".repeat(50));
        }
        RawClient.Answer answer = ask("split", true);
        assertThat(answer.body()).endsWith("data: [DONE]\n\n").contains("–", "€");
    }

    @Test
    void line_ends_can_be_cr_lf() throws Exception {
        RawClient.Answer answer = ask("crlf:1", true);

        assertThat(answer.body()).endsWith("data: [DONE]\r\n\r\n");
        assertThat(answer.body().replace("\r\n", "")).doesNotContain("\n");
    }

    @Test
    void stream_can_end_in_order_without_its_end_mark() throws Exception {
        RawClient.Answer answer = ask("no-done", true);

        assertThat(answer.whole()).isTrue();
        assertThat(answer.body()).contains("\"usage\"").doesNotContain("[DONE]");
    }

    @Test
    void big_stream_has_its_size_and_the_right_usage_at_the_end() throws Exception {
        RawClient.Answer answer = ask("big:2", true);

        List<JsonNode> events = answer.events();
        long text = events.stream()
                .mapToLong(
                        event -> event.at("/choices/0/delta/content").asText().length())
                .sum();
        assertThat(text).isEqualTo(2L << 20);
        assertThat(events.get(events.size() - 1).at("/usage/completion_tokens").asInt())
                .isEqualTo(2_048);
    }

    @Test
    void big_whole_answer_has_its_size_and_the_right_usage() throws Exception {
        RawClient.Answer answer = ask("big-json:2", false);

        assertThat(answer.json().at("/choices/0/message/content").asText()).hasSize(2 << 20);
        assertThat(answer.json().at("/usage/completion_tokens").asInt()).isEqualTo(2_048);
        assertThat(only().responseLength()).isEqualTo(answer.body().getBytes(StandardCharsets.UTF_8).length);
    }

    @Test
    void paced_stream_keeps_its_gap() throws Exception {
        long ms = took(() -> assertThat(ask("paced:5:50", true).events()).hasSize(7));

        assertThat(ms).isGreaterThanOrEqualTo(250);
    }

    @ParameterizedTest
    @CsvSource({"404,No endpoints found", "504,did not answer in time"})
    void model_without_a_provider_and_a_slow_provider_are_refused_in_the_envelope(int status, String words)
            throws Exception {
        RawClient.Answer answer = ask(Integer.toString(status), true);

        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.json().at("/error/code").asInt()).isEqualTo(status);
        assertThat(answer.json().at("/error/message").asText()).contains(words);
        assertThat(only().billed()).isZero();
    }

    @Test
    void drip_takes_its_time_for_each_write_and_leaves_nothing_out() throws Exception {
        long length = ask("split", false).body().getBytes(StandardCharsets.UTF_8).length;
        sandbox.clear();

        long ms = took(() ->
                assertThat(ask("drip:100:20", false).json().has("choices")).isTrue());

        assertThat(ms).isGreaterThanOrEqualTo(length / 100 * 20 / 2);
    }

    @Test
    void piece_follows_the_end_mark() throws Exception {
        RawClient.Answer answer = ask("after-done", true);

        assertThat(answer.whole()).isTrue();
        String after = answer.body().substring(answer.body().indexOf("data: [DONE]\n\n") + 14);
        assertThat(after).startsWith("data: {\"id\":\"gen-").endsWith("\n\n");
    }

    @Test
    void event_that_is_no_json_stands_among_right_ones() throws Exception {
        String body = ask("broken-json", true).body();

        assertThat(body).containsPattern("\n\ndata: \\{\"id\":\"gen-[^\"]+\",\"choices\":\\[\\{\n\ndata: \\{");
        assertThat(body).endsWith("data: [DONE]\n\n");
    }

    @Test
    void long_line_is_as_long_as_it_says() throws Exception {
        RawClient.Answer answer = ask("long-line:2", true);

        assertThat(answer.body().lines().mapToInt(String::length).max().orElse(0))
                .isBetween(2 << 20, (2 << 20) + 1_000);
        assertThat(answer.whole()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"no-usage,0,''", "odd-usage:1,1,-", "odd-usage:2,1,1E+300", "odd-usage:3,1,many", "two-usages,2,''"})
    void usage_can_be_missing_wrong_or_there_twice(String fault, int times, String value) throws Exception {
        List<JsonNode> usages = ask(fault, true).events().stream()
                .map(event -> event.path("usage"))
                .filter(JsonNode::isObject)
                .toList();

        assertThat(usages).hasSize(times);
        assertThat(usages)
                .allMatch(usage -> usage.path("prompt_tokens").asText().startsWith(value))
                .allMatch(usage -> usage.at("/cost_details/upstream_inference_cost")
                        .asText()
                        .startsWith(value));
        if (times < 2) {
            JsonNode whole = ask(fault, false).json();
            assertThat(whole.path("usage").path("total_tokens").asText()).startsWith(value);
            assertThat(whole.has("usage")).isEqualTo(times == 1);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void broken_gzip_has_a_right_head_and_can_not_be_decoded(boolean stream) throws Exception {
        assertThat(ask("gzip-broken", stream).whole()).isTrue();

        GZIPInputStream gzip = new GZIPInputStream(new ByteArrayInputStream(only().responseBody()));
        assertThatThrownBy(gzip::readAllBytes).isInstanceOf(IOException.class);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void bomb_is_small_on_the_wire_and_holds_the_answer_behind_its_blanks(boolean stream) throws Exception {
        ask("gzip-bomb:20", stream);

        byte[] sent = only().responseBody();
        byte[] plain = new GZIPInputStream(new ByteArrayInputStream(sent)).readAllBytes();
        assertThat(sent.length).isLessThan(60_000);
        assertThat(plain.length).isGreaterThan(20 << 20);
        String text = new String(plain, StandardCharsets.UTF_8).strip();
        assertThat(text).startsWith(stream ? ":" : "{").contains("usage");
    }

    @Test
    void big_head_has_its_size() throws Exception {
        RawClient.Answer answer = ask("big-head:3", false);

        assertThat(List.of(answer.header("X-Long-0"), answer.header("X-Long-2")))
                .allMatch(value -> value.length() == 1_022 - "X-Long-0: ".length());
        assertThat(answer.header("X-Long-3")).isEmpty();
    }

    @Test
    void leak_echoes_the_key_where_a_careless_upstream_would() throws Exception {
        RawClient.Answer answer = ask("leak", false);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("X-Debug-Authorization")).isEqualTo("Bearer " + RawClient.KEY);
        assertThat(answer.body()).contains(RawClient.KEY);
        assertThat(ask("leak:200", false).json().has("choices")).isTrue();
    }

    @Test
    void interim_answers_come_before_the_real_one() throws Exception {
        try (RawClient client = new RawClient(sandbox)) {
            client.post(CHAT, request("interim:2", false));

            assertThat(client.answer().status()).isEqualTo(103);
            assertThat(client.answer().status()).isEqualTo(103);
            assertThat(client.answer().status()).isEqualTo(200);
        }
    }

    @Test
    void stale_connection_promises_to_stay_and_closes() throws Exception {
        try (RawClient client = new RawClient(sandbox)) {
            RawClient.Answer answer = client.post(CHAT, request("stale", false)).answer();

            assertThat(answer.header("Connection")).isEmpty();
            assertThat(client.read()).isEqualTo(-1);
        }
    }

    @Test
    void fault_header_works_for_any_model() throws Exception {
        try (RawClient client = new RawClient(sandbox)) {
            String json = request("any", false).replace("sandbox/any", "openai/gpt-4o-mini");

            assertThat(client.post(CHAT, json, "X-Sandbox-Fault: 503").answer().status())
                    .isEqualTo(503);
            assertThat(client.post(CHAT, json, "X-Sandbox-Fault: no-such")
                            .answer()
                            .body())
                    .contains("X-Sandbox-Fault: no fault of this name: no-such");
        }
    }

    @Test
    void faults_work_on_the_other_apis_too() throws Exception {
        String json = request("error:3", true);
        try (RawClient client = new RawClient(sandbox)) {
            RawClient.Answer messages = client.post("/messages", json).answer();
            RawClient.Answer responses = client.post("/responses", json.replace("\"messages\"", "\"input\""))
                    .answer();

            assertThat(messages.body()).contains("event: error\ndata: {\"type\":\"error\"");
            JsonNode last = responses.events().get(3);
            assertThat(last.get("type").asText()).isEqualTo("error");
            assertThat(last.get("sequence_number").asInt()).isEqualTo(3);
        }
    }

    @Test
    void client_that_stops_reading_stops_the_stream() throws Exception {
        try (Socket socket = new Socket()) {
            socket.setReceiveBufferSize(32 * 1024);
            socket.connect(new java.net.InetSocketAddress(java.net.InetAddress.getLoopbackAddress(), sandbox.port()));
            RawClient client = new RawClient(socket);
            client.post(CHAT, request("big:64", true)).head();
            Received received = sandbox.received().get(0);
            long before = -1;
            while (received.bytesSent() != before) {
                before = received.bytesSent();
                assertThat(received.awaitDone(Duration.ofMillis(300))).isFalse();
            }

            assertThat(before).isLessThan(8L << 20);
        }
        assertThat(only().awaitClosedEarly(SOON)).isTrue();
        assertThat(only().billed()).isPositive();
    }
}
