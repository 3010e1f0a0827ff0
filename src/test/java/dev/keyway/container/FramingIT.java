package dev.keyway.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.KeywayInContainer;
import dev.keyway.testing.framing.FramingCase;
import dev.keyway.testing.framing.FramingRun;
import dev.keyway.testing.framing.RecordingUpstream;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Odd framing at the door of every stock container: the upstream sees one request or none. */
@ParameterizedClass
@MethodSource("dev.keyway.testing.container.Deployment#oneOfEach")
class FramingIT {
    private static final String ACCESS_KEY = "framing-checks-access-key";

    @SuppressWarnings("NullAway.Init")
    private static RecordingUpstream upstream;

    @SuppressWarnings("NullAway.Init")
    private static KeywayInContainer keyway;

    @SuppressWarnings("NullAway.Init")
    private static FramingRun framing;

    FramingIT(Deployment deployment) {}

    @BeforeParameterizedClassInvocation
    static void start(Deployment deployment) throws Exception {
        upstream = new RecordingUpstream();
        keyway = KeywayInContainer.start(
                deployment,
                Map.of(
                        "OPENROUTER_BASE_URL",
                        upstream.baseUrl().toString(),
                        "KEYWAY_SERVER_ACCESS_KEY",
                        ACCESS_KEY,
                        "KEYWAY_SERVER_MAX_BODY",
                        "1MB",
                        "KEYWAY_USAGE_INJECTION",
                        "false"));
        framing = new FramingRun(
                upstream, keyway.container().port(), keyway.container().contextPath(), ACCESS_KEY);
    }

    @AfterParameterizedClassInvocation
    static void stop() throws Exception {
        String log = keyway.container().allLogs();
        keyway.close();
        upstream.close();
        assertThat(log).doesNotContain(ACCESS_KEY, "sk-or-v1-");
    }

    static List<FramingCase> cases() {
        return FramingCase.all();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void the_upstream_sees_one_request_or_none(FramingCase tried) throws IOException {
        FramingRun.Result result = framing.run(tried, tried.allowed());

        keyway.container().report(tried + " is " + (result.status() == 0 ? "a close" : result.status()));
    }
}
