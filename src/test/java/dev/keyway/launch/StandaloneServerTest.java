package dev.keyway.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.config.ServerOptions;
import dev.keyway.testing.Ports;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StandaloneServerTest {
    private static final String CLOSE = "Host: x\r\nConnection: close\r\n\r\n";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final TestWiring wiring = new TestWiring();
    private StandaloneServer server;

    @BeforeEach
    void start() throws IOException {
        server = StandaloneServer.start(ServerOptions.DEFAULTS.at("127.0.0.1", 0), wiring);
    }

    @AfterEach
    void stop() {
        server.stop(Duration.ZERO);
    }

    @Test
    void port_0_takes_a_free_port_and_says_which() throws Exception {
        assertThat(server.port()).isPositive();
        assertThat(send("GET /echo/hello HTTP/1.1\r\n" + CLOSE))
                .startsWith("HTTP/1.1 200 OK")
                .endsWith("/echo/hello /hello");
    }

    @Test
    void a_taken_port_is_refused_by_type_before_anything_is_wired() throws Exception {
        TestWiring second = new TestWiring();

        assertThatThrownBy(() -> StandaloneServer.start(ServerOptions.DEFAULTS.at("127.0.0.1", server.port()), second))
                .asInstanceOf(type(PortInUseException.class))
                .satisfies(e -> {
                    assertThat(e.port()).isEqualTo(server.port());
                    assertThat(e).hasMessage("port " + server.port() + " is in use");
                });
        assertThat(second.destroyed).hasValue(0);
    }

    @Test
    void an_address_of_another_machine_is_not_called_a_taken_port() {
        assertThatThrownBy(() -> StandaloneServer.start(ServerOptions.DEFAULTS.at("192.0.2.1", 0), new TestWiring()))
                .isInstanceOf(IOException.class)
                .isNotInstanceOf(PortInUseException.class)
                .hasMessageContaining("192.0.2.1:0");
    }

    @Test
    void what_the_wiring_throws_comes_out_and_the_port_is_free_again() throws Exception {
        int port = Ports.free();
        ServletContextListener refusing = new ServletContextListener() {
            @Override
            public void contextInitialized(ServletContextEvent event) {
                throw new IllegalArgumentException("keyway.yml:3: no such setting");
            }
        };

        assertThatThrownBy(() -> StandaloneServer.start(ServerOptions.DEFAULTS.at("127.0.0.1", port), refusing))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("keyway.yml:3: no such setting");
        new ServerSocket(port, 1, InetAddress.getLoopbackAddress()).close();
    }

    @Test
    void an_encoded_slash_reaches_the_application_undecoded() throws Exception {
        assertThat(send("GET /echo/models/a%2Fb HTTP/1.1\r\n" + CLOSE))
                .startsWith("HTTP/1.1 200")
                .contains("/echo/models/a%2Fb ");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /echo/..;/x HTTP/1.1\r\n" + CLOSE,
                "GET /echo/%2e%2e/x HTTP/1.1\r\n" + CLOSE,
                "GET /echo/%00 HTTP/1.1\r\n" + CLOSE,
                "GET /echo/%u0041 HTTP/1.1\r\n" + CLOSE,
                "GET /echo/a%5Cb HTTP/1.1\r\n" + CLOSE,
                "GET /echo/ HTTP/1.1\r\n\r\n",
                "GET /echo/ HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n",
                "GET /echo/ HTTP/1.1\r\nHost: x\r\nBad Name: y\r\n\r\n",
                "POST /echo/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                "POST /echo/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                "GARBAGE\r\n\r\n",
                "GET /echo/ HTTP/1.1\r\nHost: x\r\nFold: a\r\n b\r\n\r\n"
            })
    void a_malformed_request_is_400_in_our_shape(String request) throws Exception {
        assertOurError(send(request), 400, "validation");
    }

    @Test
    void headers_over_32_kib_are_431_in_our_shape() throws Exception {
        String answer = send("GET /echo/ HTTP/1.1\r\nX: " + "a".repeat(33 * 1024) + "\r\n" + CLOSE);

        assertOurError(answer, 431, "validation");
    }

    @Test
    void headers_of_30_kib_are_taken() throws Exception {
        assertThat(send("GET /echo/ HTTP/1.1\r\nX: " + "a".repeat(30 * 1024) + "\r\n" + CLOSE))
                .startsWith("HTTP/1.1 200");
    }

    @Test
    void an_unknown_http_version_is_505_in_our_shape() throws Exception {
        assertOurError(send("GET / HTTP/7.0\r\n" + CLOSE), 505, "internal");
    }

    @Test
    void no_route_is_404_and_names_it() throws Exception {
        JsonNode body = assertOurError(send("GET /nowhere?q=1 HTTP/1.1\r\n" + CLOSE), 404, "not_found");

        assertThat(body.path("error").path("message").asText()).isEqualTo("Route GET /nowhere not found");
    }

    @Test
    void an_exception_nobody_caught_is_500_and_says_nothing_of_itself() throws Exception {
        String answer = send("GET /broken HTTP/1.1\r\n" + CLOSE);

        assertOurError(answer, 500, "internal");
        assertThat(answer).doesNotContain(TestWiring.SECRET, "IllegalState", "gzip");
    }

    @Test
    void the_clients_request_id_comes_back_on_an_error() throws Exception {
        assertThat(send("GET /nowhere HTTP/1.1\r\nX-Request-ID: mine-1\r\n" + CLOSE))
                .contains("\r\nX-Request-ID: mine-1\r\n", "\"request_id\":\"mine-1\"");
    }

    @Test
    void head_of_an_error_has_no_body() throws Exception {
        String answer = send("HEAD /nowhere HTTP/1.1\r\n" + CLOSE);

        assertThat(answer).startsWith("HTTP/1.1 404").endsWith("\r\n\r\n");
    }

    @Test
    void a_silent_stream_outlives_the_idle_timeout() throws Exception {
        server.stop(Duration.ZERO);
        server = StandaloneServer.start(ServerOptions.DEFAULTS.at("127.0.0.1", 0), wiring, Duration.ofMillis(200));

        try (RawHttp stream = new RawHttp(server.port());
                RawHttp idle = new RawHttp(server.port())) {
            stream.write("GET /wait HTTP/1.1\r\n" + CLOSE);
            AsyncContext waiting = wiring.waiting.poll(10, TimeUnit.SECONDS);
            assertThat(idle.readAll())
                    .describedAs("a connection without a request is closed")
                    .isEmpty();
            try (RawHttp later = new RawHttp(server.port())) {
                assertThat(later.readAll()).isEmpty();
            }
            TestWiring.end(waiting, "last");

            assertThat(stream.readAll()).contains("first ", "last");
        }
    }

    @Test
    void a_stop_lets_running_requests_end_and_refuses_new_ones_with_503() throws Exception {
        try (RawHttp running = new RawHttp(server.port());
                RawHttp kept = new RawHttp(server.port())) {
            kept.write("GET /echo/ HTTP/1.1\r\nHost: x\r\n\r\n");
            kept.readUntil("/echo/ /");
            running.write("GET /wait HTTP/1.1\r\n" + CLOSE);
            AsyncContext waiting = wiring.waiting.poll(10, TimeUnit.SECONDS);

            CompletableFuture<Void> stopped = CompletableFuture.runAsync(() -> server.stop(Duration.ofSeconds(20)));
            String refused = refusedAfterStopBegan();
            kept.write("GET /echo/ HTTP/1.1\r\nHost: x\r\n\r\n");
            String refusedOnKept = kept.readAll();
            assertThat(wiring.destroyed)
                    .describedAs("not before the last request has ended")
                    .hasValue(0);
            TestWiring.end(waiting, "last");
            wiring.waiting.clear();

            assertThat(running.readAll()).contains("first ", "last");
            stopped.get(20, TimeUnit.SECONDS);
            assertOurError(refused, 503, "unavailable");
            assertThat(refused).contains("\r\nRetry-After: ");
            assertOurError(refusedOnKept, 503, "unavailable");
            assertThat(refusedOnKept).contains("\r\nConnection: close\r\n");
            assertThat(wiring.destroyed).hasValue(1);
        }
    }

    @Test
    void when_the_drain_is_over_the_wiring_may_say_last_words_to_what_still_runs() throws Exception {
        try (RawHttp running = new RawHttp(server.port())) {
            running.write("GET /wait HTTP/1.1\r\n" + CLOSE);
            wiring.waiting.add(wiring.waiting.poll(10, TimeUnit.SECONDS));

            server.stop(Duration.ZERO);

            assertThat(running.readAll()).contains("first ").containsPattern("cut\r\n0\r\n\r\n$|cut$");
        }
    }

    @Test
    void await_stop_returns_after_a_stop_and_stopping_twice_is_harmless() throws Exception {
        CompletableFuture<Void> awaiting = CompletableFuture.runAsync(() -> {
            try {
                server.awaitStop();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });

        server.stop(Duration.ZERO);
        server.stop(Duration.ZERO);

        awaiting.get(10, TimeUnit.SECONDS);
        assertThat(wiring.destroyed).hasValue(1);
    }

    /** The stop runs on another thread: the first answer that is no 200 shows that it has begun. */
    private String refusedAfterStopBegan() throws IOException {
        String answer = send("GET /echo/ HTTP/1.1\r\n" + CLOSE);
        while (answer.startsWith("HTTP/1.1 200")) {
            answer = send("GET /echo/ HTTP/1.1\r\n" + CLOSE);
        }
        return answer;
    }

    private String send(String request) throws IOException {
        try (RawHttp connection = new RawHttp(server.port())) {
            connection.write(request);
            return connection.readAll();
        }
    }

    private static JsonNode assertOurError(String answer, int status, String type) throws IOException {
        String head = answer.substring(0, answer.indexOf("\r\n\r\n") + 2);
        JsonNode body = JSON.readTree(answer.substring(head.length() + 2));
        assertThat(head)
                .startsWith("HTTP/1.1 " + status)
                .containsOnlyOnce("\r\nDate: ")
                .containsOnlyOnce("\r\nServer: Keyway\r\n")
                .containsOnlyOnce("\r\nX-Request-ID: ")
                .containsPattern("\r\nContent-Type: application/json\r\n");
        assertThat(answer.toLowerCase(Locale.ROOT)).doesNotContain("jetty", "<html", "\tat ");
        assertThat(body.path("error").path("code").asInt()).isEqualTo(status);
        assertThat(body.path("error").path("type").asText()).isEqualTo(type);
        assertThat(body.path("error").path("message").asText())
                .isNotBlank()
                .isEqualTo(body.path("detail").asText());
        assertThat(head)
                .contains(
                        "X-Request-ID: " + body.path("error").path("request_id").asText() + "\r\n");
        return body;
    }
}
