package dev.keyway.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.RunningKeyway;
import dev.keyway.wire.Secret;
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

    private HttpResponse<String> chat(URI url, String model, String... headers)
            throws IOException, InterruptedException {
        String body = "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"x\"}]}";
        HttpRequest.Builder request = HttpRequest.newBuilder(url).POST(HttpRequest.BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), HttpResponse.BodyHandlers.ofString());
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

    @Test
    void only_an_admin_is_told_what_is_wrong_with_which_key() throws Exception {
        try (Sandbox sandbox = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway =
                        RunningKeyway.before(sandbox.baseUrl(), home, Map.of("admin.secret", "a-secret-of-admins"))) {
            URI url = keyway.url("/v1/chat/completions");
            chat(url, "sandbox/401");

            JsonNode client = error(chat(url, "openai/gpt-4o-mini"));
            JsonNode guesser = error(chat(url, "openai/gpt-4o-mini", "X-Admin-Secret", "a-secret-of-nobody"));
            JsonNode admin = error(chat(url, "openai/gpt-4o-mini", "X-Admin-Secret", "a-secret-of-admins"));

            assertThat(client.has("details")).isFalse();
            assertThat(guesser.has("details")).isFalse();
            assertThat(admin.path("details")
                            .path(new Secret(RunningKeyway.POOL_KEY).id())
                            .textValue())
                    .startsWith("cooling: unauthorized until 20");
        }
    }

    @Test
    void guesses_on_the_data_api_count_and_end_what_the_right_secret_is_told() throws Exception {
        try (Sandbox sandbox = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway =
                        RunningKeyway.before(sandbox.baseUrl(), home, Map.of("admin.secret", "a-secret-of-admins"))) {
            URI url = keyway.url("/v1/chat/completions");
            chat(url, "sandbox/401");
            for (int i = 0; i < 11; i++) {
                chat(url, "openai/gpt-4o-mini", "X-Admin-Secret", "a-secret-of-nobody-" + i);
            }

            JsonNode admin = error(chat(url, "openai/gpt-4o-mini", "X-Admin-Secret", "a-secret-of-admins"));

            assertThat(admin.has("details")).isFalse();
        }
    }

    private static JsonNode error(HttpResponse<String> answer) throws IOException {
        assertThat(answer.statusCode()).isEqualTo(503);
        return new ObjectMapper().readTree(answer.body()).path("error");
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
