package dev.keyway.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.testing.container.WireClient;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/** Runs one cell: asks, looks at all that came of it, and asks again for something that must go well. */
final class CellRun {
    private static final int BIG_BODY = 8 << 20;
    /** What OpenRouter sends behind the end of a stream of messages, and Keyway drops. */
    private static final String STRAY_END = "event: data\ndata: [DONE]\n\n";

    private static final Duration SOON = Duration.ofSeconds(10);
    /** For a place and a whole exchange, which may take as long as the longest clock. */
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    private final Site site;
    private final Upstreams upstreams;
    private final Logs logs;
    private final FaultCell cell;
    private int tries;

    CellRun(Site site, Upstreams upstreams, FaultCell cell) {
        this.site = site;
        this.upstreams = upstreams;
        this.logs = new Logs(site.home(cell.gateway()));
        this.cell = cell;
    }

    /** Everything the table says of the cell, and what holds for every request. */
    void check() throws Exception {
        if (cell.script().startsWith("stale-")) {
            isServed("warm-" + cell.mark(), cell.script());
        }
        int connectionsBefore = upstreams.connections(cell.gateway());
        Answer answer = placed(() -> ask(cell.mark(), cell.script(), body()));
        List<Attempt> attempts = upstreams.attempts(cell.gateway(), cell.mark());

        new AnswerCheck(cell, answer, attempts).check();
        int seen = upstreams.canServe(cell.gateway())
                ? attempts.size()
                : upstreams.connections(cell.gateway()) - connectionsBefore;
        assertThat(seen)
                .describedAs("attempts seen at the upstream")
                .isBetween(cell.attempts(), cell.orMore() ? Integer.MAX_VALUE : cell.attempts());
        assertThat(upstreams.deathIsPending(cell.gateway()))
                .describedAs("a stale connection was left unused")
                .isFalse();
        endsOnce(answer);
        keysRest(attempts);
        if (upstreams.canServe(cell.gateway())) {
            isServed("after-" + cell.mark(), "good");
        }
    }

    /** One exchange. */
    private interface Exchange {
        Answer answer() throws Exception;
    }

    /** A gateway with one place may still be giving it back; one that has lost it says 503 for ever. */
    private Answer placed(Exchange exchange) throws Exception {
        return Awaitility.await("a place in " + cell.gateway())
                .atMost(PATIENCE)
                .until(
                        exchange::answer,
                        answer -> !(answer.status() == 503 && answer.text().contains("places of server.")));
    }

    /** Asks on a connection of its own, under a request id that tells the cell. */
    private Answer ask(String mark, String script, String body) throws IOException {
        String path = site.prefix(cell.gateway()) + cell.path();
        String[] headers = {
            "X-Request-ID: " + mark + "." + ++tries, "X-Cell: " + mark, "X-Fault: " + script, "X-Mode: " + cell.mode()
        };
        try (WireClient client = WireClient.to(site.port(cell.gateway()))) {
            if (!cell.script().equals("no-continue")) {
                return client.post(path, body, headers).answer();
            }
            client.send("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nExpect: 100-continue\r\n"
                    + String.join("\r\n", headers) + "\r\nContent-Type: application/json\r\nContent-Length: "
                    + body.length() + "\r\n\r\n");
            assertThat(client.head().status()).isEqualTo(100);
            return client.send(body).answer();
        }
    }

    private String body() {
        String model = cell.byStandIn() ? cell.madeBy() : "raw/one";
        String padding = "x".repeat(Scripts.wantsBigBody(cell.script()) ? BIG_BODY : 5);
        return body(model, padding);
    }

    private String body(String model, String text) {
        String prompt = cell.api().equals("responses")
                ? "\"input\":\"" + text + "\""
                : "\"messages\":[{\"role\":\"user\",\"content\":\"" + text + "\"}]";
        return "{\"model\":\"" + model + "\",\"stream\":" + cell.stream() + "," + prompt + "}";
    }

    /** A right answer comes to its end, from the same gateway, on a connection of its own. */
    private void isServed(String mark, String script) throws Exception {
        Answer answer = placed(() -> ask(mark, script, body("openai/gpt-4o-mini", "hello")));
        assertThat(answer.status()).describedAs("%s: %s", mark, answer).isEqualTo(200);
        assertThat(answer.whole()).isTrue();
        List<Attempt> attempts = upstreams.attempts(cell.gateway(), mark);
        assertThat(attempts).describedAs("attempts of %s", mark).isNotEmpty();
        String sent = new String(attempts.get(attempts.size() - 1).answer(), StandardCharsets.UTF_8);
        assertThat(answer.text()).isEqualTo(sent.replace(STRAY_END, ""));
    }

    private void endsOnce(Answer answer) throws IOException {
        String id = answer.header("X-Request-ID");
        JsonNode end = logs.end(id, SOON);
        assertThat(end.path("status").asInt()).describedAs("%s", end).isEqualTo(cell.status());
        assertThat(end.path("attempts"))
                .describedAs("%s", end)
                .hasSize(Integer.parseInt(answer.header("X-Keyway-Attempts")));
        boolean broken = cell.ending().equals("event") || cell.ending().equals("torn");
        assertThat(end.path("ended").asText().equals("upstream_broken"))
                .describedAs("%s", end)
                .isEqualTo(broken);
        assertThat(logs.ends(id)).describedAs("ends of %s", id).hasSize(1);
    }

    /** The keys it used are those that rest, no others, and each for the reason that the table names. */
    private void keysRest(List<Attempt> attempts) throws IOException {
        List<String> used = attempts.stream().map(Attempt::key).distinct().toList();
        List<String> reasons = logs.rests(used);
        assertThat(reasons).describedAs("rests of the keys it used").hasSize(cell.resting());
        assertThat(reasons).allMatch(reason -> reason.equals(cell.restReason()));
        if (upstreams.canServe(cell.gateway())) {
            assertThat(used).describedAs("each attempt has a key of its own").hasSize(attempts.size());
        }
    }
}
