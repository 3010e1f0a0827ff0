package dev.keyway.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.deploy.FrontProxy.Kind;
import dev.keyway.sandbox.Conversation;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.AdminSpellings;
import dev.keyway.testing.RunningKeyway;
import dev.keyway.testing.container.WireClient;
import dev.keyway.testing.framing.FramingCase;
import dev.keyway.testing.framing.FramingRun;
import dev.keyway.testing.framing.RecordingUpstream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Version;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Keyway behind the real nginx and the real HAProxy, with the files of {@code deploy/} and with careless ones. */
@ParameterizedClass
@EnumSource(Kind.class)
@SuppressWarnings("NullAway.Init")
class FrontProxiesIT {
    private static final String ACCESS_KEY = "front-proxies-access-key";
    private static final String BEARER = "Authorization: Bearer " + ACCESS_KEY;
    private static final String SECRET = "front-proxies-admin-secret";
    private static final String CHAT = "/v1/chat/completions";
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final String BODY =
            "{\"model\":\"" + MODEL + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** Keyway's 2 s, what the proxy takes, and a busy machine. */
    private static final Duration GONE = Duration.ofSeconds(5);

    @TempDir
    private static Path folder;

    private static Sandbox upstream;
    private static ProxyCertificate certificate;
    private static RunningKeyway keyed;
    private static FrontProxy front;
    private static HttpClient h1;
    private static HttpClient h2;

    private final Kind kind;

    FrontProxiesIT(Kind kind) {
        this.kind = kind;
    }

    @BeforeParameterizedClassInvocation
    static void start(Kind kind) throws Exception {
        upstream = Sandbox.start(SandboxOptions.forTests());
        certificate = ProxyCertificate.in(Files.createTempDirectory(folder, "tls"));
        keyed = keyway(
                upstream.baseUrl(),
                "server.access_key=" + ACCESS_KEY,
                "admin.secret=" + SECRET,
                "server.trusted_proxies=127.0.0.1",
                "usage_injection=false");
        front = FrontProxy.shipped(kind, folder, certificate, keyed.port(), false);
        h1 = client(Version.HTTP_1_1);
        h2 = client(Version.HTTP_2);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        front.close();
        keyed.close();
        upstream.close();
    }

    @BeforeEach
    void forget() {
        upstream.clear();
    }

    private static RunningKeyway keyway(URI baseUrl, String... settings) throws IOException {
        Map<String, String> overrides = new LinkedHashMap<>();
        overrides.put("server.log_level", "ERROR");
        for (String setting : settings) {
            overrides.put(setting.split("=", 2)[0], setting.split("=", 2)[1]);
        }
        return RunningKeyway.before(baseUrl, Files.createTempDirectory(folder, "home"), overrides);
    }

    private static HttpClient client(Version version) {
        return HttpClient.newBuilder()
                .version(version)
                .sslContext(certificate.trust())
                .build();
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://localhost:" + front.tlsPort() + path))
                .header("Authorization", "Bearer " + ACCESS_KEY)
                .header("Content-Type", "application/json");
    }

    private static HttpRequest chat(String model, boolean stream) {
        return request(CHAT)
                .POST(BodyPublishers.ofString("{\"model\":\"" + model + "\",\"stream\":" + stream
                        + ",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}"))
                .build();
    }

    /** Nothing is sent before what was sent last has arrived, so a buffer anywhere would hold up the test. */
    @ParameterizedTest
    @EnumSource(Version.class)
    void each_event_and_comment_arrives_before_the_next_is_sent(Version version) throws Exception {
        CompletableFuture<Conversation> coming = upstream.conversation(MODEL);
        CompletableFuture<HttpResponse<InputStream>> answer =
                clientOf(version).sendAsync(chat(MODEL, true), BodyHandlers.ofInputStream());
        Conversation conversation = coming.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        conversation.startStream();
        BufferedReader lines = null;
        for (int i = 0; i < 10; i++) {
            String line = i == 4 ? ": OPENROUTER PROCESSING" : "data: {\"choices\":[],\"n\":" + i + "}";
            conversation.send(line + "\n\n");
            if (lines == null) {
                HttpResponse<InputStream> head = answer.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                assertThat(head.statusCode()).isEqualTo(200);
                assertThat(head.version()).isEqualTo(version);
                lines = new BufferedReader(new InputStreamReader(head.body(), StandardCharsets.UTF_8));
            }
            assertThat(next(lines)).describedAs("event %d", i).isEqualTo(line);
            assertThat(next(lines)).isEmpty();
        }
        conversation.finish();
    }

    private static String next(BufferedReader lines) throws Exception {
        return CompletableFuture.supplyAsync(() -> {
                    try {
                        return String.valueOf(lines.readLine());
                    } catch (IOException e) {
                        return e.toString();
                    }
                })
                .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }

    private static HttpClient clientOf(Version version) {
        return version == Version.HTTP_2 ? h2 : h1;
    }

    @ParameterizedTest
    @EnumSource(Version.class)
    void a_body_of_twenty_megabytes_passes_unchanged(Version version) throws Exception {
        String message = "{\"role\":\"user\",\"content\":\"" + "0123456789abcdef".repeat(65_536) + "\"}";
        byte[] body = ("{\"model\":\"" + MODEL + "\",\"messages\":["
                        + String.join(",", Collections.nCopies(20, message)) + "]}")
                .getBytes(StandardCharsets.UTF_8);

        HttpResponse<String> answer = clientOf(version)
                .send(request(CHAT).POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofString());

        assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(200);
        assertThat(answer.version()).isEqualTo(version);
        assertThat(upstream.received()).hasSize(1);
        assertThat(upstream.received().get(0).body()).isEqualTo(body);
    }

    @Test
    void what_is_too_large_is_refused_in_keyways_own_words() throws Exception {
        try (WireClient client = WireClient.to(front.port())) {
            client.send("POST " + CHAT + " HTTP/1.1\r\nHost: gateway.example.com\r\n" + BEARER
                    + "\r\nContent-Type: application/json\r\nContent-Length: " + (50 * 1024 * 1024 + 1) + "\r\n\r\n");

            WireClient.Answer answer = client.answer();

            assertThat(answer.status()).describedAs("%s", answer).isEqualTo(413);
            assertThat(answer.text()).contains("\"type\":\"validation\"");
        }
    }

    /** Four at once: before the answer and within a stream, with an orderly end and with a reset; and two in HTTP/2. */
    @Test
    void a_client_that_leaves_behind_the_proxy_ends_the_request_to_the_upstream() throws Exception {
        List<WireClient> clients = new ArrayList<>();
        List<CompletableFuture<?>> cancelled = new ArrayList<>();
        List<Conversation> conversations = new ArrayList<>();
        for (boolean stream : new boolean[] {false, false, true, true}) {
            WireClient client = WireClient.to(front.port());
            clients.add(client);
            conversations.add(conversation(
                    stream,
                    () -> client.post(
                            CHAT, "{\"model\":\"" + MODEL + "\",\"stream\":" + stream + ",\"messages\":[]}", BEARER)));
            if (stream) {
                client.head();
                client.chunksUntil("gen-1");
            }
        }
        for (boolean stream : new boolean[] {false, true}) {
            conversations.add(conversation(
                    stream, () -> cancelled.add(h2.sendAsync(chat(MODEL, stream), BodyHandlers.ofString()))));
        }
        assertThat(conversations)
                .noneMatch(open -> open.received().closedEarly().isDone());

        clients.get(0).close();
        clients.get(1).reset();
        clients.get(2).close();
        clients.get(3).reset();
        cancelled.forEach(one -> one.cancel(true));

        for (int i = 0; i < conversations.size(); i++) {
            assertThat(conversations.get(i).awaitClientClosed(GONE))
                    .describedAs("conversation %d", i)
                    .isTrue();
            conversations.get(i).cut();
        }
    }

    private interface Ask {
        void ask() throws IOException;
    }

    private static Conversation conversation(boolean stream, Ask ask) throws Exception {
        CompletableFuture<Conversation> coming = upstream.conversation(MODEL);
        ask.ask();
        Conversation conversation = coming.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (stream) {
            conversation.startStream().event("{\"id\":\"gen-1\",\"choices\":[]}");
        }
        return conversation;
    }

    @Test
    void own_pages_are_hidden_even_from_who_knows_the_secret() throws Exception {
        List<String> paths = new ArrayList<>(AdminSpellings.PATHS);
        paths.addAll(AdminSpellings.METRICS);
        for (String path : paths) {
            String answer = ask(front.port(), "GET " + path + " HTTP/1.1", "X-Admin-Secret: " + SECRET);

            assertThat(answer).describedAs(path).matches("(?s)HTTP/1.1 4\\d\\d .*");
            isNoOwnPage(path, answer);
        }
        assertThat(ask(front.port(), "GET /health HTTP/1.1")).startsWith("HTTP/1.1 200");
    }

    private static void isNoOwnPage(String what, String answer) {
        assertThat(answer).describedAs(what).doesNotContain("\"keys\":", "\"chain\":", "kms_");
    }

    @Test
    void guesses_are_counted_for_each_client_and_no_header_of_its_own_hides_it() throws Exception {
        try (FrontProxy open = FrontProxy.shipped(kind, folder, certificate, keyed.port(), true);
                RunningKeyway blind =
                        keyway(upstream.baseUrl(), "server.access_key=" + ACCESS_KEY, "admin.secret=" + SECRET);
                FrontProxy unknown = FrontProxy.shipped(kind, folder, certificate, blind.port(), true)) {
            for (FrontProxy proxy : List.of(open, unknown)) {
                for (int i = 0; i < 10; i++) {
                    assertThat(admin(proxy, "127.0.0.2", "guess-" + i, "X-Forwarded-For: 203.0.113." + i))
                            .isEqualTo(401);
                }
            }

            assertThat(admin(open, "127.0.0.2", SECRET)).isEqualTo(429);
            for (String header : List.of(
                    "X-Forwarded-For: 127.0.0.3",
                    "X-Forwarded-For: 127.0.0.3, 127.0.0.1",
                    "Forwarded: for=127.0.0.3",
                    "X-Real-IP: 127.0.0.3",
                    "Connection: X-Forwarded-For")) {
                assertThat(admin(open, "127.0.0.2", SECRET, header))
                        .describedAs(header)
                        .isEqualTo(429);
            }
            assertThat(admin(open, "127.0.0.3", SECRET)).isEqualTo(200);
            assertThat(admin(open, "127.0.0.3", SECRET, "X-Forwarded-For: 127.0.0.2"))
                    .isEqualTo(200);
            assertThat(admin(unknown, "127.0.0.3", SECRET))
                    .describedAs("whose proxy nobody named")
                    .isEqualTo(429);
        }
    }

    private static int admin(FrontProxy proxy, String from, String secret, String... headers) throws IOException {
        try (WireClient client = WireClient.to(proxy.port(), InetAddress.getByName(from))) {
            String[] all = new String[headers.length + 1];
            System.arraycopy(headers, 0, all, 1, headers.length);
            all[0] = "X-Admin-Secret: " + secret;
            return client.request("GET", "/admin/keys", all).answer().status();
        }
    }

    @Test
    void an_open_pool_and_admin_without_a_secret_are_never_reached() throws Exception {
        try (RunningKeyway open = keyway(upstream.baseUrl());
                FrontProxy shipped = FrontProxy.shipped(kind, folder, certificate, open.port(), true)) {
            isLocalOnly(open);

            isClosed(shipped.port(), open.port());
            for (HttpClient client : List.of(h1, h2)) {
                for (String path : List.of(CHAT, "/admin/keys", "/metrics/raw")) {
                    for (String host : List.of("localhost", "127.0.0.1")) {
                        HttpRequest asked = HttpRequest.newBuilder(
                                        URI.create("https://" + host + ":" + shipped.tlsPort() + path))
                                .header("X-Forwarded-For", "127.0.0.1")
                                .method(path.equals(CHAT) ? "POST" : "GET", BodyPublishers.ofString(BODY))
                                .build();
                        assertThat(client.send(asked, BodyHandlers.ofString()).statusCode())
                                .isEqualTo(403);
                    }
                }
            }
            assertThat(upstream.received()).isEmpty();
        }
    }

    /** A user's own file that forgets every header; nginx before 1.29.7 gives itself away by HTTP/1.0. */
    @Test
    void a_careless_proxy_that_is_declared_or_asks_in_http_1_0_reaches_neither() throws Exception {
        try (RunningKeyway open = keyway(upstream.baseUrl());
                RunningKeyway declared = keyway(upstream.baseUrl(), "server.trusted_proxies=127.0.0.1");
                FrontProxy modern = FrontProxy.bare(kind, folder, declared.port(), false);
                FrontProxy old = FrontProxy.bare(kind, folder, open.port(), true)) {
            assertThat(ask(modern.port(), "GET /health HTTP/1.1")).startsWith("HTTP/1.1 200");
            isClosed(modern.port(), declared.port());

            if (kind == Kind.NGINX) {
                isLocalOnly(open);
                isClosed(old.port(), open.port());
            }
        }
    }

    /** Why it has to be declared: in HTTP/1.1, with a Host of this machine, it is what a local program is. */
    @Test
    void a_careless_proxy_in_http_1_1_that_is_not_declared_lets_its_callers_in() throws Exception {
        try (RunningKeyway open = keyway(upstream.baseUrl());
                FrontProxy modern = FrontProxy.bare(kind, folder, open.port(), false)) {
            assertThat(ask(modern.port(), "POST " + CHAT + " HTTP/1.1", "Host: localhost"))
                    .startsWith("HTTP/1.1 200");
        }
    }

    /** Else nothing could be learnt from a refusal. */
    private static void isLocalOnly(RunningKeyway open) throws IOException {
        assertThat(ask(open.port(), "POST " + CHAT + " HTTP/1.1", "Host: localhost"))
                .startsWith("HTTP/1.1 200");
        assertThat(ask(open.port(), "GET /admin/keys HTTP/1.1", "Host: localhost"))
                .contains("\"keys\":");
        upstream.clear();
    }

    private static void isClosed(int proxy, int keyway) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String path : List.of(
                CHAT,
                "//v1/chat/completions",
                "/v1//chat/completions",
                "/v1%2Fchat/completions",
                "/%76%31/chat/completions",
                "/x/../v1/chat/completions",
                "/x/%2e%2e/v1/chat/completions",
                "/v1/chat/completions?a=/../b",
                "http://127.0.0.1:" + keyway + CHAT,
                "http://localhost" + CHAT)) {
            lines.add("POST " + path);
        }
        AdminSpellings.PATHS.forEach(path -> lines.add("GET " + path));
        AdminSpellings.METRICS.forEach(path -> lines.add("GET " + path));
        lines.add("GET http://localhost/admin/keys");
        for (String line : lines) {
            isClosed(proxy, line + " HTTP/1.1");
            isClosed(proxy, line + " HTTP/1.1", "Host: localhost");
            isClosed(proxy, line + " HTTP/1.0");
        }
        for (String line : List.of("POST " + CHAT, "GET /admin/keys", "GET /metrics/raw")) {
            for (String version : List.of(" HTTP/1.0", " HTTP/1.1")) {
                for (String header : List.of(
                        "X-Forwarded-For: 127.0.0.1",
                        "X-Forwarded-For:",
                        "X-Forwarded-For: unknown",
                        "X_Forwarded_For: 127.0.0.1",
                        "Forwarded: for=127.0.0.1;host=localhost",
                        "X-Real-IP: 127.0.0.1",
                        "X-Forwarded-Host: localhost",
                        "Connection: close, X-Forwarded-For, X-Forwarded-Proto, Forwarded, Via, X-Real-IP",
                        "Host: 127.0.0.1:" + keyway)) {
                    isClosed(proxy, line + version, "Host: localhost", header);
                    isClosed(proxy, line + version, header);
                }
            }
        }
    }

    private static void isClosed(int proxy, String line, String... headers) throws IOException {
        String asked = line + " " + List.of(headers);
        String answer = ask(proxy, line, headers);

        // No answer at all: two Hosts or another form that the proxy ends the connection for.
        assertThat(answer).describedAs(asked).matches("(?s)|HTTP/1\\.[01] [45]\\d\\d .*");
        isNoOwnPage(asked, answer);
        assertThat(upstream.received().stream().map(Received::target))
                .describedAs(asked)
                .isEmpty();
    }

    /** One request on a connection of its own, with a Host and, where it is a POST, a body; all that is answered. */
    private static String ask(int port, String line, String... headers) throws IOException {
        StringBuilder head = new StringBuilder(line).append("\r\n");
        List<String> all = List.of(headers);
        if (line.endsWith("1.1") && all.stream().noneMatch(header -> header.startsWith("Host:"))) {
            head.append("Host: gateway.example.com\r\n");
        }
        all.forEach(header -> head.append(header).append("\r\n"));
        if (all.stream().noneMatch(header -> header.startsWith("Connection:"))) {
            head.append("Connection: close\r\n");
        }
        boolean post = line.startsWith("POST");
        head.append(post ? "Content-Type: application/json\r\nContent-Length: " + BODY.length() + "\r\n" : "");
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout((int) PATIENCE.toMillis());
            socket.getOutputStream().write((head + "\r\n" + (post ? BODY : "")).getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void framing_that_could_be_read_in_two_ways_is_refused_by_one_of_the_two() throws Exception {
        try (RecordingUpstream recording = new RecordingUpstream();
                RunningKeyway strict = keyway(
                        recording.baseUrl(),
                        "server.access_key=" + ACCESS_KEY,
                        "server.max_body=1MB",
                        "usage_injection=false");
                FrontProxy proxy = FrontProxy.shipped(kind, folder, certificate, strict.port(), false)) {
            FramingRun framing = new FramingRun(recording, proxy.port(), "", ACCESS_KEY);
            List<FramingCase> cases = new ArrayList<>(FramingCase.all());
            cases.add(new FramingCase(
                    "a body that is a request itself",
                    List.of(),
                    List.of(),
                    FramingCase.Then.EITHER,
                    "{upload}Content-Length: {smuggled-length}\\r\\n\\r\\n{smuggled}"));
            int served = 0;
            for (FramingCase tried : cases) {
                served += framing.through(tried).requests().isEmpty() ? 0 : 1;
            }
            assertThat(served)
                    .describedAs("cases of which something was served")
                    .isGreaterThan(20);
        }
    }
}
