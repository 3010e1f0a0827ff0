package dev.keyway.safety;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Reply;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.sandbox.SandboxTls;
import dev.keyway.testing.Canaries;
import dev.keyway.testing.CapturedConsole;
import dev.keyway.testing.LogFolder;
import dev.keyway.testing.Post;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Plants keys and prompts wherever a caller or the upstream can put one, lets everything happen that writes, with every
 * logger at DEBUG, and searches all that Keyway wrote: three logs, console, response headers, its own bodies.
 *
 * <p>Bodies relayed from the upstream are the caller's own and not searched; their headers are.
 */
@SuppressWarnings("try") // what is opened is used by what is asked
class NeverWrittenTest {
    private static final String POOL_KEY = "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";
    private static final String SECOND_KEY =
            "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";
    private static final String ACCESS_KEY = "Canary+Access/Key=7Qx9Zt4Lm2";
    private static final String OWN_KEY = "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";
    private static final String WRONG_KEY = "Wr0ngBearer.Nw7Jk2Pq5Ts8Vx1Yb4";
    private static final String HEADER_KEY = "xApiKeyCanary_Hd3Fg6Jk9Mn2Qr5T";
    private static final String QUERY_KEY = "QueryCanary~Zp1Lo4Ki7Mj0Nu3Hb6";
    private static final String PATH_KEY = "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";
    private static final String MODEL_KEY = "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";
    private static final String COOKIE = "CookieCanary.Ud8Fi2Go5Hp9Jq3K";
    private static final String PROMPT = "PromptCanary Rt5Yu8Io1 Pa4Sd7Fg0 Hj3Kl6Zx9 Cv2Bn5Mq8";
    private static final String UPSTREAM_TEXT = "UpstreamCanary.Wq2Er5Ty8Ui1Op4As7";
    private static final String MODEL = "openai/gpt-4o-mini";

    @TempDir
    Path folder = Path.of("");

    private final Canaries canaries = new Canaries()
            .plant("pool key", POOL_KEY)
            .plant("second pool key", SECOND_KEY)
            .plant("access key", ACCESS_KEY)
            .plant("caller's own key", OWN_KEY)
            .plant("wrong key", WRONG_KEY)
            .plant("x-api-key", HEADER_KEY)
            .plant("key in the query", QUERY_KEY)
            .plant("key in the path", PATH_KEY)
            .plant("key in the model", MODEL_KEY)
            .plant("cookie", COOKIE)
            .plant("prompt", PROMPT)
            .plant("upstream's text", UPSTREAM_TEXT);
    private final List<String> written = new ArrayList<>();
    private final Map<String, String> settings = new HashMap<>();

    @BeforeEach
    void everything_is_logged() {
        settings.put("server.log_level", "DEBUG");
        settings.put("server.http_log_level", "DEBUG");
        settings.put("server.access_key", ACCESS_KEY);
        settings.put("auth.passthrough", "true");
        settings.put("openrouter.keys", POOL_KEY + "," + SECOND_KEY);
        settings.put("server.max_body", "64KB");
        settings.put("upstream.idle_timeout", "500ms");
        settings.put("upstream.first_byte_timeout", "2s");
    }

    @Test
    void nothing_of_a_key_or_a_prompt_is_ever_written() throws Exception {
        String console;
        try (CapturedConsole captured = CapturedConsole.open()) {
            try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests())) {
                try (RunningKeyway keyway = RunningKeyway.before(upstream.baseUrl(), folder.resolve("a"), settings)) {
                    askForEverything(keyway, upstream);
                }
            }
            console = captured.text();
        }

        assertThat(console)
                .describedAs("DEBUG is on")
                .contains(" DEBUG org.eclipse.jetty.client", " DEBUG org.eclipse.jetty.server", " DEBUG dev.keyway");
        assertClean("console", console);
        assertThat(logs("a", "requests")).contains("\"Outgoing Response\"");
        assertThat(logs("a", "errors")).contains("\"Request Failed\"", "\"stack\"");
        assertThat(logs("a", "keys")).contains("\"Rate Limit Hit\"");
        for (String log : List.of("requests", "errors", "keys")) {
            assertClean(log, logs("a", log));
        }
        assertThat(written).hasSizeGreaterThan(25);
        assertClean("answers", String.join("\n\n", written));
    }

    @Test
    void nothing_of_it_is_written_when_the_upstream_cant_be_reached() throws Exception {
        String console;
        SandboxTls tls = SandboxTls.create(SandboxTls.Variant.WRONG_NAME, InstantSource.system());
        settings.put(
                "upstream.ca_file", tls.writeAuthority(folder.resolve("ca.pem")).toString());
        try (CapturedConsole captured = CapturedConsole.open()) {
            try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests().withTls(tls));
                    RunningKeyway keyway = RunningKeyway.before(upstream.baseUrl(), folder.resolve("tls"), settings)) {
                own(chat(keyway, "/v1/chat/completions", body(MODEL, false), "Authorization", "Bearer " + ACCESS_KEY));
                own(chat(keyway, "/v1/chat/completions", body(MODEL, true), "x-api-key", OWN_KEY));
            }
            try (RunningKeyway keyway =
                    RunningKeyway.before(URI.create("https://keyway.invalid/v1"), folder.resolve("dns"), settings)) {
                own(chat(keyway, "/v1/chat/completions", body(MODEL, false), "Authorization", "Bearer " + ACCESS_KEY));
            }
            console = captured.text();
        }

        assertThat(console).contains("DEBUG org.eclipse.jetty.client");
        assertClean("console", console);
        for (String home : List.of("tls", "dns")) {
            assertThat(logs(home, "errors")).contains("\"stack\"");
            assertClean(home, logs(home, "requests") + logs(home, "errors"));
        }
        assertThat(written).hasSize(3).allSatisfy(answer -> assertThat(answer).startsWith("502"));
        assertClean("answers", String.join("\n\n", written));
    }

    private void askForEverything(RunningKeyway keyway, Sandbox upstream) throws Exception {
        String path = "/v1/chat/completions?api_key=" + QUERY_KEY + "&x=1";
        String[] access = {"Authorization", "Bearer " + ACCESS_KEY};
        String[] all = {"Authorization", "Bearer " + ACCESS_KEY, "x-api-key", HEADER_KEY, "Cookie", "session=" + COOKIE
        };

        // served: whole, as a stream, with the caller's own key, on every API
        relayed(chat(keyway, path, body(MODEL, false), all));
        relayed(chat(keyway, path, body(MODEL, true), all));
        relayed(chat(keyway, path, body(MODEL + "$think.high", true), "x-api-key", OWN_KEY));
        relayed(chat(keyway, "/v1/messages", body(MODEL, true), "x-api-key", ACCESS_KEY));
        relayed(chat(keyway, "/v1/responses", "{\"model\":\"" + MODEL + "\",\"input\":\"" + PROMPT + "\"}", access));
        relayed(chat(
                keyway,
                "/v1/embeddings",
                "{\"model\":\"openai/text-embedding-3-small\",\"input\":\"" + PROMPT + "\"}",
                access));
        relayed(Post.get(keyway.url("/v1/models?key=" + QUERY_KEY), access));
        relayed(Post.get(keyway.url("/v1/key"), access));
        own(Post.get(keyway.url("/health?key=" + QUERY_KEY), all));
        own(Post.get(keyway.url("/?key=" + QUERY_KEY), all));

        // refused by Keyway
        own(chat(keyway, path, body(MODEL, false), "Authorization", "Bearer " + WRONG_KEY));
        own(chat(keyway, "/v1/messages", body(MODEL, false), "x-api-key", WRONG_KEY));
        own(chat(keyway, path, body(MODEL, false), "Authorization", "Basic " + WRONG_KEY));
        own(chat(keyway, path, body(MODEL + "$nonsense." + MODEL_KEY, false), access));
        own(chat(keyway, path, "{\"model\":\"" + MODEL + "\",\"messages\":\"" + PROMPT, access));
        own(chat(keyway, path, "{\"" + PROMPT + "\":1,\"" + PROMPT + "\":2}", access));
        own(chat(keyway, path, "\"" + PROMPT + " " + "x".repeat(70_000) + "\"", access));
        own(chat(keyway, path, PROMPT, "Authorization", "Bearer " + ACCESS_KEY, "Content-Encoding", "gzip"));
        own(chat(keyway, path, PROMPT, "Authorization", "Bearer " + ACCESS_KEY, "Content-Encoding", OWN_KEY));
        own(chat(keyway, "/v1/keys", body(MODEL, false), access));
        own(Post.get(keyway.url("/nowhere?key=" + QUERY_KEY), access));
        own(Post.get(keyway.url("/v2/" + PATH_KEY), access));
        own(Post.get(keyway.url("/v2/" + PATH_KEY.replace("-", "%2D")), access));

        // refused or broken by the upstream
        relayed(Post.get(keyway.url("/v1/models/" + PATH_KEY + "/endpoints"), access));
        relayed(chat(keyway, path, body("openai/" + MODEL_KEY, false), access));
        relayed(chat(keyway, path, body("sandbox/leak", false), access));
        relayed(chat(keyway, path, body("sandbox/leak:500", false), access));
        relayed(chat(keyway, path, body("sandbox/leak:200", true), access));
        relayed(chat(keyway, path, body("sandbox/leak", false), "x-api-key", OWN_KEY));
        relayed(chat(keyway, path, body("sandbox/leak:200", false), "x-api-key", OWN_KEY));
        relayed(chat(keyway, path, body("sandbox/first-error", true), access));
        relayed(chat(keyway, path, body("sandbox/error", true), access));
        relayed(chat(keyway, path, body("sandbox/cut", true), access));
        relayed(chat(keyway, path, body("sandbox/reset", true), access));
        relayed(chat(keyway, path, body("sandbox/stall", true), access));
        own(chat(keyway, path, body("sandbox/fin", true), access));
        own(chat(keyway, path, body("sandbox/garbage", false), access));
        own(chat(keyway, path, body("sandbox/slow-headers:4000", false), access));

        // answers that hold what was sent, in every place an answer has
        Reply telling = Reply.json(
                        400,
                        "{\"error\":{\"code\":400,\"message\":\"" + UPSTREAM_TEXT + " Bearer " + POOL_KEY + " " + PROMPT
                                + "\",\"metadata\":{\"raw\":\"" + PROMPT + "\"}}}")
                .withHeader("X-Debug-Key", POOL_KEY)
                .withHeader("X-Debug-Authorization", "Bearer " + POOL_KEY);
        for (String key : List.of(POOL_KEY, SECOND_KEY)) {
            upstream.script(key, telling);
        }
        relayed(chat(keyway, path, body(MODEL, false), access));
        relayed(chat(keyway, path, body(MODEL, true), access));
        for (String key : List.of(POOL_KEY, SECOND_KEY)) {
            upstream.script(
                    key,
                    Reply.sse("data: {\"id\":\"gen-1\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"x\"}}]}\n\n"
                            + "data: {\"error\":{\"code\":502,\"message\":\"" + UPSTREAM_TEXT + PROMPT + "\"}}\n\n"));
        }
        relayed(chat(keyway, path, body(MODEL, true), access));

        // the retries: a limit, then a key that is not good any more, then none is left
        upstream.script(POOL_KEY, Reply.fault("429"), Reply.fault("401"));
        upstream.script(SECOND_KEY, Reply.fault("429"), Reply.fault("401"));
        chat(keyway, path, body(MODEL, false), access);
        own(chat(keyway, path, body(MODEL, false), access));
    }

    private static String body(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream
                + ",\"max_tokens\":50,\"user\":\"" + PROMPT + "\",\"messages\":[{\"role\":\"user\",\"content\":\""
                + PROMPT + "\"}]}";
    }

    private static HttpResponse<String> chat(RunningKeyway keyway, String path, String body, String... headers)
            throws IOException, InterruptedException {
        return Post.json(keyway.url(path), body, headers);
    }

    private void own(HttpResponse<String> answer) {
        written.add(answer.statusCode() + " " + answer.headers().map() + "\n" + answer.body());
    }

    private void relayed(HttpResponse<String> answer) {
        written.add(answer.statusCode() + " " + answer.headers().map());
    }

    private String logs(String home, String log) throws IOException {
        return LogFolder.of(folder.resolve(home)).text(log);
    }

    private void assertClean(String where, String text) {
        assertThat(canaries.foundIn(text)).describedAs(where).isEmpty();
    }
}
