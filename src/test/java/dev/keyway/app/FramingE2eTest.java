package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.testing.RunningKeyway;
import dev.keyway.testing.container.WireClient.Answer;
import dev.keyway.testing.framing.FramingCase;
import dev.keyway.testing.framing.FramingRun;
import dev.keyway.testing.framing.RecordingUpstream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Odd framing at the door of Keyway's own server: what is refused, in which shape, and what the upstream never sees. */
final class FramingE2eTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static RecordingUpstream upstream;
    private static RunningKeyway keyway;
    private static FramingRun framing;

    @BeforeAll
    static void start(@TempDir Path home) throws IOException {
        upstream = new RecordingUpstream();
        keyway = RunningKeyway.before(
                upstream.baseUrl(),
                home,
                Map.of(
                        "server.log_level", "ERROR",
                        "server.access_key", E2e.ACCESS_KEY,
                        "server.max_body", "1MB",
                        "usage_injection", "false"));
        framing = new FramingRun(upstream, keyway.port(), "", E2e.ACCESS_KEY);
    }

    @AfterAll
    static void stop() throws IOException {
        keyway.close();
        upstream.close();
    }

    static List<FramingCase> cases() {
        return FramingCase.all();
    }

    @Test
    void the_corpus_is_as_large_as_promised_and_no_name_stands_twice() {
        assertThat(cases())
                .extracting(FramingCase::name)
                .doesNotHaveDuplicates()
                .hasSizeGreaterThanOrEqualTo(60);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_upstream_sees_one_request_or_none_and_a_refusal_is_in_our_shape(FramingCase tried) throws IOException {
        FramingRun.Result result = framing.run(tried, tried.strict());

        for (Answer answer : result.answers()) {
            assertThat(answer.all("Server")).describedAs("%s", answer).containsExactly("Keyway");
            assertThat(answer.all("X-Request-ID")).describedAs("%s", answer).hasSize(1);
            assertThat(answer.whole()).describedAs("%s", answer).isTrue();
            if (answer.status() >= 400) {
                JsonNode error = JSON.readTree(answer.body()).path("error");
                assertThat(error.path("code").asInt()).describedAs("%s", answer).isEqualTo(answer.status());
                assertThat(error.path("type").asText())
                        .describedAs("%s", answer)
                        .isNotEmpty();
                assertThat(error.path("request_id").asText()).isEqualTo(answer.header("X-Request-ID"));
            }
        }
    }
}
