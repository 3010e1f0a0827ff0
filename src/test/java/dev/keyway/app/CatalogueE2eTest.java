package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.app.WireClient.Answer;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Reply;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The list of models and what is below it, through a whole gateway; time is moved by hand. */
final class CatalogueE2eTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final byte[] NOTHING = new byte[0];

    private volatile Instant now = Instant.parse("2026-11-27T12:00:00Z");

    @TempDir
    private Path home;

    private Sandbox upstream;
    private final List<RunningKeyway> started = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        upstream = Sandbox.start(SandboxOptions.forTests());
    }

    @AfterEach
    void stop() {
        started.forEach(RunningKeyway::close);
        upstream.close();
    }

    private RunningKeyway keyway(String... settings) throws IOException {
        Map<String, String> overrides = new LinkedHashMap<>();
        overrides.put("server.log_level", "ERROR");
        Arrays.stream(settings).map(line -> line.split("=", 2)).forEach(pair -> overrides.put(pair[0], pair[1]));
        RunningKeyway keyway = RunningKeyway.before(upstream.baseUrl(), home, overrides, () -> now);
        started.add(keyway);
        return keyway;
    }

    private static Answer ask(RunningKeyway keyway, String method, String target, String... headers)
            throws IOException {
        return WireClient.ask(keyway.port(), method, target, NOTHING, headers);
    }

    private static JsonNode get(RunningKeyway keyway, String target) throws IOException {
        Answer answer = ask(keyway, "GET", target);
        assertThat(answer.status()).describedAs(answer.text()).isEqualTo(200);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
        return answer.json();
    }

    private static List<String> ids(JsonNode answer) {
        List<String> ids = new ArrayList<>();
        answer.get("data").forEach(model -> ids.add(model.get("id").asText()));
        return ids;
    }

    /** The upstream's own list. */
    private JsonNode real() throws IOException {
        try (var body = upstream.baseUrl().resolve("/api/v1/models").toURL().openStream()) {
            return JSON.readTree(body);
        }
    }

    private List<String> reached() {
        return upstream.received().stream()
                .map(received -> received.method() + " " + received.target())
                .toList();
    }

    @Test
    void proof_14_a_thousand_parallel_first_requests_make_one_upstream_call() throws Exception {
        RunningKeyway keyway = keyway();
        CompletableFuture<Void> open = new CompletableFuture<>();
        upstream.holdModels(open);
        List<WireClient> clients = new ArrayList<>();
        try {
            for (int i = 0; i < 1000; i++) {
                WireClient client = new WireClient(keyway.port());
                clients.add(client);
                client.request("GET", i % 2 == 0 ? "/v1/models" : "/v1/models/top?limit=3", NOTHING);
            }
            await().until(() -> !upstream.received().isEmpty());
            open.complete(null);
            for (WireClient client : clients) {
                Answer answer = client.answer("GET");
                assertThat(answer.status()).isEqualTo(200);
                assertThat(answer.json().get("data")).isNotEmpty();
            }
        } finally {
            for (WireClient client : clients) {
                client.close();
            }
        }

        assertThat(reached()).containsExactly("GET /api/v1/models");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/models", "/api/v1/models"})
    void C2_the_whole_list_has_the_upstreams_models_and_what_other_lists_have(String path) throws Exception {
        JsonNode real = real();

        JsonNode list = get(keyway(), path);

        assertThat(list.get("object").asText()).isEqualTo("list");
        assertThat(list.get("total_count").asInt()).isEqualTo(real.get("data").size());
        assertThat(list.at("/links/next").isNull()).isTrue();
        int total = list.get("data").size();
        assertThat(list.get("pagination").toString())
                .isEqualTo("{\"total\":" + total + ",\"limit\":" + total + ",\"offset\":0,\"hasMore\":false}");
        assertThat(ids(list)).isEqualTo(ids(real));
        for (int i = 0; i < total; i++) {
            JsonNode model = list.get("data").get(i);
            JsonNode upstreams = real.get("data").get(i);
            assertThat(upstreams.properties())
                    .allSatisfy(member -> assertThat(model.get(member.getKey())).isEqualTo(member.getValue()));
            assertThat(model.get("object").asText()).isEqualTo("model");
            assertThat(model.get("owned_by").asText())
                    .isEqualTo(model.get("id").asText().split("/", 2)[0]);
            assertThat(model.get("is_moderated")).isEqualTo(upstreams.at("/top_provider/is_moderated"));
            assertThat(model.get("max_completion_tokens"))
                    .isEqualTo(upstreams.at("/top_provider/max_completion_tokens"));
        }
    }

    @Test
    void S1_30_the_list_is_kept_for_cache_ttl_and_its_age_is_told() throws Exception {
        RunningKeyway keyway = keyway("openrouter.cache_ttl=300");

        Answer first = ask(keyway, "GET", "/api/v1/models");
        assertThat(first.header("X-Cache")).isEqualTo("MISS");
        assertThat(first.header("Age")).isEqualTo("0");
        assertThat(first.header("Cache-Status")).isEqualTo("Keyway; fwd=miss; stored");
        now = now.plusSeconds(299);
        Answer second = ask(keyway, "GET", "/v1/models/top");
        assertThat(second.header("X-Cache")).isEqualTo("HIT");
        assertThat(second.header("Age")).isEqualTo("299");
        assertThat(second.header("Cache-Status")).isEqualTo("Keyway; hit; ttl=1");
        assertThat(reached()).hasSize(1);

        now = now.plusSeconds(2);
        assertThat(ask(keyway, "GET", "/v1/models").header("X-Cache")).isEqualTo("MISS");
        assertThat(reached()).hasSize(2);

        now = now.plusSeconds(400);
        upstream.scriptModels(Reply.json(404, "{}"));
        Answer stale = ask(keyway, "GET", "/v1/models");
        assertThat(stale.status()).isEqualTo(200);
        assertThat(stale.header("X-Cache")).isEqualTo("HIT");
        assertThat(stale.header("Age")).isEqualTo("400");
        assertThat(stale.header("Cache-Status")).isEqualTo("Keyway; hit; ttl=-100");
    }

    @Test
    void S1_30_without_the_cache_everything_is_asked_of_the_upstream() throws Exception {
        RunningKeyway keyway = keyway("openrouter.enable_cache=false");

        for (int i = 0; i < 2; i++) {
            Answer answer = ask(keyway, "GET", "/v1/models");
            assertThat(answer.json()).isEqualTo(real());
            assertThat(answer.headers("X-Cache")).isEmpty();
        }
        ask(keyway, "GET", "/v1/models/top");
        ask(keyway, "POST", "/v1/models");

        assertThat(reached())
                .filteredOn(line -> !line.equals("GET /api/v1/models"))
                .containsExactly("GET /api/v1/models/top", "POST /api/v1/models");
    }

    @Test
    void S1_31_C18_free_only_lists_models_without_a_price_and_no_others() throws Exception {
        RunningKeyway keyway = keyway("openrouter.free_only=true");
        List<String> free = List.of(
                "meta-llama/llama-3.3-70b-instruct:free",
                "openai/gpt-oss-20b:free",
                "deepseek/deepseek-r1:free",
                "openrouter/free");

        assertThat(ids(get(keyway, "/api/v1/models"))).containsExactlyElementsOf(free);
        assertThat(get(keyway, "/v1/models").get("total_count").asInt()).isEqualTo(4);
        assertThat(ids(get(keyway, "/v1/models/top"))).containsExactlyInAnyOrderElementsOf(free);
        assertThat(ids(get(keyway, "/v1/models/search?q=openai"))).containsExactly("openai/gpt-oss-20b:free");
        assertThat(ids(get(keyway, "/v1/models?provider=openai"))).containsExactly("openai/gpt-oss-20b:free");
        assertThat(get(keyway, "/v1/models/providers").get("data").toString())
                .isEqualTo("[\"deepseek\",\"meta-llama\",\"openai\",\"openrouter\"]");
        assertThat(ask(keyway, "GET", "/v1/models/openai/gpt-4o-mini").status()).isEqualTo(404);
        assertThat(WireClient.ask(keyway.port(), "POST", E2e.CHAT, chat("openai/gpt-4o-mini"))
                        .status())
                .describedAs("shown and used are two things")
                .isEqualTo(200);
    }

    @Test
    void S1_31_C18_an_empty_free_list_stays_empty() throws Exception {
        upstream.scriptModels(
                Reply.json(200, "{\"data\":[{\"id\":\"a/b\",\"pricing\":{\"prompt\":\"1\",\"completion\":\"1\"}}]}"));

        assertThat(get(keyway("openrouter.free_only=true"), "/api/v1/models").get("data"))
                .isEmpty();
    }

    private static byte[] chat(String model) {
        return E2e.chat(model).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void S1_31_C18_free_only_enforced_refuses_other_models() throws Exception {
        RunningKeyway keyway = keyway("openrouter.free_only=true", "openrouter.free_only_enforce=true");

        Answer refused = WireClient.ask(keyway.port(), "POST", E2e.CHAT, chat("openai/gpt-4o-mini$think"));
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.json().get("detail").asText())
                .isEqualTo("Proxy is configured for free models only. 'openai/gpt-4o-mini' is not a valid free model.");
        assertThat(WireClient.ask(keyway.port(), "POST", E2e.CHAT, chat("openai/gpt-oss-20b:free"))
                        .status())
                .isEqualTo(200);
        await().untilAsserted(() -> assertThat(WireClient.ask(keyway.port(), "POST", E2e.CHAT, chat("openrouter/free"))
                        .status())
                .describedAs("free by its price, once the list is there")
                .isEqualTo(200));
    }

    @Test
    void S2_10_a_page_of_the_list() throws Exception {
        RunningKeyway keyway = keyway();

        JsonNode page = get(keyway, "/api/v1/models?provider=openai&search=gpt&limit=2&offset=1");

        assertThat(ids(page)).hasSize(2).allMatch(id -> id.startsWith("openai/"));
        int total = page.at("/pagination/total").asInt();
        assertThat(page.get("pagination").toString())
                .isEqualTo("{\"total\":" + total + ",\"limit\":2,\"offset\":1,\"hasMore\":" + (total > 3) + "}");
        assertThat(get(keyway, "/v1/models?offset=1").at("/pagination/limit").asInt())
                .isEqualTo(50);
        JsonNode first = get(keyway, "/v1/models?limit=1");
        assertThat(first.at("/links/next").asText()).isEqualTo("/v1/models?offset=1&limit=1");
        assertThat(ids(get(keyway, first.at("/links/next").asText()))).isNotEqualTo(ids(first));
    }

    @Test
    void S2_10_limits_are_settings_and_a_wrong_one_is_a_validation_error() throws Exception {
        RunningKeyway keyway = keyway("catalogue.default_limit=2", "catalogue.max_limit=3");

        assertThat(ids(get(keyway, "/v1/models?search="))).hasSize(2);
        assertThat(ids(get(keyway, "/v1/models"))).hasSizeGreaterThan(3);
        Answer refused = ask(keyway, "GET", "/v1/models?limit=4&offset=-1");
        assertThat(refused.status()).isEqualTo(400);
        JsonNode error = refused.json().get("error");
        assertThat(error.get("message").asText()).isEqualTo("Validation error");
        assertThat(error.get("type").asText()).isEqualTo("validation");
        assertThat(error.get("details").toString())
                .isEqualTo("{\"field\":\"limit\",\"message\":\"limit must be a whole number from 1 to 3\"}");
        assertThat(error.get("errors").findValuesAsText("field")).containsExactly("limit", "offset");
        assertThat(error.get("errors").findValuesAsText("pointer")).containsExactly("/limit", "/offset");
    }

    @Test
    void S2_11_C4_one_model_by_every_spelling_of_its_name() throws Exception {
        RunningKeyway keyway = keyway();
        for (String path : List.of(
                "/v1/models/openai/gpt-5.2",
                "/api/v1/models/openai%2Fgpt-5.2",
                "/v1/models/openai%2fgpt-5.2:nitro",
                "/v1/models/openai/gpt-5.2%3Afloor",
                "/v1/models/openai/gpt-5.2-20251210")) {
            JsonNode answer = get(keyway, path);

            assertThat(answer.at("/data/id").asText()).isEqualTo("openai/gpt-5.2");
            assertThat(answer.at("/data/pricing/web_search").asText()).isEqualTo("0.01");
            assertThat(answer.at("/data/max_completion_tokens").asInt()).isEqualTo(128000);
            assertThat(answer.get("id").asText())
                    .describedAs("what models.retrieve of OpenAI's SDKs reads")
                    .isEqualTo("openai/gpt-5.2");
            assertThat(answer.get("object").asText()).isEqualTo("model");
        }
    }

    @Test
    void S2_11_a_model_that_is_not_there_is_told_by_name() throws Exception {
        RunningKeyway keyway = keyway();
        for (String line : List.of(
                "/v1/models/openai/no-such, openai/no-such",
                "/v1/models/openai%2Fno-such, openai/no-such",
                "/v1/models/openai/gpt-5.2:thinking, openai/gpt-5.2:thinking",
                "/v1/models/a/b/parameters, a/b",
                "/v1/models/a%2Fb/pricing, a/b")) {
            String path = line.split(", ", 2)[0];
            String id = line.split(", ", 2)[1];
            Answer answer = ask(keyway, "GET", path);

            assertThat(answer.status()).isEqualTo(404);
            assertThat(answer.message()).isEqualTo("Model '" + id + "' not found");
            assertThat(answer.json().at("/error/type").asText()).isEqualTo("not_found");
            assertThat(answer.header("X-Request-ID"))
                    .isEqualTo(answer.json().at("/error/request_id").asText());
        }
    }

    @Test
    void S2_12_S2_13_parameters_and_prices_are_the_upstreams() throws Exception {
        RunningKeyway keyway = keyway();
        JsonNode real = get(keyway, "/v1/models/google/gemini-2.5-flash").get("data");

        JsonNode parameters =
                get(keyway, "/v1/models/google/gemini-2.5-flash/parameters").get("data");
        JsonNode pricing =
                get(keyway, "/api/v1/models/google%2Fgemini-2.5-flash/pricing").get("data");

        assertThat(parameters.get("model").asText()).isEqualTo("google/gemini-2.5-flash");
        assertThat(parameters.get("supported_parameters"))
                .isEqualTo(real.get("supported_parameters"))
                .isNotEmpty();
        assertThat(pricing.get("model").asText()).isEqualTo("google/gemini-2.5-flash");
        assertThat(pricing.get("pricing")).isEqualTo(real.get("pricing"));
        assertThat(pricing.at("/pricing/prompt").asText()).isEqualTo("0.0000003");
    }

    @Test
    void S2_13_a_price_that_is_not_told_is_0() throws Exception {
        upstream.scriptModels(
                Reply.json(200, "{\"data\":[{\"id\":\"a/b\",\"pricing\":{\"image\":\"1\"}},{\"id\":\"a/c\"}]}"));
        RunningKeyway keyway = keyway();

        assertThat(get(keyway, "/v1/models/a/b/pricing").toString())
                .isEqualTo("{\"data\":{\"model\":\"a/b\","
                        + "\"pricing\":{\"image\":\"1\",\"prompt\":\"0\",\"completion\":\"0\"}}}");
        assertThat(get(keyway, "/v1/models/a/c/parameters").toString())
                .isEqualTo("{\"data\":{\"model\":\"a/c\",\"supported_parameters\":[]}}");
    }

    @Test
    void vector_17_words_of_ours_are_no_ids_and_a_free_id_with_two_slashes_is_one() throws Exception {
        upstream.scriptModels(Reply.json(200, "{\"data\":[{\"id\":\"a/b/c:free\"},{\"id\":\"a/d\"}]}"));
        RunningKeyway keyway = keyway();

        for (String word : List.of("top", "search?q=a", "providers")) {
            assertThat(get(keyway, "/api/v1/models/" + word).get("data").isArray())
                    .describedAs(word)
                    .isTrue();
        }
        assertThat(get(keyway, "/api/v1/models/a/b/c:free").at("/data/id").asText())
                .isEqualTo("a/b/c:free");
    }

    @Test
    void S2_14_the_longest_contexts_come_first() throws Exception {
        JsonNode top = get(keyway(), "/v1/models/top?limit=3");

        assertThat(ids(top))
                .containsExactly("openrouter/auto", "google/gemini-2.5-flash", "anthropic/claude-sonnet-4.6");
        assertThat(top.size()).isOne();
    }

    @Test
    void S2_15_a_search_tells_how_many_there_are() throws Exception {
        RunningKeyway keyway = keyway();

        JsonNode found = get(keyway, "/api/v1/models/search?q=DEEPSEEK&limit=2");
        assertThat(ids(found)).containsExactly("deepseek/deepseek-r1", "deepseek/deepseek-v3.2");
        assertThat(found.get("query").asText()).isEqualTo("DEEPSEEK");
        assertThat(found.get("total").asInt()).isEqualTo(3);
        for (String without : List.of("", "?", "?q=", "?limit=5")) {
            Answer refused = ask(keyway, "GET", "/v1/models/search" + without);
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.message()).isEqualTo("Query parameter \"q\" is required");
            assertThat(refused.json().at("/error/type").asText()).isEqualTo("validation");
        }
    }

    @Test
    void S2_16_S2_17_providers_and_their_models() throws Exception {
        RunningKeyway keyway = keyway();

        assertThat(get(keyway, "/v1/models/providers").toString())
                .isEqualTo("{\"data\":[\"anthropic\",\"deepseek\",\"google\",\"meta-llama\",\"moonshotai\",\"openai\","
                        + "\"openrouter\",\"qwen\"]}");
        JsonNode theirs = get(keyway, "/v1/models/providers/anthropic");
        assertThat(ids(theirs)).containsExactly("anthropic/claude-sonnet-4.6", "anthropic/claude-opus-4.5");
        assertThat(theirs.get("provider").asText()).isEqualTo("anthropic");
        assertThat(get(keyway, "/v1/models/providers/Anthropic").toString())
                .isEqualTo("{\"data\":[],\"provider\":\"Anthropic\"}");
    }

    @Test
    void C3_what_is_the_upstreams_passes_untouched() throws Exception {
        RunningKeyway keyway = keyway();
        for (String target : List.of(
                "/models/count",
                "/models/user",
                "/models/user?limit=1",
                "/models/openai/gpt-5.2/endpoints",
                "/models/openai%2Fgpt-5.2/endpoints",
                "/models?category=programming",
                "/models?supported_parameters=tools&limit=2",
                "/models?use_rss=true",
                "/models?limit=2&sort=price",
                "/models/some-route-of-tomorrow")) {
            upstream.clear();
            Answer answer = ask(keyway, "GET", "/v1" + target);

            assertThat(reached()).containsExactly("GET /api/v1" + target);
            Received received = upstream.received().get(0);
            assertThat(answer.status()).isEqualTo(received.status());
            assertThat(answer.body()).isEqualTo(received.responseBody());
            assertThat(answer.header("X-Keyway-Attempts")).isEqualTo("1");
            assertThat(answer.headers("X-Cache")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/models", "/v1/models?limit=1", "/v1/models/openai/gpt-5.2", "/api/v1/models/top"})
    void an_answer_that_a_client_has_is_not_sent_again(String target) throws Exception {
        RunningKeyway keyway = keyway();
        Answer whole = ask(keyway, "GET", target);
        String etag = whole.header("ETag");
        assertThat(etag).matches("\"[0-9a-f]{32}\"");
        assertThat(whole.header("Cache-Control")).isEqualTo("private, no-cache");

        for (String known : List.of(etag, "\"other\", W/" + etag, "*")) {
            Answer answer = ask(keyway, "GET", target, "If-None-Match: " + known);
            assertThat(answer.status()).isEqualTo(304);
            assertThat(answer.body()).isEmpty();
            assertThat(answer.header("ETag")).isEqualTo(etag);
            assertThat(answer.header("X-Cache")).isEqualTo("HIT");
        }
        assertThat(ask(keyway, "GET", target, "If-None-Match: \"other\"").status())
                .isEqualTo(200);

        now = now.plus(Duration.ofHours(1));
        assertThat(ask(keyway, "GET", target, "If-None-Match: " + etag).status())
                .describedAs("the upstream's list is still the same")
                .isEqualTo(304);
        now = now.plus(Duration.ofHours(1));
        upstream.scriptModels(Reply.json(200, "{\"data\":[{\"id\":\"openai/gpt-5.2\"}]}"));
        assertThat(ask(keyway, "GET", target, "If-None-Match: " + etag).status())
                .isEqualTo(200);
    }

    @Test
    void validators_differ_where_answers_do() throws Exception {
        RunningKeyway keyway = keyway();
        List<String> etags = new ArrayList<>();
        for (String target : List.of(
                "/v1/models",
                "/api/v1/models",
                "/v1/models?limit=1",
                "/v1/models?limit=2",
                "/v1/models/top",
                "/v1/models/openai/gpt-5.2",
                "/v1/models/openai/gpt-5.2/pricing")) {
            etags.add(ask(keyway, "GET", target).header("ETag"));
        }

        assertThat(etags).doesNotHaveDuplicates().doesNotContain("");
    }

    @Test
    void head_has_the_head_of_get_and_the_connection_stays_in_step() throws Exception {
        RunningKeyway keyway = keyway();
        Answer whole = ask(keyway, "GET", "/v1/models");
        try (WireClient client = new WireClient(keyway.port())) {
            client.request("HEAD", "/v1/models", NOTHING);
            Answer head = client.answer("HEAD");
            client.request("GET", "/v1/models/providers", NOTHING);
            Answer next = client.answer("GET");

            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("Content-Length")).isEqualTo(Integer.toString(whole.body().length));
            assertThat(head.header("ETag")).isEqualTo(whole.header("ETag"));
            assertThat(head.headers("Date")).hasSize(1);
            assertThat(head.headers("Server")).containsExactly("Keyway");
            assertThat(next.status()).isEqualTo(200);
        }
        assertThat(reached()).hasSize(1);
    }

    @Test
    void another_method_is_refused_with_those_that_are_allowed() throws Exception {
        RunningKeyway keyway = keyway();
        for (String line : List.of(
                "POST, /v1/models",
                "DELETE, /v1/models/openai/gpt-5.2",
                "PUT, /api/v1/models/top",
                "PATCH, /v1/models?category=x")) {
            String method = line.split(", ", 2)[0];
            String target = line.split(", ", 2)[1];
            Answer answer = ask(keyway, method, target);

            assertThat(answer.status()).isEqualTo(405);
            assertThat(answer.header("Allow")).isEqualTo("GET, HEAD, OPTIONS");
            assertThat(reached()).isEmpty();
        }
    }

    @Test
    void a_clients_own_key_does_not_go_along_and_nobodys_answer_differs_by_it() throws Exception {
        RunningKeyway keyway = keyway("server.access_key=" + E2e.ACCESS_KEY);

        Answer with = ask(keyway, "GET", "/v1/models", "Authorization: Bearer sk-or-v1-a-clients-own-secret");
        Answer without = ask(keyway, "GET", "/v1/models");

        assertThat(with.status()).isEqualTo(200);
        assertThat(without.body()).isEqualTo(with.body());
        Received received = upstream.received().get(0);
        assertThat(String.join("\n", received.headerLines())).doesNotContain("secret", "sk-or-", "Authorization");
    }

    @Test
    void C20_access_holds_before_the_list_as_before_the_upstream() throws Exception {
        RunningKeyway keyway =
                keyway("server.access_key=" + E2e.ACCESS_KEY, "openrouter.public_endpoints=[/api/v1/providers]");

        for (String path : List.of("/v1/models", "/v1/models/top", "/v1/models/a%2Fb", "/v1/models/a/b/pricing")) {
            assertThat(ask(keyway, "GET", path).status()).describedAs(path).isEqualTo(401);
        }
        assertThat(ask(keyway, "GET", "/v1/models/top", E2e.BEARER).status()).isEqualTo(200);
    }

    @Test
    void C19_after_a_restart_without_an_upstream_the_last_list_is_there() throws Exception {
        RunningKeyway first = keyway();
        byte[] list = ask(first, "GET", "/v1/models").body();
        await().until(() -> Files.exists(home.resolve("data/models.json")));
        first.close();
        upstream.close();
        now = now.plus(Duration.ofHours(2));

        Answer answer = ask(keyway(), "GET", "/v1/models");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(list);
        assertThat(answer.header("X-Cache")).isEqualTo("HIT");
        assertThat(answer.header("Age")).isEqualTo("7200");
        assertThat(answer.header("Cache-Status")).isEqualTo("Keyway; hit; ttl=-6900");
    }

    @Test
    void without_a_list_and_an_upstream_the_reason_is_told_in_the_one_shape() throws Exception {
        upstream.scriptModels(Reply.of(200, "text/html", "<html>busy</html>".getBytes(StandardCharsets.UTF_8)));

        Answer answer = ask(keyway(), "GET", "/v1/models");

        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.header("Retry-After")).isEqualTo("2");
        assertThat(answer.message()).startsWith("OpenRouter's list of models could not be fetched: no list of models");
        assertThat(answer.json().at("/error/type").asText()).isEqualTo("openrouter");
        assertThat(answer.text()).doesNotContain("busy");
    }

    @Test
    void a_client_that_leaves_while_it_waits_hinders_nobody() throws Exception {
        RunningKeyway keyway = keyway();
        CompletableFuture<Void> open = new CompletableFuture<>();
        upstream.holdModels(open);
        for (int i = 0; i < 20; i++) {
            try (WireClient leaving = new WireClient(keyway.port())) {
                leaving.request("GET", "/v1/models", NOTHING);
            }
        }
        await().until(() -> !upstream.received().isEmpty());
        open.complete(null);

        assertThat(get(keyway, "/v1/models").get("data")).isNotEmpty();
        assertThat(reached()).hasSize(1);
    }

    @Test
    void the_catalogue_is_among_the_metrics() throws Exception {
        RunningKeyway keyway = keyway();
        assertThat(metrics(keyway)).contains("keyway_catalogue_age_seconds -1.0", "keyway_catalogue_models 0.0");
        int models = get(keyway, "/v1/models").get("total_count").asInt();
        now = now.plusSeconds(301);
        upstream.scriptModels(Reply.json(404, "{}"));
        ask(keyway, "GET", "/v1/models");

        assertThat(metrics(keyway))
                .contains(
                        "keyway_catalogue_models " + models + ".0",
                        "keyway_catalogue_age_seconds 301.0",
                        "keyway_catalogue_failing 1.0",
                        "keyway_catalogue_fetches_total 2.0",
                        "keyway_catalogue_fetch_failures_total 1.0");
    }

    private static List<String> metrics(RunningKeyway keyway) throws IOException {
        return ask(keyway, "GET", "/metrics/raw").text().lines().toList();
    }
}
