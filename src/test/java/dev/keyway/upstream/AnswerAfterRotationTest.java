package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Reply;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.Post;
import dev.keyway.testing.RunningKeyway;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the client gets from the second key when the first was refused. */
class AnswerAfterRotationTest {
    private static final String FIRST = "sk-or-v1-" + "1".repeat(64);
    private static final String SECOND = "sk-or-v1-" + "2".repeat(64);

    @TempDir
    Path home = Path.of("");

    /** Symptom: after a 429 with a body the next key's stream was broken off behind its first event. */
    @ParameterizedTest
    @ValueSource(strings = {"429", "401", "first-error:401"})
    void a_stream_is_relayed_to_its_end(String refusal) throws Exception {
        assertRelayed(refusal, Post.chat("sandbox/paced:5:10", true));
    }

    /** Symptom: and a whole answer was cut off behind its first piece. */
    @Test
    void a_whole_answer_of_many_pieces_is_relayed_to_its_end() throws Exception {
        assertRelayed("429", Post.chat("sandbox/big-json:1", false));
    }

    private void assertRelayed(String refusal, String body) throws Exception {
        Map<String, String> settings =
                Map.of("openrouter.keys", FIRST + "," + SECOND, "openrouter.key_selection_strategy", "first");
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway = RunningKeyway.before(upstream.baseUrl(), home, settings)) {
            upstream.script(FIRST, Reply.fault(refusal));

            HttpResponse<String> answer = Post.json(keyway.url("/v1/chat/completions"), body);

            Received served = upstream.received().get(1);
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(Post.header(answer, "X-Keyway-Attempts")).isEqualTo("2");
            assertThat((long) answer.body().length()).isEqualTo(served.responseLength());
            assertThat(answer.body().getBytes(StandardCharsets.UTF_8)).isEqualTo(served.responseBody());
        }
    }
}
