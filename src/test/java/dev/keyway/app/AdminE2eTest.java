package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.app.WireClient.Answer;
import dev.keyway.testing.RunningKeyway;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The admin API of a whole gateway. */
final class AdminE2eTest {
    private static final String SECRET = "an-admin-secret-of-some-length";
    private static final String ADMIN = "Authorization: Bearer " + SECRET;
    private static final String JSON = "Content-Type: application/json";
    private static final String NEW_KEY = "sk-or-v1-" + "7".repeat(64);
    private static final String CONFIGURED = new Secret(RunningKeyway.POOL_KEY).id();
    private static final String KEYS = "/admin/keys";

    @TempDir
    private Path home;

    private E2e e2e;

    @BeforeEach
    void start() throws IOException {
        e2e = E2e.start(home, "admin.secret=" + SECRET, "server.access_key=" + E2e.ACCESS_KEY);
    }

    @AfterEach
    void stop() {
        e2e.close();
    }

    private Answer add(String body) throws IOException {
        return e2e.post(KEYS, body, ADMIN, JSON);
    }

    private Answer admin(String method, String path) throws IOException {
        return e2e.ask(method, path, ADMIN);
    }

    private static String added(String id, boolean created) {
        return "{\"message\":\"API key added successfully\",\"id\":\"" + id + "\",\"created\":" + created + "}";
    }

    @Test
    void an_added_key_is_used_shown_without_its_value_and_once() throws IOException {
        String id = new Secret(NEW_KEY).id();

        Answer first = add("{\"key\":\"" + NEW_KEY + "\",\"label\":\"spare\",\"account\":\"b\"}");
        Answer again = add("{\"key\":\"" + NEW_KEY + "\"}");

        assertThat(first.status()).describedAs(first.text()).isEqualTo(200);
        assertThat(first.text()).isEqualTo(added(id, true));
        assertThat(again.text()).isEqualTo(added(id, false));
        assertThat(first.header("Cache-Control")).isEqualTo("no-store");
        assertThat(first.header("Server")).isEqualTo("Keyway");
        Answer list = admin("GET", KEYS);
        JsonNode keys = list.json().path("keys");
        assertThat(keys).hasSize(2);
        assertThat(names(keys.get(1)))
                .containsExactly(
                        "id",
                        "label",
                        "account",
                        "source",
                        "state",
                        "reason",
                        "until",
                        "free_until",
                        "last_used",
                        "successes",
                        "failures",
                        "failures_in_a_row",
                        "credit",
                        "free_requests_left");
        assertThat(keys.get(1).path("id").textValue()).isEqualTo(id);
        assertThat(keys.get(1).path("source").textValue()).isEqualTo("admin");
        assertThat(keys.get(1).path("state").textValue()).isEqualTo("active");
        assertThat(list.text()).doesNotContain("sk-or-", "7777777");
        assertThat(admin("GET", KEYS + "/" + id).json()).isEqualTo(keys.get(1));
        assertThat(admin("DELETE", KEYS + "/" + id).json().path("message").textValue())
                .isEqualTo("API key removed");
        assertThat(admin("GET", KEYS + "/" + id).status()).isEqualTo(404);
    }

    @Test
    void a_key_of_another_shape_is_taken_with_a_warning() throws IOException {
        JsonNode said = add("{\"key\":\"your-openrouter-api-key\"}").json();

        assertThat(said.path("created").booleanValue()).isTrue();
        assertThat(said.path("warning").textValue()).contains("sk-or-");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "{}|API key is required",
                "|API key is required",
                "{'key':null}|API key is required",
                "{'key':''}|API key is required",
                "{'key':'   '}|a blank",
                "{'key':'sk-or- a'}|a blank",
                "{'key':'sk-or-\\u0007'}|a control character",
                "{'key':'sk-or-é'}|outside ASCII",
                "{'key':17}|must be a string",
                "{'key':'sk-or-a','secret':1,'x':2}|unknown member \"secret\"; allowed: key, label, account",
                "{'key':'sk-or-a','label':''}|label must be",
                "{'key':'sk-or-a','account':[]}|account must be",
                "{'key':'sk-or-a','key':'sk-or-b'}|no valid JSON",
                "[]|no JSON object",
                "'sk-or-a'|no JSON object",
                "{'key':'sk-or-a'} x|no valid JSON",
            })
    void a_body_that_can_not_be_meant_is_refused(String body, String message) throws IOException {
        Answer answer = add(body == null ? "" : body.replace('\'', '"'));

        assertThat(answer.status()).describedAs(answer.text()).isEqualTo(400);
        assertThat(answer.message()).contains(message).doesNotContain("sk-or-");
        assertThat(answer.json().at("/error/request_id").textValue()).isEqualTo(answer.header("X-Request-ID"));
        assertThat(admin("GET", KEYS).json().path("keys")).hasSize(1);
    }

    @Test
    void the_longest_key_has_512_characters() throws IOException {
        assertThat(add("{\"key\":\"" + "k".repeat(512) + "\"}").status()).isEqualTo(200);
        assertThat(add("{\"key\":\"" + "k".repeat(513) + "\"}").message()).contains("512");
    }

    @Test
    void a_body_is_json_and_at_most_64_kib_however_it_is_framed() throws IOException {
        byte[] body = ("{\"key\":\"" + NEW_KEY + "\"}").getBytes(StandardCharsets.UTF_8);

        assertThat(e2e.post(KEYS, body, ADMIN).status()).isEqualTo(415);
        assertThat(e2e.post(KEYS, body, ADMIN, "Content-Type: text/plain").status())
                .isEqualTo(415);
        assertThat(e2e.post(KEYS, body, ADMIN, JSON, "Content-Encoding: gzip").status())
                .isEqualTo(415);
        assertThat(e2e.post(KEYS, new byte[64 * 1024 + 1], ADMIN, JSON).status())
                .isEqualTo(413);
        try (WireClient client = new WireClient(e2e.port())) {
            client.head("POST", KEYS, ADMIN, JSON, "Transfer-Encoding: chunked");
            client.chunk(new byte[40 * 1024]);
            client.chunk(new byte[40 * 1024]);

            assertThat(client.answer("POST").status()).isEqualTo(413);
        }
        assertThat(e2e.post(KEYS, body, ADMIN, "Content-Type: Application/JSON; charset=utf-8")
                        .status())
                .isEqualTo(200);
    }

    @Test
    void a_key_is_disabled_until_it_is_reactivated() throws IOException {
        String key = KEYS + "/" + CONFIGURED;

        Answer disabled = admin("POST", key + "/disable");

        assertThat(disabled.json().path("state").textValue()).isEqualTo("deactivated");
        assertThat(e2e.post(E2e.CHAT, E2e.chat("m"), E2e.BEARER).status()).isEqualTo(503);
        assertThat(admin("POST", key + "/reactivate").json().path("state").textValue())
                .isEqualTo("active");
        assertThat(e2e.post(E2e.CHAT, E2e.chat("m"), E2e.BEARER).status()).isNotEqualTo(503);
        assertThat(e2e.post(key + "/disable", "{\"why\":1}", ADMIN, JSON).message())
                .contains("unknown member", "allowed: none");
    }

    @Test
    void label_and_account_change_one_by_one() throws IOException {
        String key = KEYS + "/"
                + add("{\"key\":\"" + NEW_KEY + "\",\"label\":\"l\",\"account\":\"a\"}")
                        .json()
                        .path("id")
                        .textValue();

        Answer label = e2e.ask("PATCH", key, ADMIN);
        assertThat(label.json().path("label").textValue()).isEqualTo("l");
        JsonNode changed = patch(key, "{\"label\":\"new\"}").json();
        assertThat(changed.path("label").textValue()).isEqualTo("new");
        assertThat(changed.path("account").textValue()).isEqualTo("a");
        assertThat(patch(key, "{\"account\":null}").json().path("account").isNull())
                .isTrue();
        assertThat(patch(key, "{\"state\":\"active\"}").status()).isEqualTo(400);
    }

    private Answer patch(String path, String body) throws IOException {
        return WireClient.ask(e2e.port(), "PATCH", path, body.getBytes(StandardCharsets.UTF_8), ADMIN, JSON);
    }

    @Test
    void a_key_of_the_configuration_can_not_be_removed_here() throws IOException {
        Answer answer = admin("DELETE", KEYS + "/" + CONFIGURED);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.message()).contains("configuration", "disable");
        assertThat(admin("GET", KEYS).json().path("keys")).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /admin/keys/k_00000000",
        "DELETE, /admin/keys/k_00000000",
        "PATCH, /admin/keys/k_00000000",
        "POST, /admin/keys/k_00000000/test",
        "POST, /admin/keys/k_00000000/disable",
        "POST, /admin/keys/k_00000000/reactivate",
        "GET, /admin",
        "GET, /admin/",
        "GET, /admin/nothing",
        "GET, /admin/keys/k_00000000/test/more",
    })
    void what_is_not_there_is_not_found(String method, String path) throws IOException {
        Answer answer = admin(method, path);

        assertThat(answer.status()).describedAs(answer.text()).isEqualTo(404);
        assertThat(answer.json().at("/error/type").textValue()).isEqualTo("not_found");
    }

    @Test
    void a_key_mistaken_for_an_id_is_not_repeated() throws IOException {
        assertThat(admin("GET", KEYS + "/" + NEW_KEY).text()).doesNotContain("77777");
        assertThat(admin("GET", "/admin/" + NEW_KEY).text()).doesNotContain("77777");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PUT|/admin/keys|GET, HEAD, OPTIONS, POST",
                "POST|/admin/keys/k_1|DELETE, GET, HEAD, OPTIONS, PATCH",
                "GET|/admin/keys/k_1/test|OPTIONS, POST",
                "DELETE|/admin/config|GET, HEAD, OPTIONS",
            })
    void a_wrong_method_is_told_the_right_ones(String method, String path, String allow) throws IOException {
        Answer wrong = admin(method, path);
        Answer options = admin("OPTIONS", path);

        assertThat(wrong.status()).isEqualTo(405);
        assertThat(wrong.header("Allow")).isEqualTo(allow);
        assertThat(options.status()).isEqualTo(204);
        assertThat(options.header("Allow")).isEqualTo(allow);
    }

    @Test
    void head_is_answered_as_get_without_the_body() throws IOException {
        Answer get = admin("GET", KEYS);
        Answer head = admin("HEAD", KEYS);

        assertThat(head.status()).isEqualTo(200);
        assertThat(head.header("Content-Length")).isEqualTo(Integer.toString(get.body().length));
    }

    @Test
    void the_configuration_is_told_with_its_chain_and_without_its_secrets() throws IOException {
        Answer answer = admin("GET", "/admin/config");

        assertThat(answer.text()).doesNotContain(SECRET, E2e.ACCESS_KEY, RunningKeyway.POOL_KEY);
        JsonNode config = answer.json();
        assertThat(Stream.of("access", "limits", "slug", "key selection"))
                .allSatisfy(name -> assertThat(config.path("chain").findValuesAsText("name"))
                        .contains(name));
        assertThat(config.at("/chain/0/stage").textValue()).isEqualTo("HEAD");
        JsonNode secret = config.path("settings");
        for (JsonNode setting : config.path("settings")) {
            secret = setting.path("path").asText().equals("admin.secret") ? setting : secret;
        }
        assertThat(secret.path("value").textValue()).isEqualTo("(set)");
        assertThat(secret.path("source").textValue()).isNotEmpty();
    }

    @Test
    void an_access_key_administers_nothing_and_the_admin_secret_asks_nothing() throws IOException {
        assertThat(e2e.get(KEYS, E2e.BEARER).status()).isEqualTo(401);
        assertThat(e2e.get(KEYS, "x-api-key: " + SECRET).status()).isEqualTo(401);
        assertThat(e2e.get("/v1/credits", ADMIN).status()).isEqualTo(401);
        assertThat(e2e.get(KEYS, "X-Admin-Secret: " + SECRET).status()).isEqualTo(200);
    }

    @Test
    void after_ten_wrong_secrets_the_right_one_has_to_wait_too() throws IOException {
        for (int i = 0; i < 10; i++) {
            Answer wrong = e2e.get(KEYS, "X-Admin-Secret: guess-" + i);
            assertThat(wrong.status()).isEqualTo(401);
            assertThat(wrong.header("WWW-Authenticate")).isEqualTo("Bearer");
        }

        Answer answer = admin("GET", KEYS);

        assertThat(answer.status()).isEqualTo(429);
        assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(55, 60);
        assertThat(e2e.get(KEYS).status()).describedAs("nothing guessed").isEqualTo(401);
    }

    /** Keys, secrets and tokens in no line of a log, whatever was asked for. */
    @Test
    void no_secret_reaches_a_log() throws IOException {
        add("{\"key\":\"" + NEW_KEY + "\"}");
        add("{\"key\":\"" + NEW_KEY + "\",}");
        add("{\"" + NEW_KEY + "\":1}");
        admin("GET", KEYS + "/" + NEW_KEY);
        e2e.get(KEYS, "X-Admin-Secret: guess-guess-guess-guess");

        List<String> lines = Stream.of("requests", "errors", "keys")
                .flatMap(name -> log(name).stream())
                .toList();

        assertThat(lines)
                .isNotEmpty()
                .noneMatch(line -> line.contains("777777") || line.contains(SECRET) || line.contains("guess-guess"));
    }

    private List<String> log(String name) {
        try {
            return e2e.keyway.log(name);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Symptom: a program on the same machine, without the secret, could not manage keys. */
    @Test
    void the_token_in_the_gateway_file_administers() throws IOException {
        e2e.get("/health");
        Path file = home.resolve("data/gateway.json");
        await().until(() -> Files.exists(file));
        JsonNode content = new ObjectMapper().readTree(file.toFile());

        assertThat(content.path("url").textValue()).isEqualTo("http://127.0.0.1:" + e2e.port());
        String token = "Authorization: Bearer " + content.path("token").textValue();
        assertThat(e2e.get(KEYS, token).status()).isEqualTo(200);
        assertThat(e2e.get(KEYS, token, "X-Forwarded-For: 127.0.0.1").status())
                .describedAs("came through a proxy")
                .isEqualTo(401);
        assertThat(e2e.get("/v1/credits", token).status()).isEqualTo(401);
        e2e.keyway.close();
        assertThat(file).doesNotExist();
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }
}
