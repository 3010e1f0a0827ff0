package dev.keyway.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Client;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.RequestId;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.Network;
import dev.keyway.wire.Secret;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The filter in a server, asked over a raw socket, so that every header is exactly as written here. */
class AccessFilterTest {
    private static final String KEY = "an-access-key-of-some-length";
    private final Server server = new Server();
    private ProxyOptions proxies = ProxyOptions.DEFAULTS;

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    @Test
    void a_client_is_named_after_its_access_key() throws Exception {
        int port = start(keyed(), "");

        String answer = ask(port, "POST /v1/chat/completions", "Host: gateway.example", "Authorization: Bearer " + KEY);

        assertThat(answer).startsWith("HTTP/1.1 200").endsWith("client=team-a pool=true");
    }

    @Test
    void a_wrong_key_is_told_the_scheme_and_nothing_else() throws Exception {
        int port = start(keyed(), "");

        String wrong = ask(port, "POST /v1/chat/completions", "Host: localhost", "Authorization: Bearer nope");
        String none = ask(port, "POST /v1/chat/completions", "Host: localhost");

        assertThat(wrong)
                .startsWith("HTTP/1.1 401")
                .contains("WWW-Authenticate: Bearer\r\n")
                .endsWith("Invalid access key")
                .doesNotContain("nope");
        assertThat(none).startsWith("HTTP/1.1 401").endsWith("Authorization header missing");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Forwarded: for=192.0.2.7",
                "X-Forwarded-For: 127.0.0.1",
                "x-forwarded-proto: https",
                "X-FORWARDED-ANYTHING: 1",
                "X-Real-IP: 127.0.0.1",
                "Via: 1.1 proxy",
                "Origin: http://evil.example",
                "Origin: null",
            })
    void an_open_pool_is_closed_to_what_came_through_a_proxy_or_from_a_strange_page(String header) throws Exception {
        int port = start(AccessOptions.DEFAULTS, "");

        String plain = ask(port, "POST /v1/chat/completions", "Host: 127.0.0.1:" + port);
        String marked = ask(port, "POST /v1/chat/completions", "Host: 127.0.0.1:" + port, header);

        assertThat(plain).startsWith("HTTP/1.1 200").endsWith("client=local pool=true");
        assertThat(marked).startsWith("HTTP/1.1 403");
    }

    @Test
    void an_open_pool_is_closed_to_a_rebound_name() throws Exception {
        int port = start(AccessOptions.DEFAULTS, "");

        String answer = ask(port, "POST /v1/chat/completions", "Host: rebound.example");

        assertThat(answer).startsWith("HTTP/1.1 403").contains("server.access_key", "server.allow_open");
    }

    @Test
    void a_page_of_keyways_own_origin_may_use_the_open_pool() throws Exception {
        int port = start(AccessOptions.DEFAULTS, "");

        String answer =
                ask(port, "POST /v1/chat/completions", "Host: localhost:" + port, "Origin: http://localhost:" + port);

        assertThat(answer).startsWith("HTTP/1.1 200");
    }

    @Test
    void an_open_pool_is_closed_to_a_proxy_that_does_not_say_it_is_one_and_asks_in_http_1_0() throws Exception {
        int port = start(AccessOptions.DEFAULTS, "");

        String nginx = exchange(
                port,
                "POST /v1/chat/completions HTTP/1.0\r\nHost: 127.0.0.1:" + port + "\r\nConnection: close\r\n\r\n");
        String without = exchange(port, "POST /v1/chat/completions HTTP/1.0\r\n\r\n");

        assertThat(List.of(nginx, without))
                .allSatisfy(answer -> assertThat(answer)
                        .startsWith("HTTP/1.1 403")
                        .contains("server.access_key", "HTTP/1.0 counts as a proxy's"));
    }

    @Test
    void an_open_pool_is_closed_to_whatever_comes_from_a_declared_proxy() throws Exception {
        proxies = new ProxyOptions(List.of(Network.parse("127.0.0.0/8").orElseThrow()));
        int port = start(AccessOptions.DEFAULTS, "");

        String answer = ask(port, "POST /v1/chat/completions", "Host: localhost:" + port);

        assertThat(answer).startsWith("HTTP/1.1 403").contains("server.access_key", "a declared proxy");
    }

    @Test
    void rules_hold_below_a_context_path() throws Exception {
        int port = start(keyed(), "/keyway");

        String open = ask(port, "GET /keyway/api/v1/models", "Host: x");
        String closed = ask(port, "GET /keyway/api/v1/models/user", "Host: x");
        String account = ask(port, "DELETE /keyway/v1/keys/abc", "Host: x", "Authorization: Bearer " + KEY);

        assertThat(open).startsWith("HTTP/1.1 200").endsWith("client=local pool=false");
        assertThat(closed).startsWith("HTTP/1.1 401");
        assertThat(account).startsWith("HTTP/1.1 403").contains("openrouter.account_routes");
    }

    /** The container of this test hands on every path it can; what is ambiguous is refused by the filter. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/x/%2e%2e/keys",
                "/v1/x%2F..%2Fkeys",
                "/v1//keys",
                "/v1/keys;a=b",
                "/v1/%252e%252e/keys",
                "/v1/a%5Cb",
            })
    void an_ambiguous_path_is_refused_before_anything_else(String path) throws Exception {
        int port = start(keyed(), "");

        String answer = ask(port, "POST " + path, "Host: x", "Authorization: Bearer " + KEY);

        assertThat(answer).startsWith("HTTP/1.1 400").contains("the path is ambiguous");
    }

    @Test
    void an_encoded_slash_in_a_model_id_passes() throws Exception {
        int port = start(keyed(), "");

        String answer = ask(port, "GET /v1/models/a%2Fb", "Host: x");

        assertThat(answer).startsWith("HTTP/1.1 200").endsWith("client=local pool=false");
    }

    private static AccessOptions keyed() {
        AccessKey key = new AccessKey("team-a", HexFormat.of().formatHex(Secret.sha256(KEY)));
        return new AccessOptions(
                List.of(key),
                false,
                false,
                AccessOptions.DEFAULTS.publicEndpoints(),
                AccessOptions.DEFAULTS.accountRoutes(),
                List.of());
    }

    private int start(AccessOptions options, String context) throws Exception {
        HttpConfiguration http = new HttpConfiguration();
        http.setUriCompliance(UriCompliance.UNSAFE);
        ServerConnector connector = new ServerConnector(server, new HttpConnectionFactory(http));
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler handler = new ServletContextHandler(context.isEmpty() ? "/" : context);
        handler.getServletHandler().setDecodeAmbiguousURIs(true);
        EnumSet<DispatcherType> requests = EnumSet.of(DispatcherType.REQUEST);
        handler.addFilter(new FilterHolder(new Outermost()), "/*", requests);
        AccessRules rules = AccessRules.of(
                options, new AdminOptions(null), MetricsAccessOptions.DEFAULTS, proxies, new Secret("token"));
        handler.addFilter(
                new FilterHolder(new AccessFilter(request -> rules, () -> true, (request, peer) -> false)),
                "/*",
                requests);
        handler.addServlet(new ServletHolder(new WhoAmI()), "/*");
        server.setHandler(handler);
        server.start();
        return connector.getLocalPort();
    }

    private static String ask(int port, String methodAndPath, String... headers) throws IOException {
        String head = methodAndPath + " HTTP/1.1\r\n" + String.join("\r\n", headers)
                + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return exchange(port, head);
    }

    private static String exchange(int port, String request) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Makes the exchange and renders errors, as the real one outside of this filter does. */
    private static final class Outermost implements Filter {
        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            request.setAttribute(
                    Exchange.ATTRIBUTE,
                    new Exchange(RequestId.of(null), "POST", "/", "/chat/completions", outcome -> {}));
            try {
                chain.doFilter(request, response);
            } catch (ApiException e) {
                HttpServletResponse http = (HttpServletResponse) response;
                http.setStatus(e.code().status());
                e.headers().forEach(http::setHeader);
                http.getWriter().print(e.text());
            }
        }
    }

    private static final class WhoAmI extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            Client client = ((Exchange) request.getAttribute(Exchange.ATTRIBUTE)).client();
            response.getWriter().print("client=" + client.name() + " pool=" + client.usesPool());
        }
    }
}
