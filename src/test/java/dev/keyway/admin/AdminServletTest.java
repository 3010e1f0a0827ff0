package dev.keyway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.access.CorsHeaders;
import dev.keyway.config.ServerOptions;
import dev.keyway.exchange.Client;
import dev.keyway.exchange.Credential;
import dev.keyway.exchange.Exchange;
import dev.keyway.exchange.Outcome;
import dev.keyway.exchange.RequestId;
import dev.keyway.keys.KeyCredit;
import dev.keyway.keys.KeyPool;
import dev.keyway.keys.KeyPoolOptions;
import dev.keyway.keys.KeyStateStore;
import dev.keyway.keys.StoredKey;
import dev.keyway.launch.StandaloneServer;
import dev.keyway.wire.Secret;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The servlet in a server, over a pool whose store and whose tester answer when the test says so. */
class AdminServletTest {
    private static final Secret KEY = new Secret("sk-or-v1-" + "1".repeat(64));
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00.250Z");

    private final BlockingQueue<CompletableFuture<Void>> saves = new LinkedBlockingQueue<>();
    private final CompletableFuture<TestResult> result = new CompletableFuture<>();
    private final BlockingQueue<Outcome> outcomes = new LinkedBlockingQueue<>();
    private final HttpClient client = HttpClient.newHttpClient();

    @SuppressWarnings("NullAway.Init")
    private StandaloneServer server;

    private static final class NoDesk implements ConfigDesk {
        @Override
        public ConfigView view() {
            throw new AssertionError("the configuration was asked for");
        }

        @Override
        public CompletionStage<ConfigDesk.Outcome> reload() {
            throw new AssertionError("a reload was asked for");
        }

        @Override
        public CompletionStage<ConfigDesk.Outcome> compare(String name, String yaml) {
            throw new AssertionError("a comparison was asked for");
        }
    }

    private final class HeldStore implements KeyStateStore {
        @Override
        public List<StoredKey> load() {
            return List.of();
        }

        @Override
        public CompletionStage<Void> save(Supplier<List<StoredKey>> state) {
            CompletableFuture<Void> save = new CompletableFuture<>();
            saves.add(save);
            return save;
        }

        @Override
        public void close() {}
    }

    @BeforeEach
    void start() throws IOException {
        KeyPool pool = new KeyPool(
                KeyPoolOptions.DEFAULTS.withKeys(List.of(new KeyPoolOptions.Entry(KEY, "first", null))),
                InstantSource.fixed(NOW),
                InstantSource.fixed(NOW),
                new Random(1),
                event -> {},
                List.of(),
                new HeldStore());
        AdminServlet servlet =
                new AdminServlet(pool, id -> result, new NoDesk(), request -> new CorsHeaders(List.of(), false));
        Filter exchange = (request, response, chain) -> {
            String method = ((HttpServletRequest) request).getMethod();
            Exchange made = new Exchange(new RequestId("r-1"), method, "/admin", "", outcomes::add);
            if (request.getParameter("stranger") == null) {
                made.client(new Client("admin", new Credential.None()));
            }
            request.setAttribute(Exchange.ATTRIBUTE, made);
            chain.doFilter(request, response);
        };
        server = StandaloneServer.start(ServerOptions.DEFAULTS.at("127.0.0.1", 0), new ServletContextListener() {
            @Override
            public void contextInitialized(ServletContextEvent event) {
                ServletContext context = event.getServletContext();
                var filter = context.addFilter("exchange", exchange);
                filter.setAsyncSupported(true);
                filter.addMappingForUrlPatterns(EnumSet.of(DispatcherType.REQUEST), true, "/*");
                var registration = context.addServlet("admin", servlet);
                registration.setAsyncSupported(true);
                registration.addMapping("/admin/*");
            }
        });
    }

    @AfterEach
    void stop() {
        server.stop(Duration.ZERO);
    }

    private CompletableFuture<HttpResponse<String>> post(String path, String body) {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
        return client.sendAsync(request, HttpResponse.BodyHandlers.ofString());
    }

    private static JsonNode json(HttpResponse<String> answer) throws IOException {
        return new ObjectMapper().readTree(answer.body());
    }

    @Test
    void an_answer_comes_only_when_what_it_tells_would_survive_a_crash() throws Exception {
        CompletableFuture<HttpResponse<String>> answer = post("/admin/keys", "{\"key\":\"sk-or-new\"}");
        CompletableFuture<Void> save = saves.poll(10, TimeUnit.SECONDS);

        assertThat(save).isNotNull();
        assertThat(answer).isNotDone();
        assertThat(outcomes).isEmpty();
        save.complete(null);

        assertThat(answer.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        Outcome outcome = outcomes.poll(10, TimeUnit.SECONDS);
        assertThat(outcome).isNotNull();
        assertThat(outcome.status()).isEqualTo(200);
        assertThat(outcome.bytesOut()).isEqualTo(answer.get().body().length());
        assertThat(outcome.bytesIn()).isEqualTo("{\"key\":\"sk-or-new\"}".length());
    }

    @Test
    void a_change_that_could_not_be_kept_is_an_error_that_says_so() throws Exception {
        CompletableFuture<HttpResponse<String>> answer = post("/admin/keys/" + KEY.id() + "/disable", "");
        CompletableFuture<Void> save = saves.poll(10, TimeUnit.SECONDS);

        assertThat(save).isNotNull();
        save.completeExceptionally(new IOException("disk full at /secret/place"));

        HttpResponse<String> told = answer.get(10, TimeUnit.SECONDS);
        assertThat(told.statusCode()).isEqualTo(500);
        assertThat(json(told).at("/error/message").textValue()).contains("could not be kept");
        assertThat(told.body()).doesNotContain("disk full");
        Outcome outcome = outcomes.poll(10, TimeUnit.SECONDS);
        assertThat(outcome).isNotNull();
        assertThat(outcome.failure()).hasRootCauseMessage("disk full at /secret/place");
    }

    @Test
    void a_test_tells_what_the_upstream_said_and_the_credit() throws Exception {
        CompletableFuture<HttpResponse<String>> answer = post("/admin/keys/" + KEY.id() + "/test", "{}");
        result.complete(new TestResult(
                TestResult.Verdict.OK,
                200,
                null,
                new KeyCredit(new BigDecimal("1.50"), new BigDecimal("10"), NOW, 37, null, NOW)));

        assertThat(answer.get(10, TimeUnit.SECONDS).body())
                .isEqualTo("{\"id\":\"" + KEY.id() + "\",\"result\":\"ok\",\"status\":200,\"message\":null,"
                        + "\"credit\":{\"remaining\":1.50,\"limit\":10,\"resets\":\"2026-11-27T12:00:01Z\","
                        + "\"expires\":null,\"asked\":\"2026-11-27T12:00:01Z\"},\"free_requests_left\":37}");
    }

    @Test
    void a_test_that_could_not_be_made_is_an_answer_too() throws Exception {
        result.complete(new TestResult(TestResult.Verdict.UNREACHABLE, 0, "no connection", null));

        JsonNode told = json(post("/admin/keys/" + KEY.id() + "/test", "").get(10, TimeUnit.SECONDS));

        assertThat(told.path("result").textValue()).isEqualTo("unreachable");
        assertThat(told.path("status").isNull()).isTrue();
        assertThat(told.path("message").textValue()).isEqualTo("no connection");
        assertThat(told.path("credit").isNull()).isTrue();
    }

    /** Symptom: as many hanging tests as the server has threads, and nobody else was answered. */
    @Test
    void no_thread_waits_for_what_takes_long() throws Exception {
        List<CompletableFuture<HttpResponse<String>>> hanging = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            hanging.add(post("/admin/keys/" + KEY.id() + "/test", "{}"));
        }
        HttpRequest list = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + "/admin/keys"))
                .build();

        assertThat(client.sendAsync(list, HttpResponse.BodyHandlers.ofString())
                        .get(20, TimeUnit.SECONDS)
                        .statusCode())
                .isEqualTo(200);
        assertThat(hanging).noneMatch(CompletableFuture::isDone);
        result.complete(new TestResult(TestResult.Verdict.REFUSED, 401, "refused", null));
        for (CompletableFuture<HttpResponse<String>> answer : hanging) {
            assertThat(json(answer.get(20, TimeUnit.SECONDS)).path("result").textValue())
                    .isEqualTo("refused");
        }
    }

    @Test
    void nobody_is_served_about_whom_no_filter_has_decided() throws Exception {
        HttpResponse<String> told =
                post("/admin/keys?stranger=1", "{\"key\":\"sk-or-new\"}").get(10, TimeUnit.SECONDS);

        assertThat(told.statusCode()).isEqualTo(500);
        assertThat(saves).isEmpty();
    }
}
