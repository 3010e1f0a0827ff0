package dev.keyway.safety;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Reply;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.sandbox.SandboxTls;
import dev.keyway.sandbox.SandboxTls.Variant;
import dev.keyway.testing.Post;
import dev.keyway.testing.RunningKeyway;
import dev.keyway.testing.SilentPeer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A key and a prompt leave only for the upstream that was configured and that has proven to be it. */
@SuppressWarnings("try") // what is opened is used by what is asked
class UpstreamTlsTest {
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final String CHAT = "/v1/chat/completions";

    @TempDir
    Path folder = Path.of("");

    @Test
    void a_certificate_of_the_configured_authority_is_taken_for_whole_answers_and_streams() throws Exception {
        SandboxTls tls = SandboxTls.create(Variant.RIGHT, InstantSource.system());
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests().withTls(tls));
                RunningKeyway keyway = RunningKeyway.before(upstream.baseUrl(), folder, trusting(tls))) {

            HttpResponse<String> whole = Post.json(keyway.url(CHAT), Post.chat(MODEL, false));
            HttpResponse<String> stream = Post.json(keyway.url(CHAT), Post.chat(MODEL, true));

            assertThat(upstream.baseUrl().getScheme()).isEqualTo("https");
            assertThat(whole.statusCode()).isEqualTo(200);
            assertThat(whole.body()).contains("\"chat.completion\"");
            assertThat(stream.statusCode()).isEqualTo(200);
            assertThat(stream.body()).endsWith("data: [DONE]\n\n");
            assertThat(upstream.received())
                    .hasSize(2)
                    .allSatisfy(received -> assertThat(received.headers("Authorization"))
                            .containsExactly("Bearer " + RunningKeyway.POOL_KEY));
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            WRONG_NAME        | the certificate is not for
            EXPIRED           | has expired
            UNKNOWN_AUTHORITY | is not signed by a trusted authority
            """)
    void a_wrong_certificate_is_named_and_nothing_is_sent(Variant variant, String reason) throws Exception {
        SandboxTls tls = SandboxTls.create(variant, InstantSource.system());
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests().withTls(tls));
                RunningKeyway keyway = RunningKeyway.before(upstream.baseUrl(), folder, trusting(tls))) {

            HttpResponse<String> whole = Post.json(keyway.url(CHAT), Post.chat(MODEL, false));
            HttpResponse<String> stream = Post.json(keyway.url(CHAT), Post.chat(MODEL, true));

            assertRefused(whole, "No secure connection to the upstream", reason);
            assertRefused(stream, "No secure connection to the upstream", reason);
            assertThat(upstream.connections()).describedAs("it was asked").isPositive();
            assertThat(upstream.received()).isEmpty();
        }
    }

    @Test
    void without_a_ca_file_only_the_authorities_of_the_platform_are_trusted() throws Exception {
        SandboxTls tls = SandboxTls.create(Variant.RIGHT, InstantSource.system());
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests().withTls(tls));
                RunningKeyway keyway = RunningKeyway.before(upstream.baseUrl(), folder, Map.of())) {

            HttpResponse<String> answer = Post.json(keyway.url(CHAT), Post.chat(MODEL, false));

            assertRefused(answer, "No secure connection to the upstream", "upstream.ca_file");
            assertThat(upstream.received()).isEmpty();
        }
    }

    @Test
    void a_handshake_that_stalls_ends_with_the_connect_timeout() throws Exception {
        SandboxTls tls = SandboxTls.create(Variant.STALLED, InstantSource.system());
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests().withTls(tls));
                RunningKeyway keyway = RunningKeyway.before(
                        upstream.baseUrl(),
                        folder,
                        Map.of(
                                "upstream.ca_file",
                                tls.writeAuthority(folder.resolve("ca.pem")).toString(),
                                "upstream.connect_timeout",
                                "300ms"))) {

            HttpResponse<String> answer = Post.json(keyway.url(CHAT), Post.chat(MODEL, true));

            assertRefused(answer, "No secure connection to the upstream", "handshake", "did not end within 300 ms");
            assertThat(upstream.received()).isEmpty();
        }
    }

    /** What stands on the wire before the handshake is over must not be the request. */
    @ParameterizedTest
    @CsvSource({"''", "HTTP/1.1 400 Bad Request"})
    void a_peer_that_speaks_no_tls_hears_neither_key_nor_prompt(String greeting) throws Exception {
        try (SilentPeer peer = greeting.isEmpty() ? SilentPeer.start() : SilentPeer.saying(greeting + "\r\n\r\n");
                RunningKeyway keyway = RunningKeyway.before(
                        URI.create("https://127.0.0.1:" + peer.port() + "/api/v1"),
                        folder,
                        Map.of("upstream.connect_timeout", "300ms"))) {

            HttpResponse<String> answer = Post.json(keyway.url(CHAT), Post.chat(MODEL, false));

            assertRefused(answer, "No secure connection to the upstream", "handshake");
            assertThat(peer.connections()).isPositive();
            assertThat(peer.heard())
                    .isNotEmpty()
                    .doesNotContain(RunningKeyway.POOL_KEY, "Bearer", "chat/completions", "Hello");
        }
    }

    @ParameterizedTest
    @CsvSource({"301", "302", "303", "307", "308"})
    void a_redirect_is_told_to_the_client_and_not_followed(int status) throws Exception {
        SandboxTls tls = SandboxTls.create(Variant.RIGHT, InstantSource.system());
        try (SilentPeer elsewhere = SilentPeer.start();
                Sandbox upstream = Sandbox.start(SandboxOptions.forTests().withTls(tls));
                RunningKeyway keyway = RunningKeyway.before(upstream.baseUrl(), folder, trusting(tls))) {
            String plain = "http://127.0.0.1:" + elsewhere.port() + "/api/v1/chat/completions";
            Reply redirect = Reply.of(status, "text/plain", new byte[0]).withHeader("Location", plain);
            upstream.script(RunningKeyway.POOL_KEY, redirect, redirect);

            HttpResponse<String> post = Post.json(keyway.url(CHAT), Post.chat(MODEL, false));
            HttpResponse<String> get = Post.get(keyway.url("/v1/key"));

            assertThat(List.of(post.statusCode(), get.statusCode())).containsOnly(status);
            assertThat(upstream.received()).hasSize(2);
            assertThat(elsewhere.connections()).isZero();
        }
    }

    @Test
    void a_name_that_does_not_exist_is_named() throws Exception {
        try (RunningKeyway keyway =
                RunningKeyway.before(URI.create("https://keyway-upstream.invalid/api/v1"), folder, Map.of())) {

            HttpResponse<String> answer = Post.json(keyway.url(CHAT), Post.chat(MODEL, false));

            assertRefused(answer, "keyway-upstream.invalid", "could not be resolved");
        }
    }

    @Test
    void a_refused_connection_is_named() throws Exception {
        int closed;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            closed = socket.getLocalPort();
        }
        try (RunningKeyway keyway =
                RunningKeyway.before(URI.create("http://127.0.0.1:" + closed + "/api/v1"), folder, Map.of())) {

            HttpResponse<String> answer = Post.json(keyway.url(CHAT), Post.chat(MODEL, false));

            assertRefused(answer, "No connection to the upstream, 127.0.0.1:" + closed);
        }
    }

    private Map<String, String> trusting(SandboxTls tls) throws Exception {
        return Map.of(
                "upstream.ca_file", tls.writeAuthority(folder.resolve("ca.pem")).toString());
    }

    private static void assertRefused(HttpResponse<String> answer, String... words) {
        assertThat(answer.statusCode()).describedAs(answer.body()).isEqualTo(502);
        assertThat(Post.header(answer, "x-should-retry")).isEqualTo("true");
        assertThat(answer.body()).contains(words).doesNotContain(RunningKeyway.POOL_KEY);
    }
}
