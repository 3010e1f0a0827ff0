package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.exchange.Outcome;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ErrorLogTest {
    @TempDir
    Path directory = Path.of("");

    @Test
    void failure_is_one_line_with_request_id_and_stack() throws IOException {
        Throwable failure = new IllegalStateException("broken", new IOException("pipe\nforged line"));

        JsonNode line = only(SampleOutcome.bare(500, Outcome.Ended.ERROR, failure));

        assertThat(line.get("level").textValue()).isEqualTo("ERROR");
        assertThat(line.get("message").textValue()).isEqualTo("Request Failed");
        assertThat(line.get("request_id").textValue()).isEqualTo("r-2");
        assertThat(line.get("error").textValue()).isEqualTo("java.lang.IllegalStateException: broken");
        assertThat(line.get("stack").textValue())
                .startsWith("java.lang.IllegalStateException: broken\n\tat dev.keyway.observe.ErrorLogTest")
                .contains("\n\tcaused by java.io.IOException: pipe\n\tforged line\n\tat ");
    }

    @Test
    void own_error_has_the_stack_of_its_cause_only() throws IOException {
        Throwable failure =
                new ApiException(ErrorCode.UPSTREAM, "cannot connect", new java.net.ConnectException("refused"));

        JsonNode line = only(SampleOutcome.bare(502, Outcome.Ended.ERROR, failure));

        assertThat(line.get("error").textValue()).isEqualTo("cannot connect");
        assertThat(line.get("stack").textValue()).startsWith("java.net.ConnectException: refused");
    }

    @Test
    void own_error_without_a_cause_has_no_stack() throws IOException {
        JsonNode line = only(
                SampleOutcome.bare(401, Outcome.Ended.ERROR, new ApiException(ErrorCode.AUTHENTICATION, "no key")));

        assertThat(line.has("stack")).isFalse();
    }

    @Test
    void broken_upstream_and_upstream_error_are_logged_without_a_failure() throws IOException {
        List<JsonNode> lines = lines(
                SampleOutcome.bare(200, Outcome.Ended.UPSTREAM_BROKEN, null),
                SampleOutcome.bare(529, Outcome.Ended.COMPLETE, null));

        assertThat(lines).hasSize(2);
    }

    @Test
    void good_answer_a_client_error_told_verbatim_and_a_client_that_left_are_no_errors() throws IOException {
        List<JsonNode> lines = lines(
                SampleOutcome.complete(),
                SampleOutcome.bare(400, Outcome.Ended.COMPLETE, null),
                SampleOutcome.bare(0, Outcome.Ended.CLIENT_GONE, new IOException("Broken pipe")));

        assertThat(lines).isEmpty();
    }

    /** A JSON parser's message quotes what it could not read: that was a prompt in the log. */
    @Test
    void parser_failure_tells_the_place_not_the_text() throws IOException {
        JsonNode line = only(SampleOutcome.bare(400, Outcome.Ended.ERROR, parserFailure("{\"a\": MyPrivatePrompt}")));

        assertThat(line.toString()).doesNotContain("MyPrivatePrompt").contains("at line 1, column ");
    }

    @Test
    void circle_of_causes_and_endless_stack_have_an_end() {
        Exception inner = new Exception("inner");
        Exception outer = new Exception("x".repeat(100_000), inner);
        inner.initCause(outer);

        assertThat(StackText.of(outer)).hasSizeLessThan(StackText.LIMIT + 10);
    }

    private static Throwable parserFailure(String text) {
        try {
            new ObjectMapper().readTree(text);
            throw new AssertionError("parsed");
        } catch (JsonProcessingException e) {
            return e;
        }
    }

    private JsonNode only(Outcome outcome) throws IOException {
        List<JsonNode> lines = lines(outcome);
        assertThat(lines).hasSize(1);
        return lines.get(0);
    }

    private List<JsonNode> lines(Outcome... outcomes) throws IOException {
        try (DailyLogs logs = new DailyLogs(
                LogOptions.DEFAULTS.withDirectory(directory), new HandClock("2026-11-20T12:00:00Z"), ZoneOffset.UTC)) {
            ErrorLog log = new ErrorLog(logs);
            for (Outcome outcome : outcomes) {
                log.onOutcome(outcome);
            }
        }
        return new LogFolder(directory).lines("errors-2026-11-20.log");
    }
}
