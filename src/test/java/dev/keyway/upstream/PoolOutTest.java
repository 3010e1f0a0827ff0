package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoolOutTest {
    @TempDir
    private Path home;

    private final HttpClient client = HttpClient.newHttpClient();

    private HttpResponse<String> chat(URI url, String model) throws IOException, InterruptedException {
        String body = "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
        return client.send(
                HttpRequest.newBuilder(url)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    /** The JavaScript SDKs slept for hours, as Retry-After said, before their caller saw the error. */
    @Test
    void a_pool_that_is_out_for_long_tells_sdks_not_to_wait_for_it() throws Exception {
        try (Sandbox sandbox = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway = RunningKeyway.before(sandbox.baseUrl(), home, Map.of())) {
            chat(keyway.url("/v1/chat/completions"), "sandbox/401");

            HttpResponse<String> out = chat(keyway.url("/v1/chat/completions"), "openai/gpt-4o-mini");

            assertThat(out.statusCode()).isEqualTo(503);
            assertThat(Long.parseLong(out.headers().firstValue("Retry-After").orElseThrow()))
                    .isBetween(500L, 600L);
            assertThat(out.headers().allValues("x-should-retry")).containsExactly("false");
        }
    }

    @ParameterizedTest
    @CsvSource({"30, 0", "300, 1"})
    void a_short_rest_may_be_waited_for_a_long_one_may_not(int cooldown, int headers) throws Exception {
        try (Sandbox sandbox = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway = RunningKeyway.before(
                        sandbox.baseUrl(), home, Map.of("openrouter.rate_limit_cooldown", cooldown + "s"))) {
            String limited = "{\"error\":{\"code\":429,\"message\":\"Rate limit exceeded\"}}";
            sandbox.script(RunningKeyway.POOL_KEY, dev.keyway.sandbox.Reply.json(429, limited));
            chat(keyway.url("/v1/chat/completions"), "openai/gpt-4o-mini");

            HttpResponse<String> out = chat(keyway.url("/v1/chat/completions"), "openai/gpt-4o-mini");

            assertThat(out.statusCode()).isEqualTo(503);
            assertThat(out.headers().allValues("x-should-retry")).hasSize(headers);
        }
    }
}
