package dev.keyway.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.app.WireClient.Answer;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Reply;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of header fields, each way, on the wire. */
final class HeadersBothWaysE2eTest {
    private static final List<String> NEVER_TO_UPSTREAM = List.of(
            "Keep-Alive: timeout=5",
            "Proxy-Authorization: Basic aaa",
            "Proxy-Connection: keep-alive",
            "TE: trailers",
            "Trailer: X-Checksum",
            "Upgrade: TLS/1.0",
            "X-Named: by connection",
            "x-api-key: another-key",
            "Cookie: session=1",
            "Forwarded: for=192.0.2.1",
            "X-Forwarded-For: 192.0.2.1",
            "X-Forwarded-Host: example.com",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Anything: 1",
            "X-Real-IP: 192.0.2.1",
            "Via: 1.1 other",
            "CF-Connecting-IP: 192.0.2.1",
            "CF-Ray: 1",
            "X-Admin-Secret: secret",
            "X-Keyway-Anything: 1",
            "X-Request-ID: mine",
            "Origin: https://app.example.com",
            "Sec-Fetch-Mode: cors",
            "Sec-Fetch-Site: cross-site");

    private static final List<String> ALWAYS_TO_UPSTREAM = List.of(
            "HTTP-Referer: https://app.example.com",
            "X-Title: An app",
            "User-Agent: test/1.0",
            "Accept: text/event-stream",
            "Accept-Language: de",
            "anthropic-version: 2023-06-01",
            "anthropic-beta: a",
            "anthropic-beta: b",
            "X-Stainless-Lang: js",
            "X-Unheard-Of: \u00fc? {}");

    private static final List<String> NEVER_TO_CLIENT = List.of(
            "Set-Cookie: __cf_bm=1",
            "Alt-Svc: h3=\":443\"",
            "Strict-Transport-Security: max-age=1",
            "Access-Control-Allow-Origin: *",
            "Access-Control-Expose-Headers: X-Generation-Id",
            "Keep-Alive: timeout=5",
            "Proxy-Authenticate: Basic",
            "Proxy-Authentication-Info: x",
            "Proxy-Connection: close",
            "Trailer: X-Checksum",
            "Upgrade: TLS/1.0",
            "X-Hop: named by connection",
            "X-Leak: " + RunningKeyway.POOL_KEY,
            "X-Leak-Within: (Bearer " + RunningKeyway.POOL_KEY + ")",
            "X-Keyway-Attempts: 99",
            "Server-Timing: cfL4;dur=99",
            "X-Process-Time: 99.000");

    private static final List<String> ALWAYS_TO_CLIENT = List.of(
            "X-Generation-Id: gen-1",
            "X-Provider-Name: OpenAI",
            "request-id: r1",
            "CF-Ray: 1-FRA",
            "Retry-After: 7",
            "X-RateLimit-Limit: 20",
            "X-RateLimit-Remaining: 0",
            "X-RateLimit-Reset: 1767225600000",
            "Cache-Control: private",
            "X-Unheard-Of: anything at all",
            "X-Twice: 1",
            "X-Twice: 2");

    private static E2e e2e;

    @BeforeAll
    static void start(@TempDir Path home) throws IOException {
        e2e = E2e.start(home, "server.access_key=" + E2e.ACCESS_KEY, "cors.allowed_origins=https://app.example.com");
    }

    @AfterAll
    static void stop() {
        e2e.close();
    }

    private static String name(String line) {
        return line.substring(0, line.indexOf(':'));
    }

    private static List<String> names(List<String> lines) {
        return lines.stream()
                .map(line -> name(line).toLowerCase(Locale.ROOT))
                .distinct()
                .toList();
    }

    private static String[] clientHeaders() {
        List<String> lines = new ArrayList<>(NEVER_TO_UPSTREAM);
        lines.addAll(ALWAYS_TO_UPSTREAM);
        lines.add("Connection: keep-alive, Upgrade, X-Named");
        lines.add("Accept-Encoding: gzip, br");
        lines.add(E2e.BEARER);
        return lines.toArray(String[]::new);
    }

    /** A body that is rewritten, one that is streamed, and none. */
    @ParameterizedTest
    @ValueSource(strings = {"POST /v1/chat/completions", "POST /v1/audio/transcriptions", "GET /v1/credits"})
    void the_upstream_gets_the_clients_headers_but_for_those_of_the_table(String asked) throws IOException {
        e2e.upstream.clear();
        String[] words = asked.split(" ", 2);
        byte[] body = words[0].equals("POST") ? "{\"model\":\"m\"}".getBytes(UTF_8) : E2e.NOTHING;

        Answer answer = WireClient.ask(e2e.port(), words[0], words[1], body, clientHeaders());

        assertThat(e2e.upstream.received()).describedAs(answer.text()).hasSize(1);
        Received received = e2e.upstream.received().get(0);
        assertThat(names(received.headerLines()))
                .describedAs("none of the table's")
                .doesNotContainAnyElementsOf(names(NEVER_TO_UPSTREAM))
                .doesNotContain("expect", "connection", "transfer-encoding");
        assertThat(received.headerLines()).containsAll(ALWAYS_TO_UPSTREAM);
        assertThat(received.headers("Authorization")).containsExactly("Bearer " + RunningKeyway.POOL_KEY);
        assertThat(received.headers("Accept-Encoding")).containsExactly("identity");
        assertThat(received.headers("Host")).containsExactly("127.0.0.1:" + e2e.upstream.port());
        assertThat(received.headers("Content-Length")).hasSize(body.length == 0 ? 0 : 1);
        assertThat(names(received.headerLines()).stream()
                        .filter(name -> !names(ALWAYS_TO_UPSTREAM).contains(name)))
                .describedAs("nothing of our own making")
                .isSubsetOf("host", "authorization", "accept-encoding", "content-length", "content-type");
    }

    @Test
    void the_client_gets_the_upstreams_headers_but_for_those_of_the_table() throws IOException {
        for (Reply plain : List.of(
                Reply.json(200, "{\"id\":\"x\"}"),
                Reply.sse("data: {\"id\":\"x\"}\n\ndata: [DONE]\n\n"),
                Reply.json(400, "{\"error\":{\"code\":400,\"message\":\"no\"}}"))) {
            Reply reply = plain.withHeader("Connection", "X-Hop")
                    .withHeader("Date", "Mon, 01 Jan 2001 00:00:00 GMT")
                    .withHeader("Server", "cloudflare")
                    .withHeader("X-Request-ID", "theirs");
            for (String line : NEVER_TO_CLIENT) {
                reply = reply.withHeader(name(line), line.substring(name(line).length() + 2));
            }
            for (String line : ALWAYS_TO_CLIENT) {
                reply = reply.withHeader(name(line), line.substring(name(line).length() + 2));
            }
            e2e.upstream.script(RunningKeyway.POOL_KEY, reply);

            Answer answer = e2e.post(E2e.CHAT, E2e.chat("m"), E2e.BEARER, "X-Request-ID: mine");

            assertThat(answer.lines())
                    .containsAll(ALWAYS_TO_CLIENT)
                    .doesNotContainAnyElementsOf(NEVER_TO_CLIENT)
                    .noneMatch(line -> line.contains(RunningKeyway.POOL_KEY.substring(10, 40)));
            assertThat(names(answer.lines()))
                    .doesNotContain("set-cookie", "alt-svc", "strict-transport-security", "x-hop", "x-leak", "upgrade")
                    .noneMatch(name -> name.startsWith("access-control-"));
            assertThat(answer.headers("Date")).hasSize(1).noneMatch(date -> date.contains("2001"));
            assertThat(answer.headers("Server")).containsExactly("Keyway");
            assertThat(answer.headers("X-Request-ID")).containsExactly("mine");
            assertThat(answer.headers("X-Keyway-Attempts")).containsExactly("1");
            assertThat(answer.headers("X-Process-Time")).hasSize(1).doesNotContain("99.000");
            assertThat(answer.headers("Server-Timing"))
                    .hasSize(1)
                    .allMatch(timing -> timing.matches(
                            "queue;dur=[0-9.]+, connect;dur=[0-9.]+, upstream;dur=[0-9.]+," + " own;dur=[0-9.]+"));
            boolean stream = answer.header("Content-Type").startsWith("text/event-stream");
            assertThat(answer.headers("X-Accel-Buffering")).isEqualTo(stream ? List.of("no") : List.of());
        }
    }

    @Test
    void a_stand_in_that_tells_the_key_in_a_header_is_not_repeated() throws IOException {
        Answer answer = e2e.post(E2e.CHAT, E2e.chat("sandbox/leak:200"), E2e.BEARER);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(e2e.upstream.received()).isNotEmpty();
        assertThat(String.join("\n", answer.lines())).doesNotContain(RunningKeyway.POOL_KEY);
        assertThat(answer.headers("X-Debug-Authorization")).isEmpty();
    }

    /** Symptom: an upstream whose error repeats the key it was given told the pool's key to everyone who may call. */
    @Test
    void an_error_that_tells_the_key_is_relayed_without_it() throws IOException {
        for (String model : List.of("sandbox/leak:400", "sandbox/leak:500")) {
            e2e.upstream.clear();
            Answer answer = e2e.post(E2e.CHAT, E2e.chat(model), E2e.BEARER);

            String sent = new String(e2e.upstream.received().get(0).responseBody(), UTF_8);
            assertThat(sent).contains(RunningKeyway.POOL_KEY);
            assertThat(answer.text())
                    .isEqualTo(sent.replace(RunningKeyway.POOL_KEY, "*".repeat(RunningKeyway.POOL_KEY.length())));
        }
    }

    /** But for blanks between its parts, which a servlet container may leave out. */
    @Test
    void a_content_type_comes_as_the_upstream_wrote_it() throws IOException {
        for (String type :
                List.of("application/json", "application/json; charset=utf-8", "text/event-stream", "audio/mpeg")) {
            e2e.upstream.script(RunningKeyway.POOL_KEY, Reply.of(200, type, new byte[] {'{', '}'}));

            Answer answer = e2e.post("/v1/audio/transcriptions", "x", E2e.BEARER);

            assertThat(answer.headers("Content-Type")).hasSize(1);
            assertThat(answer.header("Content-Type").replace(" ", "")).isEqualTo(type.replace(" ", ""));
        }
    }
}
