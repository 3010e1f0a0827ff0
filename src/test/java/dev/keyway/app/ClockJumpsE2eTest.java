package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.LogFolder;
import dev.keyway.testing.Post;
import dev.keyway.testing.RunningKeyway;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The wall clock is set while Keyway runs; elapsed time goes on as it did. */
class ClockJumpsE2eTest {
    private static final Instant NOON = Instant.parse("2026-11-20T12:00:00Z");
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String CHAT = "/v1/chat/completions";

    @TempDir
    Path home;

    private final AtomicReference<Instant> wall = new AtomicReference<>(NOON);
    private final AtomicReference<Instant> steady = new AtomicReference<>(NOON);

    private void pass(Duration time) {
        wall.updateAndGet(now -> now.plus(time));
        steady.updateAndGet(now -> now.plus(time));
    }

    private RunningKeyway keyway(Sandbox upstream) throws Exception {
        return RunningKeyway.before(
                upstream.baseUrl(), home, Map.of(), (InstantSource) wall::get, (InstantSource) steady::get);
    }

    private static int status(RunningKeyway keyway, String model) throws Exception {
        return Post.json(keyway.url(CHAT), Post.chat(model, false)).statusCode();
    }

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "-PT1H", "P3D", "-P3D"})
    void rests_streams_and_log_files_are_right_when_the_wall_clock_jumps(String jump) throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway = keyway(upstream)) {
            InputStream stream = Post.open(keyway.url(CHAT), Post.chat("sandbox/paced:20:20", true));
            assertThat(stream.read()).isPositive();
            assertThat(status(keyway, "sandbox/401"))
                    .describedAs("the only key rests for ten minutes")
                    .isEqualTo(503);

            wall.updateAndGet(now -> now.plus(Duration.parse(jump)));

            assertThat(new String(stream.readAllBytes(), StandardCharsets.UTF_8))
                    .endsWith("data: [DONE]\n\n");
            assertThat(status(keyway, "openai/gpt-4o-mini"))
                    .describedAs("a jump ends no rest")
                    .isEqualTo(503);
            pass(Duration.ofMinutes(9));
            HttpResponse<String> resting = Post.json(keyway.url(CHAT), Post.chat("openai/gpt-4o-mini", false));
            assertThat(resting.statusCode()).isEqualTo(503);
            assertThat(Long.parseLong(Post.header(resting, "Retry-After")))
                    .describedAs("and prolongs none")
                    .isBetween(1L, 61L);
            pass(Duration.ofMinutes(1).plusSeconds(1));
            assertThat(status(keyway, "openai/gpt-4o-mini")).isEqualTo(200);

            LocalDate today = LocalDate.ofInstant(wall.get(), ZoneId.systemDefault());
            await().atMost(SOON)
                    .until(() -> LogFolder.of(home).files("requests").stream()
                            .anyMatch(file -> file.endsWith("requests-" + today + ".log")));
        }
    }

    /** What is kept is kept by the wall clock, so a clock that was wrong in between must not end a rest. */
    @Test
    void a_jump_there_and_back_changes_nothing() throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway = keyway(upstream)) {
            assertThat(status(keyway, "sandbox/401")).isEqualTo(503);

            wall.set(NOON.plus(Duration.ofDays(400)));
            assertThat(status(keyway, "openai/gpt-4o-mini")).isEqualTo(503);
            wall.set(NOON);

            pass(Duration.ofMinutes(10).plusSeconds(1));
            assertThat(status(keyway, "openai/gpt-4o-mini")).isEqualTo(200);
        }
    }
}
