package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Attempt;
import dev.keyway.exchange.Outcome;
import dev.keyway.exchange.OutcomeListener;
import dev.keyway.exchange.RequestId;
import dev.keyway.keys.KeyEvent;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.apache.logging.log4j.LogManager;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.StringRequestContent;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** Plants credentials everywhere a caller can put one and searches everything that was written. */
@SuppressWarnings("try") // the console is open while the block runs
class CanaryTest {
    private static final String KEY = "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";
    private static final String ACCESS_KEY = "Canary+Access/Key=7Qx9Zt4Lm2";
    private static final int WINDOW = 12;

    @TempDir
    Path directory = Path.of("");

    private final ByteArrayOutputStream console = new ByteArrayOutputStream();

    @Test
    void no_log_shows_a_credential_planted_in_what_a_caller_controls() throws IOException {
        try (Logging logging = debug();
                DailyLogs logs = new DailyLogs(
                        LogOptions.DEFAULTS.withDirectory(directory),
                        new HandClock("2026-11-20T12:00:00Z"),
                        ZoneOffset.UTC);
                Outcomes outcomes = new Outcomes(List.of(new RequestLog(logs), new ErrorLog(logs)))) {
            for (String path : List.of("/v1/" + KEY, "/v1/x?key=" + ACCESS_KEY, "/v1/" + KEY.replace("-", "%2D"))) {
                outcomes.arrival(new OutcomeListener.Arrival(new RequestId("id " + KEY), "GET", path));
                outcomes.accept(SampleOutcome.with(
                        path,
                        "openai/" + KEY,
                        List.of(new Attempt(KEY, 401, "said Bearer " + ACCESS_KEY, Duration.ofMillis(1))),
                        500,
                        Outcome.Ended.ERROR,
                        new IOException("x-api-key: " + ACCESS_KEY, new IOException("{\"error\":\"" + KEY + "\"}"))));
            }
            new KeyLog(logs).onKeyEvent(new KeyEvent("Key Deactivated", KEY, "Bearer " + ACCESS_KEY, null));
        }

        LogFolder folder = new LogFolder(directory);
        assertThat(folder.names()).hasSize(3);
        for (String name : folder.names()) {
            assertThat(folder.text(name)).describedAs(name).isNotEmpty();
            assertNothingOf(folder.text(name));
        }
        assertNothingOf(console());
    }

    @Test
    void console_shows_no_credential_of_a_line_that_jetty_might_write() {
        try (Logging logging = debug()) {
            var jetty = LoggerFactory.getLogger("org.eclipse.jetty.client.transport.HttpSender");
            jetty.debug("Request headers HttpRequest[POST /v1/x?key={} HTTP/1.1]@1f{}", ACCESS_KEY, """

                    Host: openrouter.ai
                    Authorization: Bearer %s
                    x-api-key: %s
                    """.formatted(
                            KEY, ACCESS_KEY));
            jetty.debug("HeapByteBuffer<<<Authorization: Bearer {}\\r\\nHost: x>>>", KEY);
            jetty.debug("parsedHeader(null) headerString=[x-api-key], valueString=[{}]", ACCESS_KEY);
            LogManager.getLogger("dev.keyway.any").debug("{\"x-api-key\":\"{}\"}", ACCESS_KEY);
        }

        assertThat(console().lines()).hasSize(4);
        assertNothingOf(console());
    }

    /** Jetty's HTTP client prints the headers it sends when it logs at DEBUG. */
    @Test
    void console_shows_no_credential_while_jettys_client_and_server_debug() throws Exception {
        String prompt = "canary-prompt-" + "QzWxEcRvTbYnUmIk".repeat(4);
        Server server = new Server();
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        server.setHandler(new Echo());
        HttpClient client = new HttpClient();
        try (Logging logging = debug()) {
            server.start();
            client.start();
            client.newRequest("127.0.0.1", connector.getLocalPort())
                    .method(HttpMethod.POST)
                    .path("/v1/chat/completions?key=" + ACCESS_KEY.replace("+", "%2B"))
                    .headers(headers ->
                            headers.put("Authorization", "Bearer " + KEY).put("x-api-key", ACCESS_KEY))
                    .body(new StringRequestContent("application/json", "{\"prompt\":\"" + prompt + "\"}"))
                    .send();
            client.stop();
            server.stop();
        }

        assertThat(console()).contains("org.eclipse.jetty.client", "Authorization: ***");
        assertNothingOf(console());
        assertThat(windowsOf(prompt)).noneMatch(console()::contains);
    }

    private Logging debug() {
        LogOptions d = LogOptions.DEFAULTS;
        return Logging.configure(
                new LogOptions(null, d.retentionDays(), d.maxFileSize(), d.maxTotal(), "DEBUG", "DEBUG"),
                new PrintStream(console, true, StandardCharsets.UTF_8));
    }

    private String console() {
        return console.toString(StandardCharsets.UTF_8);
    }

    private static void assertNothingOf(String text) {
        for (String secret : List.of(KEY, ACCESS_KEY)) {
            for (String form : formsOf(secret)) {
                List<String> found = windowsOf(form).stream()
                        .filter(window -> !"sk-or-v1-***".contains(window) && text.contains(window))
                        .toList();
                assertThat(found).describedAs("windows of a secret in the log").isEmpty();
            }
        }
    }

    /** As it is, percent-encoded, JSON-escaped, and in base64 at its three alignments. */
    private static List<String> formsOf(String secret) {
        List<String> forms = new ArrayList<>(List.of(
                secret,
                secret.replace("-", "%2D").replace("+", "%2B").replace("/", "%2F"),
                secret.replace("/", "\\/"),
                secret.replace("-", "\\u002d")));
        for (int shift = 0; shift < 3; shift++) {
            byte[] bytes = secret.substring(shift).getBytes(StandardCharsets.US_ASCII);
            forms.add(Base64.getEncoder().withoutPadding().encodeToString(bytes));
        }
        return forms;
    }

    private static List<String> windowsOf(String text) {
        List<String> windows = new ArrayList<>();
        for (int i = 0; i + WINDOW <= text.length(); i++) {
            windows.add(text.substring(i, i + WINDOW));
        }
        return windows;
    }

    /** Answers with the body it was sent. */
    private static final class Echo extends Handler.Abstract {
        @Override
        public boolean handle(Request request, Response response, Callback callback) {
            Content.copy(request, response, callback);
            return true;
        }
    }
}
