package dev.keyway.safety;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.sandbox.SandboxTls;
import dev.keyway.sandbox.SandboxTls.Variant;
import dev.keyway.testing.CapturedConsole;
import dev.keyway.testing.ForwardProxy;
import dev.keyway.testing.ForwardProxy.Kind;
import dev.keyway.testing.Ports;
import dev.keyway.testing.Post;
import dev.keyway.testing.RunningKeyway;
import dev.keyway.testing.SilentPeer;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The upstream through a real microsocks and a real tinyproxy. */
@SuppressWarnings("try") // what is opened is used by what is asked
class OutgoingProxyIT {
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final String CHAT = "/v1/chat/completions";
    private static final String PASSWORD = "pr0xyCanary-Xq7Zt2";
    private static final String LOGIN = ForwardProxy.USER + ":" + PASSWORD;

    @TempDir
    Path folder = Path.of("");

    private RunningKeyway through(String proxy, URI upstream, String... more) throws Exception {
        Map<String, String> settings = new HashMap<>();
        settings.put("requestProxy.enabled", "true");
        settings.put("requestProxy.url", proxy);
        for (int i = 0; i < more.length; i += 2) {
            settings.put(more[i], more[i + 1]);
        }
        return RunningKeyway.before(upstream, folder.resolve("home"), settings);
    }

    private static String refused(HttpResponse<String> answer, int status) {
        assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(status);
        assertThat(Post.header(answer, "x-should-retry")).isEqualTo("true");
        assertThat(answer.body()).contains("outgoing proxy").doesNotContain(PASSWORD, RunningKeyway.POOL_KEY);
        return answer.body();
    }

    @ParameterizedTest
    @CsvSource({"SOCKS5,''", "SOCKS5," + PASSWORD, "HTTP,''", "HTTP," + PASSWORD})
    void whole_answers_streams_and_uploads_pass_to_an_upstream_that_only_the_proxy_knows(Kind kind, String password)
            throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                ForwardProxy proxy = ForwardProxy.start(kind, folder, password);
                RunningKeyway keyway = through(
                        proxy.url(password.isEmpty() ? "" : LOGIN), ForwardProxy.knownToIt(upstream.baseUrl()))) {
            HttpResponse<String> whole = Post.json(keyway.url(CHAT), Post.chat(MODEL, false));
            HttpResponse<String> stream = Post.json(keyway.url(CHAT), Post.chat(MODEL, true));
            HttpResponse<String> got = Post.get(keyway.url("/v1/key"));
            HttpResponse<String> large =
                    Post.json(keyway.url(CHAT), Post.chat(MODEL, false).replace("Hello", "Hello ".repeat(500_000)));

            assertThat(List.of(whole.statusCode(), stream.statusCode(), got.statusCode(), large.statusCode()))
                    .describedAs(whole.body())
                    .containsOnly(200);
            assertThat(stream.body()).endsWith("data: [DONE]\n\n");
            assertThat(upstream.received()).hasSize(4).allSatisfy(OutgoingProxyIT::isAsWithoutAProxy);
            assertThat(upstream.connections()).describedAs("tunnels are kept").isLessThan(4);
        }
    }

    private static void isAsWithoutAProxy(Received received) {
        assertThat(received.headers("Host")).singleElement().asString().startsWith(ForwardProxy.NAME + ":");
        assertThat(received.headers("Authorization")).containsExactly("Bearer " + RunningKeyway.POOL_KEY);
        assertThat(received.headerLines()).noneMatch(line -> line.matches("(?i)(proxy-|via:|x-forwarded).*"));
    }

    @ParameterizedTest
    @EnumSource
    void tls_goes_through_the_tunnel_and_certificates_are_checked(Kind kind) throws Exception {
        for (Variant variant : List.of(Variant.RIGHT, Variant.WRONG_NAME)) {
            SandboxTls tls = SandboxTls.create(variant, InstantSource.system());
            String authority =
                    tls.writeAuthority(folder.resolve(variant + ".pem")).toString();
            try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests().withTls(tls));
                    ForwardProxy proxy = ForwardProxy.start(kind, folder, PASSWORD);
                    RunningKeyway keyway =
                            through(proxy.url(LOGIN), upstream.baseUrl(), "upstream.ca_file", authority)) {
                HttpResponse<String> answer = Post.json(keyway.url(CHAT), Post.chat(MODEL, true));

                if (variant == Variant.RIGHT) {
                    assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
                    assertThat(upstream.received()).hasSize(1);
                } else {
                    assertThat(answer.statusCode()).isEqualTo(502);
                    assertThat(answer.body()).contains("the certificate is not for 127.0.0.1");
                    assertThat(upstream.received()).isEmpty();
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void an_event_arrives_while_the_upstream_is_silent(Kind kind) throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                ForwardProxy proxy = ForwardProxy.start(kind, folder, "");
                RunningKeyway keyway = through(proxy.url(""), ForwardProxy.knownToIt(upstream.baseUrl()))) {
            try (InputStream body = Post.open(keyway.url(CHAT), Post.chat("sandbox/stall:2", true))) {
                CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> read(body, "data: "));

                assertThat(first.get(10, TimeUnit.SECONDS)).contains("data: ");
            }
        }
    }

    private static String read(InputStream body, String until) {
        StringBuilder text = new StringBuilder();
        byte[] buffer = new byte[8192];
        try {
            while (text.indexOf(until) < 0) {
                int count = body.read(buffer);
                if (count < 0) {
                    break;
                }
                text.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return text.toString();
    }

    @ParameterizedTest
    @CsvSource({"SOCKS5,alice:wrong-one", "HTTP,alice:wrong-one", "SOCKS5,''", "HTTP,''"})
    void a_login_that_is_refused_is_told_and_no_key_is_blamed(Kind kind, String login) throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                ForwardProxy proxy = ForwardProxy.start(kind, folder, PASSWORD);
                RunningKeyway keyway = through(proxy.url(login), upstream.baseUrl())) {
            String body = refused(Post.json(keyway.url(CHAT), Post.chat(MODEL, true)), 502);

            assertThat(body).contains(proxy.url("")).doesNotContain("wrong-one");
            if (!(kind == Kind.SOCKS5 && login.isEmpty())) {
                assertThat(body).contains("did not take user and password");
            }
            assertThat(upstream.connections()).isZero();
            assertNoKeyIsBlamed(keyway);
        }
    }

    private static void assertNoKeyIsBlamed(RunningKeyway keyway) throws Exception {
        HttpResponse<String> keys = Post.get(keyway.url("/admin/keys"));
        assertThat(keys.body()).contains("\"state\":\"active\"").doesNotContain("cooling", "deactivated");
        assertThat(keyway.log("keys"))
                .noneMatch(line -> line.contains("Rate Limit Hit") || line.contains("Deactivated"));
    }

    @ParameterizedTest
    @EnumSource
    void a_proxy_that_is_not_there_is_told(Kind kind) throws Exception {
        int closed = Ports.free();
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                RunningKeyway keyway = through(kind.url(LOGIN, closed), upstream.baseUrl())) {
            String body = refused(Post.json(keyway.url(CHAT), Post.chat(MODEL, false)), 502);

            assertThat(body).contains(kind.url("", closed), "could not be reached");
            assertThat(upstream.connections())
                    .describedAs("never without the proxy")
                    .isZero();
            assertNoKeyIsBlamed(keyway);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_proxy_that_never_answers_is_waited_for_as_long_as_a_connection(Kind kind) throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                SilentPeer proxy = SilentPeer.start();
                RunningKeyway keyway = through(
                        kind.url(LOGIN, proxy.port()),
                        upstream.baseUrl(),
                        "upstream.connect_timeout",
                        "300ms",
                        "retry.max_attempts",
                        "1")) {
            long start = System.nanoTime();
            String body = refused(Post.json(keyway.url(CHAT), Post.chat(MODEL, false)), 504);

            assertThat(body).contains("within the time allowed");
            assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            assertThat(upstream.connections()).isZero();
        }
    }

    /** With room for one connection, so that none may be lost by a refusal. */
    @ParameterizedTest
    @EnumSource
    void an_upstream_that_the_proxy_does_not_reach_is_told_and_found_when_it_is_back(Kind kind) throws Exception {
        int port = Ports.free();
        try (ForwardProxy proxy = ForwardProxy.start(kind, folder, "");
                RunningKeyway keyway = through(
                        proxy.url(""),
                        URI.create("http://127.0.0.1:" + port + "/api/v1"),
                        "upstream.circuit_failures",
                        "0",
                        "upstream.max_connections",
                        "1")) {
            for (int i = 0; i < 4; i++) {
                String body = refused(Post.json(keyway.url(CHAT), Post.chat(MODEL, false)), 502);
                assertThat(body).contains("opened no connection to the upstream, 127.0.0.1:" + port);
            }
            assertNoKeyIsBlamed(keyway);
            try (ServerSocket server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
                CompletableFuture<HttpResponse<String>> answer = CompletableFuture.supplyAsync(() -> {
                    try {
                        return Post.get(keyway.url("/v1/models/count"));
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
                try (var socket = server.accept()) {
                    socket.getInputStream().read();
                    socket.getOutputStream()
                            .write("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
                                    .getBytes(StandardCharsets.US_ASCII));
                    await().atMost(Duration.ofSeconds(10)).until(answer::isDone);
                }
                assertThat(answer.get().statusCode()).isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void the_password_is_written_nowhere(Kind kind) throws Exception {
        String[] loud = {"server.log_level", "DEBUG", "server.http_log_level", "DEBUG"};
        String told = "";
        String console;
        try (CapturedConsole captured = CapturedConsole.open()) {
            try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                    ForwardProxy proxy = ForwardProxy.start(kind, folder, PASSWORD);
                    ForwardProxy other = ForwardProxy.start(kind, folder, "another-password")) {
                for (String url : List.of(proxy.url(LOGIN), other.url(LOGIN))) {
                    RunningKeyway keyway = through(url, upstream.baseUrl(), loud);
                    try (keyway) {
                        told += Post.json(keyway.url(CHAT), Post.chat(MODEL, false))
                                .body();
                        told += Post.get(keyway.url("/admin/config")).body();
                    }
                    // Lines wait in a queue, which is written out at the end.
                    told += String.join("\n", keyway.log("requests")) + String.join("\n", keyway.log("errors"));
                }
                assertThat(upstream.received()).hasSize(1);
            }
            console = captured.text();
        }

        assertThat(told).contains("alice:***@127.0.0.1").contains("\"stack\"");
        assertThat(console).contains(" DEBUG org.eclipse.jetty.client");
        String encoded = Base64.getEncoder().encodeToString(LOGIN.getBytes(StandardCharsets.US_ASCII));
        assertThat(told + console).doesNotContain(PASSWORD, encoded);
    }
}
