package dev.keyway.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.launch.WarInContainersIT;
import dev.keyway.sandbox.Conversation;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Reply;
import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.KeywayInContainer;
import dev.keyway.testing.container.WireClient;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stands on the wire, the same in every stock container: requests, whole answers, errors, headers. */
@ParameterizedClass
@MethodSource("dev.keyway.testing.container.Deployment#oneOfEach")
class WireChecksIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ACCESS_KEY = "wire-checks-access-key";
    private static final String AUTH = "Authorization: Bearer " + ACCESS_KEY;
    private static final String CHAT = "/v1/chat/completions";
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final int MAX_BODY = 8 * 1024 * 1024;

    private static final String ALIASES = "model_aliases: ['^mine-(.*)$=openai/gpt-4o-\\1']\n";

    @SuppressWarnings("NullAway.Init")
    private static KeywayInContainer keyway;

    @SuppressWarnings("NullAway.Init")
    private static Path config;

    private final WireClient client;

    WireChecksIT(Deployment deployment) throws IOException {
        this.client = keyway.connect();
    }

    @BeforeParameterizedClassInvocation
    static void start(Deployment deployment) throws Exception {
        keyway = KeywayInContainer.start(
                deployment,
                Map.of(
                        "KEYWAY_SERVER_ACCESS_KEY",
                        ACCESS_KEY,
                        "KEYWAY_SERVER_MAX_BODY",
                        Integer.toString(MAX_BODY),
                        "KEYWAY_SERVER_KEEP_ALIVE_INTERVAL",
                        "2s"),
                base -> {
                    config = Files.createDirectories(base.resolve("keyway")).resolve("keyway.yml");
                    Files.writeString(config, ALIASES);
                });
    }

    @AfterParameterizedClassInvocation
    static void stop() throws Exception {
        String log = keyway.container().allLogs();
        keyway.close();
        assertThat(log).doesNotContain("SEVERE", "\tat ", ACCESS_KEY, "sk-or-v1-");
    }

    @BeforeEach
    void forget() {
        keyway.sandbox().clear();
    }

    @AfterEach
    void report(TestInfo test) throws IOException {
        client.close();
        keyway.container().report(test.getDisplayName());
    }

    private Answer post(String route, String json, String... headers) throws IOException {
        return client.post(keyway.path(route), json, withKey(headers)).answer();
    }

    private Answer ask(String method, String route, String... headers) throws IOException {
        return client.request(method, keyway.path(route), withKey(headers)).answer();
    }

    private static String[] withKey(String... headers) {
        return Stream.concat(Stream.of(AUTH), Stream.of(headers)).toArray(String[]::new);
    }

    private Received onlyRequest() {
        assertThat(keyway.sandbox().received()).hasSize(1);
        return keyway.sandbox().received().get(0);
    }

    private static String chat(String model, String more) {
        return "{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]" + more + "}";
    }

    /** Each of our headers once, one framing, one type. */
    private static void hasOneSetOfHeaders(Answer answer) {
        assertThat(answer.all("Date")).describedAs("%s", answer).hasSize(1);
        assertThat(answer.all("Server")).describedAs("%s", answer).containsExactly("Keyway");
        assertThat(answer.all("X-Request-ID")).describedAs("%s", answer).hasSize(1);
        assertThat(answer.all("Content-Type")).describedAs("%s", answer).hasSizeLessThan(2);
        assertThat(answer.all("Content-Length").size()
                        + answer.all("Transfer-Encoding").size())
                .describedAs("%s", answer)
                .isLessThan(2);
        assertThat(answer.all("X-Powered-By")).isEmpty();
    }

    private static JsonNode isOwnError(Answer answer, int status, String type) throws IOException {
        return isError(answer, status, type, 1);
    }

    private static JsonNode isError(Answer answer, int status, String type, int processTimes) throws IOException {
        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(status);
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        hasOneSetOfHeaders(answer);
        assertThat(answer.all("X-Process-Time")).describedAs("%s", answer).hasSize(processTimes);
        assertThat(answer.whole()).isTrue();
        JsonNode body = JSON.readTree(answer.body());
        assertThat(body.at("/error/code").intValue()).isEqualTo(status);
        assertThat(body.at("/error/type").textValue()).isEqualTo(type);
        assertThat(body.at("/error/request_id").textValue()).isEqualTo(answer.header("X-Request-ID"));
        assertThat(body.at("/error/message").textValue())
                .isNotBlank()
                .isEqualTo(body.at("/detail").textValue());
        return body;
    }

    private JsonNode reached() throws IOException {
        return JSON.readTree(onlyRequest().body());
    }

    @Test
    void an_alias_of_the_homes_file_a_tag_and_a_parameter_reach_openrouter_as_members() throws Exception {
        Answer answer = post(CHAT, chat("mine-mini$think.high?top_k=5", ""));

        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
        assertThat(reached().path("model").textValue()).isEqualTo(MODEL);
        assertThat(reached().at("/reasoning/effort").textValue()).isEqualTo("high");
        assertThat(reached().path("top_k").intValue()).isEqualTo(5);
    }

    @Test
    void a_changed_file_counts_without_a_new_deployment_and_a_bad_one_changes_nothing() throws Exception {
        Files.writeString(
                config,
                ALIASES + "identity: {x_title: {mode: override, override_value: Wire}, user_agent: {mode: default}}\n");
        Answer taken = ask("POST", "/admin/config/reload");
        assertThat(taken.status()).describedAs("%s", taken).isEqualTo(200);
        assertThat(post(CHAT, chat(MODEL, ""), "X-Title: theirs", "User-Agent: theirs")
                        .status())
                .isEqualTo(200);
        assertThat(onlyRequest().headers("X-Title")).containsExactly("Wire");
        assertThat(onlyRequest().headers("User-Agent")).containsExactly("Keyway");
        String hash = JSON.readTree(taken.body()).path("hash").textValue();

        Files.writeString(config, "surprise: 1\n");
        Answer refused = ask("POST", "/admin/config/reload");
        assertThat(JSON.readTree(refused.body()).at("/error/details/problems/0").textValue())
                .contains("keyway.yml:1: surprise: unknown setting");
        // Tomcat closes a connection after a 400.
        assertThat(hashInForce()).isEqualTo(hash);

        // Taken up by itself.
        Files.writeString(config, ALIASES);
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> !hashInForce().equals(hash));
    }

    private static String hashInForce() throws IOException {
        try (WireClient own = keyway.connect()) {
            return own.request("GET", keyway.path("/admin/config")).answer().header("X-Keyway-Config");
        }
    }

    @Test
    void inference_is_checked_shaped_and_streamed() throws Exception {
        Answer whole = post("/api/v1/inference", chat(MODEL, ""));
        Answer stream = post("/api/v1/inference/stream", chat(MODEL, ""));
        Answer wrong = post("/api/v1/inference", "{}");

        assertThat(JSON.readTree(whole.body()).has("provider")).isFalse();
        assertThat(JSON.readTree(whole.body()).at("/choices/0/message/content").textValue())
                .isNotBlank();
        assertThat(new String(stream.body(), StandardCharsets.UTF_8)).endsWith("data: [DONE]\n\n");
        assertThat(JSON.readTree(wrong.body()).at("/error/errors")).hasSize(2);
    }

    @Test
    void what_stands_in_the_war_is_hidden() throws Exception {
        for (String path : WarInContainersIT.HIDDEN) {
            Answer answer = ask("GET", path);
            // The container forbids it before Keyway sees it; how it is told is Keyway's.
            isError(answer, 404, "not_found", answer.all("X-Process-Time").size());
            assertThat(new String(answer.body(), StandardCharsets.UTF_8)).doesNotContain("Main-Class", "<web-app");
        }
    }

    @Test
    void a_whole_answer_passes_byte_for_byte() throws Exception {
        Answer answer = post(CHAT, chat(MODEL, ""));

        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(onlyRequest().responseBody());
        assertThat(JSON.readTree(answer.body()).at("/choices/0/message/content").textValue())
                .isNotBlank();
        assertThat(answer.header("Content-Type")).startsWith("application/json");
        assertThat(answer.header("X-Keyway-Attempts")).isEqualTo("1");
        assertThat(answer.header("Server-Timing")).contains("upstream;dur=");
        hasOneSetOfHeaders(answer);
    }

    @Test
    void both_prefixes_and_any_route_and_query_reach_the_upstream() throws Exception {
        for (String prefix : List.of("/v1", "/api/v1")) {
            keyway.sandbox().clear();

            Answer answer = ask("GET", prefix + "/generation?id=gen-1&x=%20y");

            assertThat(onlyRequest().target()).isEqualTo("/api/v1/generation?id=gen-1&x=%20y");
            assertThat(answer.status()).isEqualTo(onlyRequest().status());
            assertThat(answer.body()).isEqualTo(onlyRequest().responseBody());
            hasOneSetOfHeaders(answer);
        }
    }

    @Test
    void a_slug_is_expanded_before_the_upstream_sees_it() throws Exception {
        Answer answer = post(CHAT, chat(MODEL + "$think.high", ""));

        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
        JsonNode sent = JSON.readTree(onlyRequest().body());
        assertThat(sent.at("/model").textValue()).isEqualTo(MODEL);
        assertThat(sent.at("/reasoning/effort").textValue()).isEqualTo("high");
        assertThat(sent.at("/usage/include").booleanValue()).isTrue();
    }

    @Test
    void the_callers_key_stays_here_and_a_pool_key_goes_up() throws Exception {
        post(CHAT, chat(MODEL, ""), "Cookie: a=b", "X-Title: mine", "Accept-Encoding: gzip");

        Received sent = onlyRequest();
        assertThat(sent.headers("Authorization")).hasSize(1).first().asString().startsWith("Bearer sk-or-v1-");
        assertThat(sent.headers("Accept-Encoding")).containsExactly("identity");
        assertThat(sent.headers("X-Title")).containsExactly("mine");
        assertThat(sent.headerLines()).noneMatch(line -> line.contains(ACCESS_KEY) || line.startsWith("Cookie"));
    }

    @Test
    void five_megabytes_reach_the_upstream_byte_for_byte() throws Exception {
        String start =
                "{\"model\" :\"" + MODEL + "\", \"temperature\":1.0,\"top_p\" : 1e2,\n\"metadata\":{\"a\":1,\"a\":2},"
                        + "\"messages\":[{\"role\":\"user\",\"content\":\"caf\\u00e9 \u00e9 \\/ ";
        String end = "\"}] ";
        String body = start + "QUJD".repeat(5 * 1024 * 1024 / 4) + end;

        Answer answer = post(CHAT, body + "}");

        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
        byte[] sent = onlyRequest().body();
        byte[] asked = body.getBytes(StandardCharsets.UTF_8);
        assertThat(Arrays.equals(sent, 0, asked.length - 1, asked, 0, asked.length - 1))
                .describedAs("all that came before the injected member")
                .isTrue();
        assertThat(new String(sent, asked.length - 1, sent.length - asked.length + 1, StandardCharsets.UTF_8))
                .isEqualToIgnoringWhitespace(",\"usage\":{\"include\":true}}");
    }

    @Test
    void a_gzip_request_body_is_decoded() throws Exception {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(chat(MODEL, "").getBytes(StandardCharsets.UTF_8));
        }

        Answer answer = client.post(keyway.path(CHAT), packed.toByteArray(), withKey("Content-Encoding: gzip"))
                .answer();

        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
        assertThat(onlyRequest().headers("Content-Encoding")).isEmpty();
        assertThat(onlyRequest().bodyText()).startsWith("{\"model\":\"" + MODEL + "\"");
    }

    @Test
    void a_chunked_body_waits_for_100_continue() throws Exception {
        client.send("POST " + keyway.path(CHAT) + " HTTP/1.1\r\nHost: localhost\r\n" + AUTH
                + "\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n");

        assertThat(client.head().status()).isEqualTo(100);

        String json = chat(MODEL, "");
        for (String part : List.of(json.substring(0, 20), json.substring(20))) {
            client.send(Integer.toHexString(part.length()) + "\r\n" + part + "\r\n");
        }
        Answer answer = client.send("0\r\n\r\n").answer();
        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
        assertThat(onlyRequest().headers("Expect")).isEmpty();
    }

    /** The first key rests from here on, for four hours; the others serve the rest of the checks. */
    @Test
    void a_429_makes_the_next_key_answer() throws Exception {
        Reply limit = Reply.json(429, "{\"error\":{\"code\":429,\"message\":\"Rate limit exceeded\"}}");
        keyway.sandbox().script(KeywayInContainer.KEYS.get(0), limit, limit);

        Answer first = post(CHAT, chat(MODEL, ""));
        Answer second = post(CHAT, chat(MODEL, ""));

        assertThat(first.status()).describedAs("%s", first).isEqualTo(200);
        assertThat(first.header("X-Keyway-Attempts")).isEqualTo("2");
        assertThat(second.header("X-Keyway-Attempts")).describedAs("it rests").isEqualTo("1");
        assertThat(keyway.sandbox().received())
                .extracting(received -> received.header("Authorization"))
                .containsExactly(
                        "Bearer " + KeywayInContainer.KEYS.get(0),
                        "Bearer " + KeywayInContainer.KEYS.get(1),
                        "Bearer " + KeywayInContainer.KEYS.get(1));
    }

    @Test
    void a_caller_without_the_access_key_is_told_what_is_wrong() throws Exception {
        Map<String, String> problems = Map.of(
                "X-None: x", "Authorization header missing",
                "Authorization: Basic abc", "Invalid authentication scheme",
                "Authorization: Bearer wrong", "Invalid access key");
        for (Map.Entry<String, String> problem : problems.entrySet()) {
            try (WireClient fresh = keyway.connect()) {
                Answer answer = fresh.post(keyway.path(CHAT), chat(MODEL, ""), problem.getKey())
                        .answer();

                JsonNode error = isOwnError(answer, 401, "authentication");
                assertThat(error.at("/error/message").textValue()).contains(problem.getValue());
                assertThat(answer.header("WWW-Authenticate")).isEqualTo("Bearer");
            }
        }
        assertThat(keyway.sandbox().received()).isEmpty();
    }

    /**
     * A refusal that breaks off the sending is told as "connection reset" by most clients; one that did not serves on.
     *
     * <p>Symptom: Tomcat 11 closes the input with the answer's last byte, so that the connection was cut off each time, and
     * now and then while the body was still being sent.
     */
    @Test
    void a_caller_who_is_refused_gets_to_read_it_though_the_body_is_still_on_its_way() throws Exception {
        byte[] body = chat(MODEL, ",\"x\":\"" + "x".repeat(1024 * 1024) + "\"").getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 10; i++) {
            try (WireClient fresh = keyway.connect()) {
                Answer answer = fresh.post(keyway.path(CHAT), body, "Authorization: Bearer wrong")
                        .answer();
                isOwnError(answer, 401, "authentication");
                Answer next =
                        fresh.post(keyway.path(CHAT), chat(MODEL, ""), AUTH).answer();
                assertThat(next.status()).describedAs("%s", next).isEqualTo(200);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"model\":", "", "[]", "{\"a\":1,\"a\":2}", "{\"model\":\"x\"}x"})
    void a_bad_body_is_a_400_in_our_shape(String body) throws Exception {
        isOwnError(post(CHAT, body), 400, "validation");

        assertThat(keyway.sandbox().received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/no/such/route", "/index.jsp", "/v1", "/v1x/models", "/a%20b", "/container-error"})
    void a_path_of_nobody_is_a_404_in_our_shape(String path) throws Exception {
        isOwnError(ask("GET", path), 404, "not_found");

        assertThat(keyway.sandbox().received()).isEmpty();
    }

    /** Symptom: what a container refuses within the context by itself came as its HTML page. */
    @ParameterizedTest
    @ValueSource(strings = {"/WEB-INF/web.xml", "/META-INF/MANIFEST.MF", "/web-inf/web.xml"})
    void what_the_container_hides_is_a_404_in_our_shape_too(String path) throws Exception {
        Answer answer = ask("GET", path);

        isError(answer, 404, "not_found", answer.all("X-Process-Time").size());
        assertThat(answer.text()).contains("Route GET " + path + " not found");
    }

    @Test
    void a_wrong_method_is_a_405_that_says_which_are_right() throws Exception {
        Answer own = ask("DELETE", "/health");
        isOwnError(own, 405, "validation");
        assertThat(own.header("Allow")).contains("GET");

        try (WireClient other = keyway.connect()) {
            Answer traced =
                    other.request("TRACE", keyway.path("/v1/models"), AUTH).answer();
            assertThat(traced.status()).describedAs("Jetty refuses it itself").isIn(403, 405);
            assertThat(traced.text()).doesNotContain(ACCESS_KEY);
        }
        assertThat(keyway.sandbox().received()).isEmpty();
    }

    @Test
    void a_body_over_the_limit_is_a_413_before_it_is_sent() throws Exception {
        Answer declared = client.send("POST " + keyway.path(CHAT) + " HTTP/1.1\r\nHost: localhost\r\n" + AUTH
                        + "\r\nContent-Length: " + (MAX_BODY + 1) + "\r\n\r\n")
                .answer();
        isOwnError(declared, 413, "validation");

        try (WireClient chunked = keyway.connect()) {
            chunked.send("POST " + keyway.path(CHAT) + " HTTP/1.1\r\nHost: localhost\r\n" + AUTH
                    + "\r\nTransfer-Encoding: chunked\r\n\r\n");
            String chunk = "10000\r\n" + " ".repeat(64 * 1024) + "\r\n";
            for (int sent = 0; sent < MAX_BODY + 64 * 1024; sent += 64 * 1024) {
                chunked.send(chunk);
            }
            isOwnError(chunked.answer(), 413, "validation");
        }
        assertThat(keyway.sandbox().received()).isEmpty();
    }

    @Test
    void an_unknown_coding_is_a_415() throws Exception {
        isOwnError(post(CHAT, chat(MODEL, ""), "Content-Encoding: br"), 415, "validation");
    }

    @Test
    void head_has_headers_and_no_body() throws Exception {
        for (String path : List.of("/health", "/v1/models/count", "/v1/no-such-thing", "/nowhere")) {
            Answer head = client.request("HEAD", keyway.path(path), AUTH).head();
            Answer next = client.request("GET", keyway.path("/health")).answer();

            assertThat(head.status()).isIn(200, 404);
            hasOneSetOfHeaders(head);
            assertThat(next.status())
                    .describedAs("the connection is still in step")
                    .isEqualTo(200);
        }
        assertThat(keyway.sandbox().received()).extracting(Received::method).containsOnly("HEAD");
    }

    @Test
    void options_are_answered_here() throws Exception {
        Answer answer = client.request("OPTIONS", keyway.path(CHAT)).answer();

        assertThat(answer.status()).isEqualTo(204);
        assertThat(answer.header("Allow")).contains("POST", "GET");
        hasOneSetOfHeaders(answer);
        assertThat(keyway.sandbox().received()).isEmpty();
    }

    @Test
    void an_encoded_slash_stays_encoded() throws Exception {
        Answer answer = ask("GET", "/v1/models/openai%2Fgpt-4o-mini/endpoints");

        assertThat(onlyRequest().target()).isEqualTo("/api/v1/models/openai%2Fgpt-4o-mini/endpoints");
        assertThat(answer.status()).isEqualTo(onlyRequest().status());
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/models/openai%2Fgpt-4o-mini", "/api/v1/models/openai/gpt-4o-mini:nitro"})
    void C4_a_model_is_found_by_every_spelling_of_its_id(String path) throws Exception {
        Answer answer = ask("GET", path);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text()).startsWith("{\"id\":\"openai/gpt-4o-mini\"");
    }

    /** The connector refuses some of them in its own words; what counts is that none gets past the rules to a key. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/models/..%2fkeys",
                "/v1/models/%2e%2e/keys",
                "/v1/models/../keys",
                "/v1/models/.%2e/keys",
                "/v1/models/..;/keys",
                "/v1/models/%2e%2e%2fkeys",
                "/v1//keys",
                "/v1/models/%5c../keys",
                "/v1/models/%00/keys",
                "/v1/;x=y/keys",
                "/v1/key%73",
                "/v1/keys;x=y",
                "/v1/KEYS/../keys",
                "/v1/keys/",
                "/%76%31/keys"
            })
    void an_ambiguous_path_never_writes_to_the_account(String path) throws Exception {
        Answer answer = post(path, "{\"name\":\"mine\"}");

        assertThat(answer.status()).describedAs("%s", answer).isBetween(400, 404);
        assertThat(keyway.sandbox().received()).isEmpty();
        keyway.container().report(path + " is " + answer.status() + " " + answer.header("Content-Type"));
    }

    @Test
    void the_callers_request_id_comes_back_and_a_bad_one_is_replaced() throws Exception {
        assertThat(ask("GET", "/health", "X-Request-ID: mine-1").all("X-Request-ID"))
                .containsExactly("mine-1");
        assertThat(post(CHAT, chat(MODEL, ""), "X-Request-ID: mine-2").all("X-Request-ID"))
                .containsExactly("mine-2");
        assertThat(ask("GET", "/health", "X-Request-ID: " + "x".repeat(200)).header("X-Request-ID"))
                .matches("[0-9a-f-]{36}");
        assertThat(onlyRequest().headers("X-Request-ID")).isEmpty();
    }

    @Test
    void upstream_errors_pass_as_they_are() throws Exception {
        Answer answer = post(CHAT, chat("sandbox/400", ""));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo(onlyRequest().responseBody());
        hasOneSetOfHeaders(answer);
    }

    @Test
    void an_error_in_a_200_gets_a_real_status() throws Exception {
        Answer answer = post(CHAT, chat("sandbox/error-body:403", ""));

        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(403);
        assertThat(JSON.readTree(answer.body()).at("/error/code").intValue()).isEqualTo(403);
        hasOneSetOfHeaders(answer);
    }

    @Test
    void the_upstreams_own_headers_are_filtered() throws Exception {
        Answer answer = post(CHAT, chat("sandbox/strange-headers", ""));

        assertThat(answer.status()).isEqualTo(200);
        hasOneSetOfHeaders(answer);
        assertThat(answer.all("Set-Cookie")).isEmpty();
    }

    @Test
    void the_messages_api_gets_answers_and_errors_in_its_own_shape() throws Exception {
        String body = "{\"model\":\"anthropic/claude-sonnet-4.6\",\"max_tokens\":20,"
                + "\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";

        Answer answer = client.post(
                        keyway.path("/v1/messages"), body, "x-api-key: " + ACCESS_KEY, "anthropic-version: 2023-06-01")
                .answer();

        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(onlyRequest().responseBody());
        assertThat(onlyRequest().headers("x-api-key")).isEmpty();

        Answer refused = client.post(keyway.path("/v1/messages"), body, "x-api-key: wrong")
                .answer();
        assertThat(refused.status()).isEqualTo(401);
        JsonNode error = JSON.readTree(refused.body());
        assertThat(error.at("/type").textValue()).isEqualTo("error");
        assertThat(error.at("/error/type").textValue()).isEqualTo("authentication_error");
    }

    @Test
    void a_silent_stream_is_kept_alive_between_its_events() throws Exception {
        CompletableFuture<Conversation> coming = keyway.sandbox().conversation(MODEL);
        client.post(keyway.path(CHAT), chat(MODEL, ",\"stream\":true"), AUTH);
        Conversation upstream = coming.get(10, TimeUnit.SECONDS);
        upstream.startStream().event("{\"id\":\"gen-1\",\"choices\":[]}");
        assertThat(client.head().status()).isEqualTo(200);

        assertThat(client.chunksUntil(": keep-alive\n\n"))
                .isEqualTo("data: {\"id\":\"gen-1\",\"choices\":[]}\n\n: keep-alive\n\n");
        upstream.event("[DONE]").finish();
        assertThat(client.chunksUntil("[DONE]\n\n")).endsWith("data: [DONE]\n\n");
    }

    @Test
    void a_stream_of_messages_ends_without_the_mark_of_another_api() throws Exception {
        Answer answer = post("/v1/messages", chat(MODEL, ",\"stream\":true,\"max_tokens\":9"));

        String sent = new String(onlyRequest().responseBody(), StandardCharsets.UTF_8);
        assertThat(sent).endsWith("event: data\ndata: [DONE]\n\n");
        assertThat(answer.whole()).isTrue();
        assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                .isEqualTo(sent.replace("event: data\ndata: [DONE]\n\n", ""));
    }

    @Test
    void own_answers_are_protected_and_limited_and_compressed_and_relayed_ones_are_not() throws Exception {
        String policy = "default-src 'none'; frame-ancestors 'none'";
        for (String own : List.of("/health", "/admin/keys", "/nothing", "/openapi.yaml", "/api/v1/models/top")) {
            Answer answer = ask("GET", own);
            assertThat(answer.all("Content-Security-Policy")).describedAs(own).containsExactly(policy);
            assertThat(answer.all("X-Content-Type-Options")).describedAs(own).containsExactly("nosniff");
            assertThat(answer.all("RateLimit-Policy"))
                    .describedAs(own)
                    .hasSize(own.startsWith("/api/v1/models") ? 1 : 0);
        }
        Answer coded = ask("GET", "/openapi.yaml", "Accept-Encoding: gzip");
        Answer relayed = post(CHAT, chat(MODEL, ""));

        assertThat(coded.all("Content-Encoding")).containsExactly("gzip");
        assertThat(relayed.all("Content-Security-Policy")).isEmpty();
        assertThat(relayed.all("RateLimit-Policy")).isEmpty();
    }

    @Test
    void health_says_what_is_known() throws Exception {
        Answer answer = client.request("GET", keyway.path("/health")).answer();

        assertThat(answer.status()).isEqualTo(200);
        JsonNode health = JSON.readTree(answer.body());
        assertThat(health.at("/status").textValue()).isEqualTo("ok");
        assertThat(health.at("/kms_status").textValue()).isEqualTo("up");
        assertThat(health.at("/request_id").textValue()).isEqualTo(answer.header("X-Request-ID"));
        assertThat(keyway.sandbox().received()).isEmpty();
    }

    @Test
    void live_and_ready_are_open_to_anybody_below_the_contexts_path() throws Exception {
        for (String page : List.of("/health/live", "/health/ready")) {
            Answer answer = client.request("GET", keyway.path(page)).answer();

            assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
            hasOneSetOfHeaders(answer);
            JsonNode health = JSON.readTree(answer.body());
            assertThat(health.at("/status").textValue()).isEqualTo("ok");
            assertThat(health.at("/request_id").textValue()).isEqualTo(answer.header("X-Request-ID"));
            Answer head = client.request("HEAD", keyway.path(page)).head();
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("Content-Length")).isEqualTo(answer.header("Content-Length"));
            Answer refused = client.request("DELETE", keyway.path(page)).answer();
            isOwnError(refused, 405, "validation");
            assertThat(refused.header("Allow")).isEqualTo("GET, HEAD");
        }
        assertThat(keyway.sandbox().received()).isEmpty();
    }

    /** The home of a WAR without a named one: the container's base folder and the context's name. */
    @Test
    void requests_stand_in_the_log_below_the_containers_base() throws Exception {
        post(CHAT, chat(MODEL, ""), "X-Request-ID: logged-1");

        String line = keyway.awaitLogLine(
                keyway.container().base().resolve("keyway"),
                "requests",
                written -> written.contains("logged-1") && written.contains("\"status\""));
        assertThat(JSON.readTree(line).at("/status").intValue()).isEqualTo(200);
        assertThat(line).doesNotContain(ACCESS_KEY, "sk-or-v1-", "hello");
    }
}
