package dev.keyway.observe;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.RequestId;
import dev.keyway.wire.ApiException;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class HealthServletTest {
    private final AtomicBoolean keyUsable = new AtomicBoolean(true);
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final List<String> faults = new CopyOnWriteArrayList<>();
    private final HandClock clock = new HandClock("2026-11-20T12:00:00.123456Z");
    private final UpstreamPulse pulse = new UpstreamPulse(clock);
    private final Server server = new Server();
    private final ServerConnector connector = new ServerConnector(server);
    private final HttpClient client = HttpClient.newHttpClient();

    @BeforeEach
    void start() throws Exception {
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler context = new ServletContextHandler();
        context.addFilter(new FilterHolder(errorsAsTheGatewayRendersThem()), "/*", null);
        ServletHolder health = new ServletHolder(new HealthServlet(
                new HealthOptions("ok", "production"),
                new VersionInfo("1.2.3", "abc", "today"),
                new HealthServlet.Signs(keyUsable::get, stopping::get, () -> List.copyOf(faults)),
                pulse,
                clock));
        HealthServlet.PATHS.forEach(path -> context.addServlet(health, path));
        server.setHandler(context);
        server.start();
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    @Test
    void health_tells_what_the_process_knows() throws Exception {
        HttpResponse<String> response = send("GET");

        JsonNode health = new ObjectMapper().readTree(response.body());
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(health.get("uptime").isIntegralNumber()).isTrue();
        assertThat(health.properties())
                .extracting(member -> member.getKey() + "=" + member.getValue().asText())
                .contains(
                        "status=ok",
                        "timestamp=2026-11-20T12:00:00.123Z",
                        "version=1.2.3",
                        "environment=production",
                        "request_id=r-9",
                        "kms_status=up",
                        "openrouter_status=unknown")
                .hasSize(8);
    }

    @Test
    void health_is_200_without_a_usable_key_too() throws Exception {
        keyUsable.set(false);

        HttpResponse<String> response = send("GET");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).contains("\"kms_status\":\"down\"");
    }

    @Test
    void a_fault_of_the_machine_makes_it_degraded_and_is_named_and_the_status_stays_200() throws Exception {
        faults.add("key_file");

        HttpResponse<String> response = send("GET");

        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).contains("\"status\":\"degraded\"", "\"faults\":[\"key_file\"]");
    }

    @Test
    void upstream_is_up_after_an_exchange() throws Exception {
        pulse.onOutcome(SampleOutcome.complete());

        assertThat(send("GET").body()).contains("\"openrouter_status\":\"up\"");
    }

    @Test
    void head_has_the_same_length_and_no_body() throws Exception {
        HttpResponse<String> get = send("GET");

        HttpResponse<String> head = send("HEAD");

        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("Content-Length"))
                .isEqualTo(get.headers().firstValue("Content-Length"));
    }

    @Test
    void other_method_is_405_and_tells_which_are_allowed() throws Exception {
        HttpResponse<String> response = send("DELETE");

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD");
        assertThat(response.body()).isEqualTo("Method DELETE is not allowed for /health, only GET and HEAD");
    }

    @Test
    void from_the_beginning_of_a_stop_on_it_is_live_but_not_ready_and_says_why() throws Exception {
        int before = send("GET", "/health/ready").statusCode();
        stopping.set(true);

        HttpResponse<String> ready = send("GET", "/health/ready");

        JsonNode body = new ObjectMapper().readTree(ready.body());
        assertThat(before).isEqualTo(200);
        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.headers().firstValue("Retry-After")).hasValue("5");
        assertThat(ready.headers().firstValue("Cache-Control")).hasValue("no-store");
        assertThat(body.path("status").asText()).isEqualTo("unavailable");
        assertThat(body.path("reason").asText()).isEqualTo("stopping");
        assertThat(body.path("request_id").asText()).isEqualTo("r-9");
        assertThat(body.path("kms_status").asText()).isEqualTo("up");
        assertThat(send("GET", "/health/live").statusCode()).isEqualTo(200);
        assertThat(send("GET", "/health").statusCode()).isEqualTo(200);
    }

    @Test
    void head_of_not_ready_has_its_status_and_length_and_no_body() throws Exception {
        stopping.set(true);
        HttpResponse<String> get = send("GET", "/health/ready");

        HttpResponse<String> head = send("HEAD", "/health/ready");

        assertThat(head.statusCode()).isEqualTo(503);
        assertThat(head.body()).isEmpty();
        assertThat(head.headers().firstValue("Content-Length"))
                .isEqualTo(get.headers().firstValue("Content-Length"));
    }

    @Test
    void other_method_on_a_probe_is_405_and_names_its_path() throws Exception {
        HttpResponse<String> response = send("POST", "/health/live");

        assertThat(response.statusCode()).isEqualTo(405);
        assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD");
        assertThat(response.body()).isEqualTo("Method POST is not allowed for /health/live, only GET and HEAD");
    }

    private HttpResponse<String> send(String method) throws Exception {
        return send(method, "/health");
    }

    private HttpResponse<String> send(String method, String path) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + connector.getLocalPort() + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build();
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private static Filter errorsAsTheGatewayRendersThem() {
        return (request, response, chain) -> {
            request.setAttribute(Exchange.ATTRIBUTE, new Exchange(new RequestId("r-9"), "GET", "/health", "", o -> {}));
            try {
                chain.doFilter(request, response);
            } catch (ApiException e) {
                HttpServletResponse http = (HttpServletResponse) response;
                http.setStatus(e.code().status());
                e.headers().forEach(http::setHeader);
                http.getWriter().write(e.text());
            }
        };
    }
}
