package dev.keyway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyway.wire.ApiException;
import jakarta.servlet.AsyncContext;
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
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.EnumSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.ee10.servlet.FilterHolder;
import org.eclipse.jetty.ee10.servlet.ServletContextHandler;
import org.eclipse.jetty.ee10.servlet.ServletHolder;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AdmissionFilterTest {
    private final Server server = new Server();
    private final InFlight inFlight = new InFlight(2);
    private final BlockingQueue<AsyncContext> held = new LinkedBlockingQueue<>();
    private final HttpClient client = HttpClient.newHttpClient();
    private URI base = URI.create("http://127.0.0.1");

    @BeforeEach
    void start() throws Exception {
        ServerConnector connector = new ServerConnector(server);
        connector.setHost("127.0.0.1");
        server.addConnector(connector);
        ServletContextHandler handler = new ServletContextHandler("/");
        EnumSet<DispatcherType> requests = EnumSet.of(DispatcherType.REQUEST);
        FilterHolder errors = new FilterHolder(new Errors());
        errors.setAsyncSupported(true);
        FilterHolder admission = new FilterHolder(new AdmissionFilter(inFlight));
        admission.setAsyncSupported(true);
        ServletHolder servlet = new ServletHolder(new Scripted());
        servlet.setAsyncSupported(true);
        handler.addFilter(errors, "/*", requests);
        handler.addFilter(admission, "/*", requests);
        handler.addServlet(servlet, "/*");
        server.setHandler(handler);
        server.start();
        base = URI.create("http://127.0.0.1:" + connector.getLocalPort());
    }

    @AfterEach
    void stop() throws Exception {
        server.stop();
    }

    /** However a request ends, its place is free again, and only one place. */
    @ParameterizedTest
    @CsvSource({
        "/sync, 200",
        "/fail, 500",
        "/api-error, 400",
        "/async-at-once, 200",
        "/async-other-thread, 200",
        "/async-timeout, 500",
        "/async-redispatch, 200",
    })
    void a_place_is_free_again_however_the_request_ends(String path, int status) throws Exception {
        for (int i = 0; i < 5; i++) {
            assertThat(get(path).statusCode()).isEqualTo(status);
            await().atMost(Duration.ofSeconds(10)).until(() -> inFlight.count() == 0);
        }
    }

    @Test
    void an_asynchronous_request_keeps_its_place_until_it_completes() throws Exception {
        CompletableFuture<HttpResponse<String>> first = getAsync("/async-held");
        CompletableFuture<HttpResponse<String>> second = getAsync("/async-held");
        AsyncContext one = next();
        AsyncContext two = next();

        long began = System.nanoTime();
        HttpResponse<String> refused = get("/sync");
        Duration took = Duration.ofNanos(System.nanoTime() - began);
        one.complete();
        CompletableFuture.anyOf(first, second).get(10, TimeUnit.SECONDS);
        await().atMost(Duration.ofSeconds(10)).until(() -> inFlight.count() == 1);
        HttpResponse<String> served = get("/sync");
        two.complete();
        CompletableFuture.allOf(first, second).get(10, TimeUnit.SECONDS);

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).contains("1");
        assertThat(took).isLessThan(Duration.ofSeconds(2));
        assertThat(served.statusCode()).isEqualTo(200);
        await().atMost(Duration.ofSeconds(10)).until(() -> inFlight.count() == 0);
    }

    @Test
    void while_it_drains_running_requests_end_well_and_new_ones_are_refused() throws Exception {
        CompletableFuture<HttpResponse<String>> running = getAsync("/async-held");
        AsyncContext held = next();

        inFlight.drain();
        HttpResponse<String> refused = get("/sync");
        held.complete();

        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("Retry-After")).isPresent();
        assertThat(running.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(inFlight.awaitEmpty(Duration.ofSeconds(10), new CompletableFuture<>()))
                .isTrue();
    }

    private AsyncContext next() throws InterruptedException {
        AsyncContext context = held.poll(10, TimeUnit.SECONDS);
        assertThat(context).isNotNull();
        return context;
    }

    private HttpResponse<String> get(String path) throws Exception {
        return getAsync(path).get(10, TimeUnit.SECONDS);
    }

    private CompletableFuture<HttpResponse<String>> getAsync(String path) {
        return client.sendAsync(
                HttpRequest.newBuilder(base.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    private static final class Errors implements Filter {
        @Override
        public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            try {
                chain.doFilter(request, response);
            } catch (ApiException e) {
                HttpServletResponse http = (HttpServletResponse) response;
                http.setStatus(e.code().status());
                e.headers().forEach(http::setHeader);
            }
        }
    }

    /** Ends a request in the way its path says. */
    private final class Scripted extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws ServletException {
            if (request.getDispatcherType() == DispatcherType.ASYNC) {
                AsyncContext again = request.startAsync();
                new Thread(again::complete).start();
                return;
            }
            switch (request.getRequestURI()) {
                case "/fail" -> throw new ServletException("planned");
                case "/api-error" -> throw new ApiException(dev.keyway.wire.ErrorCode.VALIDATION, "planned");
                case "/async-at-once" -> request.startAsync().complete();
                case "/async-other-thread" -> {
                    AsyncContext context = request.startAsync();
                    new Thread(context::complete).start();
                }
                case "/async-timeout" -> request.startAsync().setTimeout(50);
                case "/async-redispatch" -> request.startAsync().dispatch();
                case "/async-held" -> held.add(request.startAsync());
                default -> response.setStatus(200);
            }
        }
    }
}
