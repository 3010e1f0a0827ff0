package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.awaitility.Awaitility.await;

import dev.keyway.app.Endpoints.Who;
import dev.keyway.app.WireClient.Answer;
import dev.keyway.config.ServerOptions;
import dev.keyway.inference.InferenceServlet;
import dev.keyway.launch.StandaloneServer;
import dev.keyway.sandbox.Conversation;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.Configs;
import dev.keyway.testing.RunningKeyway;
import jakarta.servlet.ServletContext;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table of endpoints and the chain, as data and as what is really installed. */
final class EndpointsE2eTest {
    private static final byte[] NOTHING = E2e.NOTHING;
    private static final String ADMIN_SECRET = "an-admin-secret-of-some-length";
    private static final String METRICS_KEY = "a-key-of-scrapers-alone";

    /** What opens the rows of each kind; of the others it opens none. */
    private static final Map<Who, String> CREDENTIALS = Map.of(
            Who.CLIENTS,
            E2e.BEARER,
            Who.ADMIN,
            "Authorization: Bearer " + ADMIN_SECRET,
            Who.METRICS,
            "Authorization: Bearer " + METRICS_KEY);

    private static Sandbox upstream;
    private static Installed installed;
    private static StandaloneServer server;

    /** Builds the gateway from the configuration and keeps hold of it and of its context. */
    private static final class Installed implements ServletContextListener {
        private final Gateway gateway;
        private final Map<String, Collection<String>> servlets = new HashMap<>();
        private final Map<String, Collection<String>> filters = new HashMap<>();

        Installed(Path home, Map<String, String> settings) throws IOException {
            this.gateway = new Gateway(Configs.loaded(settings, home), InstantSource.system());
        }

        @Override
        public void contextInitialized(ServletContextEvent event) {
            ServletContext context = event.getServletContext();
            gateway.install(context);
            context.getServletRegistrations().forEach((name, one) -> servlets.put(name, one.getMappings()));
            context.getFilterRegistrations()
                    .forEach((name, one) -> filters.put(
                            name,
                            name.equals("exchange") ? one.getUrlPatternMappings() : one.getServletNameMappings()));
            // The container's own, which answers 404 where nothing is mapped.
            servlets.keySet().removeIf(name -> name.contains("Default404Servlet"));
        }

        @Override
        public void contextDestroyed(ServletContextEvent event) {
            gateway.close();
        }
    }

    @BeforeAll
    static void start(@TempDir Path home) throws IOException {
        upstream = Sandbox.start(SandboxOptions.forTests());
        installed = new Installed(
                home,
                Map.ofEntries(
                        Map.entry("--home", home.toString()),
                        Map.entry("openrouter.base_url", upstream.baseUrl().toString()),
                        Map.entry("openrouter.keys", RunningKeyway.POOL_KEY),
                        Map.entry("openrouter.public_endpoints", "[]"),
                        Map.entry("server.access_key", E2e.ACCESS_KEY),
                        Map.entry("admin.secret", ADMIN_SECRET),
                        Map.entry("metrics.access_key", METRICS_KEY),
                        Map.entry("server.max_concurrent_requests", "1"),
                        Map.entry("server.log_level", "ERROR"),
                        Map.entry("server.drain_timeout", "1s")));
        server = StandaloneServer.start(ServerOptions.DEFAULTS.at("127.0.0.1", 0), installed);
    }

    @AfterAll
    static void stop() {
        server.stop(Duration.ZERO);
        upstream.close();
    }

    /**
     * What a row promises.
     *
     * @param samples a path for each of its patterns, in the same order
     * @param served the status of a GET by somebody who may
     */
    private record Promise(Who who, List<String> patterns, List<String> samples, int served) {}

    private static final Map<String, Promise> PROMISES = Map.of(
            "openrouter",
            new Promise(Who.CLIENTS, List.of("/v1/*", "/api/v1/*"), List.of("/v1/credits", "/api/v1/credits"), 200),
            "inference",
            new Promise(Who.CLIENTS, InferenceServlet.PATHS, InferenceServlet.PATHS, 405),
            "health",
            new Promise(
                    Who.ANYONE,
                    List.of("/health", "/health/live", "/health/ready"),
                    List.of("/health", "/health/live", "/health/ready"),
                    200),
            "metrics",
            new Promise(Who.METRICS, List.of("/metrics/raw"), List.of("/metrics/raw"), 200),
            "openapi",
            new Promise(Who.ANYONE, List.of("/openapi.yaml"), List.of("/openapi.yaml"), 200),
            "admin",
            new Promise(Who.ADMIN, List.of("/admin/*"), List.of("/admin/keys"), 200),
            "container-error",
            new Promise(Who.ANYONE, List.of("/container-error"), List.of("/container-error"), 404),
            "root",
            new Promise(Who.ANYONE, List.of("/*"), List.of("/nothing"), 404));

    @Test
    void every_row_lets_in_whom_it_says_and_nobody_else() throws Exception {
        for (Endpoints.Row row : installed.gateway.endpoints().rows()) {
            Promise promise = PROMISES.get(row.name());
            if (promise == null) {
                fail("the row " + row.name() + " has no promise here: say who may call it");
            }
            assertThat(row.who()).describedAs(row.name()).isEqualTo(promise.who());
            assertThat(row.patterns()).describedAs(row.name()).isEqualTo(promise.patterns());
            for (String path : promise.samples()) {
                int stranger = promise.who() == Who.ANYONE ? promise.served() : 401;
                assertThat(status(path, "X-Nothing: 1")).describedAs(path).isEqualTo(stranger);
                assertThat(status(path, "Authorization: Bearer wrong"))
                        .describedAs(path)
                        .isEqualTo(stranger);
                assertThat(status(path, "x-api-key: wrong")).describedAs(path).isEqualTo(stranger);
                CREDENTIALS.forEach((whose, credential) -> assertThat(status(path, credential))
                        .describedAs("%s with what opens %s", path, whose)
                        .isEqualTo(whose == promise.who() ? promise.served() : stranger));
            }
        }
        assertThat(installed.gateway.endpoints().rows())
                .extracting(Endpoints.Row::name)
                .containsExactlyInAnyOrderElementsOf(PROMISES.keySet());
    }

    /** There is one place, which the request before gives back a moment after its answer. */
    private static int status(String path, String header) {
        return await().atMost(Duration.ofSeconds(5))
                .until(() -> statusNow(path, header), status -> status != HttpServletResponse.SC_SERVICE_UNAVAILABLE);
    }

    private static int statusNow(String path, String header) throws IOException {
        try (WireClient client = new WireClient(server.port())) {
            client.request("GET", path, NOTHING, header);
            return client.answer("GET").status();
        }
    }

    @Test
    void what_is_installed_is_what_the_table_and_the_chain_say() {
        Gateway gateway = installed.gateway;

        assertThat(installed.servlets.keySet())
                .containsExactlyInAnyOrderElementsOf(gateway.endpoints().rows().stream()
                        .map(Endpoints.Row::name)
                        .toList());
        for (Endpoints.Row row : gateway.endpoints().rows()) {
            assertThat(installed.servlets.get(row.name())).containsExactlyInAnyOrderElementsOf(row.patterns());
        }
        List<String> heads = gateway.chain().heads().stream()
                .map(Chain.Link.Head::name)
                .collect(Collectors.toCollection(ArrayList::new));
        for (String head : heads) {
            assertThat(installed.filters.get(head))
                    .describedAs(head)
                    .containsExactlyInAnyOrderElementsOf(gateway.endpoints().namesOf(Who.CLIENTS));
        }
        Map<String, Who> doors = Map.of("admin access", Who.ADMIN, "metrics access", Who.METRICS);
        doors.forEach((filter, who) -> assertThat(installed.filters.get(filter))
                .describedAs(filter)
                .containsExactlyInAnyOrderElementsOf(gateway.endpoints().namesOf(who)));
        heads.addAll(doors.keySet());
        heads.add("exchange");
        assertThat(installed.filters.keySet()).containsExactlyInAnyOrderElementsOf(heads);
    }

    @Test
    void the_chain_is_the_documented_one() {
        List<Chain.Link> links = installed.gateway.chain().links();

        assertThat(links)
                .extracting(link -> link.name() + " " + link.stage())
                .containsExactly(
                        "access HEAD",
                        "rate limits HEAD",
                        "limits HEAD",
                        "catalogue HEAD",
                        "session BODY",
                        "alias BODY",
                        "slug BODY",
                        "failover BODY",
                        "models BODY",
                        "free models BODY",
                        "usage BODY",
                        "identity BODY",
                        "key selection ATTEMPT");
        assertThat(List.of(
                        "access",
                        "rate limits",
                        "limits",
                        "catalogue",
                        "session",
                        "alias",
                        "slug",
                        "failover",
                        "models",
                        "free models",
                        "defaults",
                        "usage",
                        "identity",
                        "key selection"))
                .describedAs("the order that every future link has its place in")
                .containsSubsequence(links.stream().map(Chain.Link::name).toList());
    }

    @Test
    void access_is_decided_before_limits_and_limits_before_the_body_is_read() throws Exception {
        byte[] tagged = "{\"model\":\"m$think\"}".getBytes(StandardCharsets.UTF_8);
        CompletableFuture<Conversation> held = upstream.conversation("held");
        try (WireClient holder = new WireClient(server.port())) {
            byte[] body = E2e.chat("held").getBytes(StandardCharsets.UTF_8);
            holder.request("POST", E2e.CHAT, body, E2e.BEARER);
            Conversation conversation = held.get(10, TimeUnit.SECONDS);

            assertThat(embeddings(tagged, "X-Nothing: 1").status()).isEqualTo(401);
            assertThat(embeddings(tagged, E2e.BEARER).status()).isEqualTo(503);
            assertThat(status("/health", "X-Nothing: 1"))
                    .describedAs("not of the data API")
                    .isEqualTo(200);

            conversation.head(200, "Content-Type: application/json").send("{}").finish();
            assertThat(holder.answer("POST").status()).isEqualTo(200);
        }
        await("the place is free again").atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            Answer free = embeddings(tagged, E2e.BEARER);
            assertThat(free.status()).isEqualTo(400);
            assertThat(free.message()).contains("$think");
        });
    }

    private static Answer embeddings(byte[] body, String header) throws IOException {
        return WireClient.ask(server.port(), "POST", "/v1/embeddings", body, header);
    }
}
