package dev.keyway.upstream;

import static dev.keyway.upstream.BillingUpstream.answer;
import static dev.keyway.upstream.BillingUpstream.event;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.RunningKeyway;
import dev.keyway.upstream.BillingUpstream.Act;
import dev.keyway.upstream.BillingUpstream.Ending;
import dev.keyway.upstream.RawClient.Answer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The table of what is sent again, each row through the whole gateway: how often the upstream was asked, how many
 * generations it started and what it billed, by its own books.
 */
class RetryTableTest {
    private static final String CHAT = "/v1/chat/completions";
    private static final String OK = "200";
    private static final int BIG = 8 << 20;
    private static final String ONE_KEY = RunningKeyway.POOL_KEY;

    @TempDir
    Path home;

    /** How a request is made. */
    enum Ask {
        STREAM,
        WHOLE,
        /** With a body that sockets do not take in unread. */
        BIG_WHOLE,
        /** On a route whose body passes unread. */
        PASSING,
        /** A GET. */
        BODILESS,
        /** With a key of the caller's own. */
        OWN_KEY
    }

    /**
     * One row.
     *
     * @param outcome the status, then {@code event} when the stream ends with Keyway's error event, {@code no-retry} when
     *     the client is told not to send it again
     * @param keys how many different keys were used
     */
    private record Row(
            String name,
            Ask ask,
            List<Act> acts,
            String outcome,
            int sends,
            int keys,
            int generations,
            int billed,
            Map<String, String> settings) {
        Row with(String... pairs) {
            Map<String, String> more = new LinkedHashMap<>(settings);
            for (int i = 0; i < pairs.length; i += 2) {
                more.put(pairs[i], pairs[i + 1]);
            }
            return new Row(name, ask, acts, outcome, sends, keys, generations, billed, more);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Row row(
            String name, Ask ask, List<Act> acts, String outcome, int sends, int keys, int generations, int billed) {
        return new Row(name, ask, acts, outcome, sends, keys, generations, billed, Map.of());
    }

    private static String error(int code, String message, String metadata) {
        return "{\"error\":{\"code\":" + code + ",\"message\":\"" + message + "\",\"metadata\":{" + metadata + "}}}";
    }

    private static Act says(int status, String... headerLines) {
        return Act.status(status, error(status, "no", ""), headerLines);
    }

    private static Act busy(int retryAfter) {
        String metadata = "\"reason\":\"in_flight_budget_exhausted\",\"limit_source\":\"openrouter_in_flight_budget\"";
        return Act.status(402, error(402, "Too many in flight", metadata), "Retry-After: " + retryAfter);
    }

    private static Act weight() {
        String metadata = "\"reason\":\"weight_exceeds_budget\",\"limit_source\":\"openrouter_credits\"";
        return Act.status(402, error(402, "Too heavy", metadata));
    }

    private static Act ofTheProvider() {
        return Act.status(429, error(429, "Provider returned error", "\"provider_name\":\"Some\""));
    }

    private static Act limited() {
        return Act.status(
                429, error(429, "Rate limit exceeded", "\"limit_source\":\"openrouter_key\""), "Retry-After: 60");
    }

    private static Act keyLimit(int status) {
        String metadata = "\"limit_source\":\"openrouter_key_limit\"";
        return Act.status(status, error(status, "Key limit exceeded (daily limit)", metadata));
    }

    private static Act firstEvent(int code) {
        return Act.unbilledStream(": OPENROUTER PROCESSING\n\ndata: " + error(code, "no", "") + "\n\n");
    }

    private static Act dies(int bill, Ending ending) {
        return Act.answers("-").billing(bill).ending(ending);
    }

    private static Act json200(String body) {
        return Act.answers(answer(200, "application/json", body));
    }

    static List<Row> rows() {
        List<Row> rows = new ArrayList<>();
        Act good = Act.good();
        // Reset or silence before the whole request has left: no generation, once more.
        rows.add(row("reset while the body is sent", Ask.BIG_WHOLE, List.of(Act.cutsSending(65536)), OK, 2, 2, 1, 1));
        rows.add(row(
                "reset twice while the body is sent",
                Ask.BIG_WHOLE,
                List.of(Act.cutsSending(65536), Act.cutsSending(65536)),
                "502 no-retry",
                2,
                2,
                0,
                0));
        // Refused for the key's sake: the next one at once.
        for (Act refusal : List.of(limited(), says(401), says(402), keyLimit(402), keyLimit(403))) {
            String status = refusal.answer().substring(9, 12);
            rows.add(row(status + " of the key, stream", Ask.STREAM, List.of(refusal), OK, 2, 2, 1, 1));
            rows.add(row(status + " of the key, whole", Ask.WHOLE, List.of(refusal, refusal), OK, 3, 3, 1, 1));
        }
        rows.add(row("429 of every key", Ask.WHOLE, List.of(limited(), limited(), limited()), "429", 3, 3, 0, 0));
        rows.add(row(
                "401 of every key is not told",
                Ask.WHOLE,
                List.of(says(401), says(401), says(401)),
                "503",
                3,
                3,
                0,
                0));
        rows.add(row("429 of the provider", Ask.STREAM, List.of(ofTheProvider()), "429", 1, 1, 0, 0));
        // The account is busy.
        rows.add(row("402 in flight, another account", Ask.WHOLE, List.of(busy(30)), OK, 2, 2, 1, 1));
        rows.add(row("402 in flight, same account after 1 s", Ask.WHOLE, List.of(busy(1)), OK, 2, 1, 1, 1)
                .with("openrouter.keys", ONE_KEY));
        rows.add(row("402 in flight, longer than 5 s", Ask.WHOLE, List.of(busy(6)), "402", 1, 1, 0, 0)
                .with("openrouter.keys", ONE_KEY));
        rows.add(row("402 in flight, beyond the deadline", Ask.WHOLE, List.of(busy(3)), "402", 1, 1, 0, 0)
                .with("openrouter.keys", ONE_KEY, "upstream.total_timeout", "2s"));
        rows.add(row("402 of the weight", Ask.WHOLE, List.of(weight()), "402", 1, 1, 0, 0));
        // Refused by the upstream in its own words: once.
        for (int status : new int[] {500, 502, 503, 529}) {
            rows.add(row(status + " once", Ask.WHOLE, List.of(says(status)), OK, 2, 2, 1, 1));
            rows.add(row(status + " twice", Ask.STREAM, List.of(says(status), says(status)), status + "", 2, 2, 0, 0));
            rows.add(row(status + " as the first event", Ask.STREAM, List.of(firstEvent(status)), OK, 2, 2, 2, 1));
        }
        rows.add(row("503 with one key", Ask.WHOLE, List.of(says(503)), OK, 2, 1, 1, 1)
                .with("openrouter.keys", ONE_KEY));
        rows.add(row("503 that says when", Ask.WHOLE, List.of(says(503, "Retry-After: 1")), OK, 2, 2, 1, 1));
        rows.add(row("503 beyond the deadline", Ask.WHOLE, List.of(says(503, "Retry-After: 3")), "503", 1, 1, 0, 0)
                .with("upstream.total_timeout", "2s"));
        rows.add(row("503 without a budget", Ask.WHOLE, List.of(says(503)), "503", 1, 1, 0, 0)
                .with("retry.budget", "0"));
        rows.add(row("503 with one attempt", Ask.WHOLE, List.of(says(503)), "503", 1, 1, 0, 0)
                .with("retry.max_attempts", "1"));
        rows.add(row("429 as the first event", Ask.STREAM, List.of(firstEvent(429)), OK, 2, 2, 2, 1));
        rows.add(row("400 as the first event", Ask.STREAM, List.of(firstEvent(400)), "400", 1, 1, 1, 0));
        // Nobody knows.
        for (int status : new int[] {408, 504, 524}) {
            rows.add(row(status + ", stream", Ask.STREAM, List.of(says(status)), OK, 2, 2, 1, 1));
            rows.add(row(status + ", whole", Ask.WHOLE, List.of(says(status)), status + " no-retry", 1, 1, 0, 0));
        }
        for (int status : new int[] {502, 503, 520, 529}) {
            rows.add(row(status + " as a page, stream", Ask.STREAM, List.of(Act.page(status)), OK, 2, 2, 1, 1));
            rows.add(row(
                    status + " as a page, whole",
                    Ask.WHOLE,
                    List.of(Act.page(status)),
                    status + " no-retry",
                    1,
                    1,
                    0,
                    0));
        }
        for (Ending ending : new Ending[] {Ending.CLOSED, Ending.RESET}) {
            rows.add(row(ending + ", whole", Ask.WHOLE, List.of(dies(1, ending)), "502 no-retry", 1, 1, 1, 1));
            rows.add(row(ending + ", stream", Ask.STREAM, List.of(dies(0, ending)), OK, 2, 2, 2, 1));
            rows.add(row(
                    ending + " twice, stream",
                    Ask.STREAM,
                    List.of(dies(0, ending), dies(0, ending)),
                    "502 no-retry",
                    2,
                    2,
                    2,
                    0));
            rows.add(row(ending + ", never", Ask.STREAM, List.of(dies(1, ending)), "502 no-retry", 1, 1, 1, 1)
                    .with("retry.ambiguous", "never"));
            // The second bill is what this setting risks.
            rows.add(row(ending + ", once", Ask.WHOLE, List.of(dies(1, ending)), OK, 2, 2, 2, 2)
                    .with("retry.ambiguous", "once"));
        }
        rows.add(row("silence, whole", Ask.WHOLE, List.of(dies(1, Ending.SILENT)), "504 no-retry", 1, 1, 1, 1)
                .with("upstream.first_byte_timeout", "400ms"));
        rows.add(row("silence, stream", Ask.STREAM, List.of(dies(0, Ending.SILENT)), OK, 2, 2, 2, 1)
                .with("upstream.first_byte_timeout", "400ms"));
        rows.add(row("silence to the deadline", Ask.STREAM, List.of(dies(0, Ending.SILENT)), "504 no-retry", 1, 1, 1, 0)
                .with("upstream.first_byte_timeout", "400ms", "upstream.stream_timeout", "300ms"));
        rows.add(row(
                "ambiguous, then refused",
                Ask.STREAM,
                List.of(dies(0, Ending.CLOSED), says(503)),
                "503 no-retry",
                2,
                2,
                1,
                0));
        // A 200 that is none.
        Act empty = Act.unbilledStream(": OPENROUTER PROCESSING\n\n");
        rows.add(row("stream without an event", Ask.STREAM, List.of(empty), OK, 2, 2, 2, 1));
        rows.add(row("stream without an event, twice", Ask.STREAM, List.of(empty, empty), "502 no-retry", 2, 2, 2, 0));
        rows.add(row("empty body", Ask.WHOLE, List.of(json200("")), "502 no-retry", 1, 1, 1, 1));
        rows.add(row("half a body", Ask.WHOLE, List.of(json200("{\"error\"")), "502 no-retry", 1, 1, 1, 1));
        rows.add(row("page in a 200", Ask.WHOLE, List.of(Act.page(200).billing(1)), "502 no-retry", 1, 1, 1, 1));
        // After the first content.
        Act half = Act.answers(answer(200, "text/event-stream", event("one", "null"))
                .replaceFirst("Content-Length: \\d+", "Content-Length: 5000"));
        rows.add(row(
                "closed behind the first event",
                Ask.STREAM,
                List.of(half.ending(Ending.CLOSED)),
                "200 event",
                1,
                1,
                1,
                1));
        rows.add(row(
                "reset behind the first event",
                Ask.STREAM,
                List.of(half.ending(Ending.CLOSED)),
                "200 event",
                1,
                1,
                1,
                1));
        // Another one would bring the same.
        for (int status : new int[] {400, 403, 404, 413, 422}) {
            rows.add(row(status + "", Ask.STREAM, List.of(says(status)), status + "", 1, 1, 0, 0));
        }
        // What else there is to send.
        rows.add(row("body that passes unread", Ask.PASSING, List.of(limited()), "429", 1, 1, 0, 0));
        rows.add(row("503 of a body that passes unread", Ask.PASSING, List.of(says(503)), "503", 1, 1, 0, 0));
        rows.add(row("429 without a body", Ask.BODILESS, List.of(limited()), OK, 2, 2, 1, 1));
        rows.add(row("503 without a body", Ask.BODILESS, List.of(says(503)), OK, 2, 2, 1, 1));
        rows.add(row("503 of the caller's own key", Ask.OWN_KEY, List.of(says(503)), "503", 1, 1, 0, 0));
        rows.add(row("401 of the caller's own key", Ask.OWN_KEY, List.of(says(401)), "401", 1, 1, 0, 0));
        rows.add(row("answer", Ask.WHOLE, List.of(good), OK, 1, 1, 1, 1));
        return rows;
    }

    private RunningKeyway keyway(URI upstream, Map<String, String> settings) throws Exception {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("openrouter.keys", String.join(",", Heart.K1, Heart.K2, Heart.K3, Heart.K4));
        all.put("auth.passthrough", "true");
        all.put("upstream.circuit_failures", "0");
        all.putAll(settings);
        return RunningKeyway.before(upstream, home, all);
    }

    private static Answer ask(RawClient client, Ask ask) throws Exception {
        String body = RawClient.chatBody("openai/gpt-4o-mini", ask == Ask.STREAM);
        return switch (ask) {
            case STREAM, WHOLE -> client.post(CHAT, body).answer();
            case BIG_WHOLE ->
                client.post(CHAT, body.replace("Say hello", "x".repeat(BIG))).answer();
            case PASSING ->
                client.post("/v1/audio/transcriptions", "{\"any\":1}").answer();
            case BODILESS -> client.get("/v1/credits").answer();
            case OWN_KEY ->
                client.post(CHAT, body, "Authorization: Bearer sk-or-v1-" + "f".repeat(64))
                        .answer();
        };
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rows")
    void books_are_as_the_row_says(Row row) throws Exception {
        try (BillingUpstream upstream = new BillingUpstream(row.acts().toArray(Act[]::new));
                RunningKeyway keyway = keyway(upstream.url(), row.settings());
                RawClient client = new RawClient(keyway.port())) {
            Answer answer = ask(client, row.ask());

            String outcome = answer.status()
                    + (answer.text().contains("\"finish_reason\":\"error\"") ? " event" : "")
                    + (answer.header("x-should-retry").equals("false") ? " no-retry" : "");
            assertThat(outcome).describedAs("%s", answer.text()).isEqualTo(row.outcome());
            assertThat(answer.header("X-Keyway-Attempts")).isEqualTo("" + row.sends());
            assertThat(upstream.sends()).describedAs("sends").isEqualTo(row.sends());
            assertThat(upstream.keysSeen().stream().distinct()).hasSize(row.keys());
            assertThat(upstream.generationsStarted()).describedAs("generations").isEqualTo(row.generations());
            assertThat(upstream.billed()).describedAs("billed").isEqualTo(row.billed());
        }
    }

    @Test
    void refused_connection_is_tried_three_times() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        try (RunningKeyway keyway = keyway(URI.create("http://127.0.0.1:" + port + "/api/v1"), Map.of());
                RawClient client = new RawClient(keyway.port())) {
            Answer answer = ask(client, Ask.WHOLE);

            assertThat(answer.status()).isEqualTo(502);
            assertThat(answer.header("x-should-retry")).isEqualTo("true");
            assertThat(answer.header("X-Keyway-Attempts")).isEqualTo("3");
        }
    }

    @Test
    void no_sequence_of_faults_is_sent_more_than_three_times_or_billed_twice() throws Exception {
        Random random = new Random(20261127);
        List<Act> all = List.of(
                limited(),
                says(401),
                says(402),
                busy(0),
                says(500),
                says(503),
                says(400),
                Act.page(502),
                says(504),
                firstEvent(502),
                firstEvent(429),
                Act.unbilledStream(": x\n\n"),
                dies(0, Ending.CLOSED),
                dies(1, Ending.RESET),
                json200(""),
                Act.good());
        String keys =
                IntStream.range(0, 100).mapToObj("sk-or-v1-%064d"::formatted).collect(Collectors.joining(","));
        Map<String, String> settings = Map.of(
                "retry.budget",
                "1",
                "retry.ambiguous",
                "never",
                "openrouter.keys",
                keys,
                "upstream.circuit_failures",
                "0");
        for (int round = 0; round < 8; round++) {
            try (BillingUpstream upstream = new BillingUpstream();
                    RunningKeyway keyway = keyway(upstream.url(), settings);
                    RawClient client = new RawClient(keyway.port())) {
                for (int i = 0; i < 20; i++) {
                    List<Act> acts = IntStream.range(0, 6)
                            .mapToObj(n -> all.get(random.nextInt(all.size())))
                            .toList();
                    upstream.forget();
                    upstream.then(acts.toArray(Act[]::new));
                    int sends = upstream.sends();
                    int billed = upstream.billed();

                    Answer answer = ask(client, random.nextBoolean() ? Ask.STREAM : Ask.WHOLE);

                    assertThat(upstream.sends() - sends)
                            .describedAs("%d: %s after %s", i, answer, acts)
                            .isBetween(1, 3)
                            .isEqualTo(Integer.parseInt(answer.header("X-Keyway-Attempts")));
                    assertThat(upstream.billed() - billed).isLessThanOrEqualTo(1);
                }
            }
        }
    }
}
