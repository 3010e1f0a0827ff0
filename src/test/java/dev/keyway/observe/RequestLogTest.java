package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.exchange.Outcome;
import dev.keyway.exchange.OutcomeListener;
import dev.keyway.exchange.RequestId;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RequestLogTest {
    private static final String FILE = "requests-2026-11-20.log";

    @TempDir
    Path directory = Path.of("");

    @Test
    void arrival_is_one_line() throws IOException {
        String line = line(log ->
                log.onArrival(new OutcomeListener.Arrival(new RequestId("r-1"), "POST", "/v1/chat/completions")));

        assertThat(line)
                .isEqualTo("{\"time\":\"2026-11-20T12:00:00.000+00:00\",\"level\":\"INFO\","
                        + "\"event\":\"incoming_request\",\"message\":\"Incoming Request\","
                        + "\"request_id\":\"r-1\",\"method\":\"POST\",\"path\":\"/v1/chat/completions\"}");
    }

    @Test
    void outcome_is_one_line_with_all_members_in_order() throws IOException {
        String line = line(log -> log.onOutcome(SampleOutcome.complete()));

        assertThat(line)
                .isEqualTo("{\"time\":\"2026-11-20T12:00:00.000+00:00\",\"level\":\"INFO\","
                        + "\"event\":\"outgoing_response\",\"message\":\"Outgoing Response\","
                        + "\"request_id\":\"r-1\",\"client\":\"default\",\"method\":\"POST\","
                        + "\"path\":\"/api/v1/chat/completions\",\"model\":\"openai/gpt-5$think.high\","
                        + "\"model_served\":\"openai/gpt-5-2026\",\"key\":\"k_00000002\",\"status\":200,"
                        + "\"attempts\":[{\"key\":\"k_00000001\",\"status\":429,\"reason\":\"rate_limited\","
                        + "\"ms\":12.345},{\"key\":\"k_00000002\",\"status\":200,\"reason\":\"ok\",\"ms\":400}],"
                        + "\"bytes_in\":123,\"bytes_out\":4567,\"prompt_tokens\":10,\"completion_tokens\":20,"
                        + "\"cost\":0.00000120,\"ttfb_ms\":250.5,\"total_ms\":400,\"own_ms\":1.234,"
                        + "\"ended\":\"complete\"}");
    }

    @Test
    void what_is_not_known_is_left_out() throws IOException {
        JsonNode line = json(log -> log.onOutcome(SampleOutcome.bare(0, Outcome.Ended.CLIENT_GONE, null)));

        assertThat(line.properties())
                .extracting(member -> member.getKey())
                .containsExactly(
                        "time",
                        "level",
                        "event",
                        "message",
                        "request_id",
                        "method",
                        "path",
                        "bytes_in",
                        "bytes_out",
                        "ended");
    }

    @Test
    void refused_request_is_a_warning() throws IOException {
        JsonNode line = json(log -> log.onOutcome(SampleOutcome.bare(401, Outcome.Ended.ERROR, null)));

        assertThat(line.get("level").textValue()).isEqualTo("WARN");
    }

    @Test
    void query_is_never_written() throws IOException {
        JsonNode line = json(log -> log.onArrival(
                new OutcomeListener.Arrival(new RequestId("r-1"), "GET", "/v1/models?q=my-private-question")));

        assertThat(line.get("path").textValue()).isEqualTo("/v1/models");
    }

    /** A model name with a line end forged a second line; one with an escape sequence cleared the terminal. */
    @Test
    void value_can_neither_forge_a_line_nor_move_the_cursor() throws IOException {
        String model = "x\r\n{\"level\":\"ERROR\"}\u001b[2J\u202e\u0085\u2028";

        String line = line(log -> log.onOutcome(
                SampleOutcome.with("/v1/chat/completions", model, List.of(), 400, Outcome.Ended.ERROR, null)));

        assertThat(line).matches("[\\x20-\\x7e]+");
        assertThat(json(log -> {}).get("model").textValue()).isEqualTo(model);
    }

    @Test
    void endless_value_is_cut() throws IOException {
        String line = line(log -> log.onOutcome(SampleOutcome.with(
                "/" + "p".repeat(100_000), "m".repeat(100_000), List.of(), 400, Outcome.Ended.ERROR, null)));

        assertThat(line).hasSizeLessThan(2000).contains("[cut]");
    }

    private String line(Consumer<RequestLog> act) throws IOException {
        try (DailyLogs logs = new DailyLogs(
                LogOptions.DEFAULTS.withDirectory(directory), new HandClock("2026-11-20T12:00:00Z"), ZoneOffset.UTC)) {
            act.accept(new RequestLog(logs));
        }
        return new LogFolder(directory).text(FILE).stripTrailing();
    }

    private JsonNode json(Consumer<RequestLog> act) throws IOException {
        line(act);
        return new LogFolder(directory).lines(FILE).get(0);
    }
}
