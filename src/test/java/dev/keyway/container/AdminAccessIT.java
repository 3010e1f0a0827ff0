package dev.keyway.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.testing.AdminSpellings;
import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.KeywayInContainer;
import dev.keyway.testing.container.WireClient;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Administration in every stock container: who may, however the path is written, and a key from start to end. */
@ParameterizedClass
@MethodSource("dev.keyway.testing.container.Deployment#oneOfEach")
class AdminAccessIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SECRET = "an-admin-secret-of-some-length";
    private static final String ADMIN = "X-Admin-Secret: " + SECRET;
    private static final String ACCESS_KEY = "admin-checks-access-key";
    private static final String NEW_KEY = "sk-or-v1-" + "7".repeat(64);

    @SuppressWarnings("NullAway.Init")
    private static KeywayInContainer keyway;

    AdminAccessIT(Deployment deployment) {}

    @BeforeParameterizedClassInvocation
    static void start(Deployment deployment) throws Exception {
        keyway = KeywayInContainer.start(
                deployment, Map.of("KEYWAY_SERVER_ACCESS_KEY", ACCESS_KEY, "ADMIN_SECRET", SECRET));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws Exception {
        String log = keyway.container().allLogs();
        Path file = file();
        keyway.close();
        assertThat(log)
                .doesNotContain("SEVERE", "\tat dev.keyway", ACCESS_KEY, SECRET, "sk-or-v1-", "prometheus-metrics");
        assertThat(file).doesNotExist();
    }

    @AfterEach
    void report(TestInfo test) throws IOException {
        keyway.container().report(test.getDisplayName());
    }

    private static Path file() {
        return keyway.container().base().resolve("keyway/data/gateway.json");
    }

    private static Answer get(String target, String... headers) throws IOException {
        try (WireClient client = keyway.connect()) {
            return client.request("GET", target, headers).answer();
        }
    }

    private static List<String> targets() {
        List<String> targets = new ArrayList<>();
        AdminSpellings.PATHS.forEach(path -> targets.add(keyway.path(path)));
        targets.add("http://127.0.0.1:" + keyway.container().port() + keyway.path("/admin/keys"));
        targets.add("http://gateway.example" + keyway.path("/admin/keys"));
        targets.add("/x/.." + keyway.path("/admin/keys"));
        targets.add("/%6beyway/admin/keys");
        return targets;
    }

    private static void isNotServed(String what, Answer answer) {
        assertThat(answer.status()).describedAs("%s: %s", what, answer).isBetween(400, 499);
        assertThat(answer.text()).describedAs(what).doesNotContain("\"keys\":", "\"chain\":");
    }

    @Test
    void no_spelling_and_no_header_is_served_without_the_secret() throws Exception {
        for (String target : targets()) {
            isNotServed(target, get(target));
            isNotServed(target, get(target, "Authorization: Bearer " + ACCESS_KEY));
            assertThat(get(keyway.path("/admin/keys"), ADMIN).status())
                    .describedAs("forgets the wrong secret of the line before")
                    .isEqualTo(200);
        }
        for (String header : AdminSpellings.HEADERS) {
            isNotServed(header, get(keyway.path("/admin/keys"), header));
            isNotServed(header, get(keyway.path("/metrics/raw"), header, "Via: 1.1 proxy"));
        }
        for (String path : AdminSpellings.METRICS) {
            Answer answer = get(keyway.path(path), "Via: 1.1 proxy");
            isNotServed(path, answer);
            assertThat(answer.text()).describedAs(path).doesNotContain("kms_");
        }
    }

    @Test
    void with_the_secret_a_spelling_is_what_it_says_or_refused() throws Exception {
        for (String target : targets()) {
            Answer answer = get(target, ADMIN);
            if (answer.status() == 200) {
                // Dot segments before the context are Tomcat's to take away; within it none is left.
                assertThat(target.replace("/x/../", "/"))
                        .describedAs("%s", answer)
                        .doesNotContain("..", ";", "%2", "%5", "\\", "%00");
            } else {
                isNotServed(target, answer);
            }
        }
    }

    @Test
    void a_key_is_added_listed_switched_off_and_removed() throws Exception {
        String keys = keyway.path("/admin/keys");
        try (WireClient client = keyway.connect()) {
            Answer added = client.post(keys, "{\"key\":\"" + NEW_KEY + "\",\"label\":\"new\"}", ADMIN)
                    .answer();
            assertThat(added.status()).describedAs("%s", added).isEqualTo(200);
            assertThat(added.all("Server")).containsExactly("Keyway");
            assertThat(added.all("X-Request-ID")).hasSize(1);
            String id = JSON.readTree(added.body()).path("id").textValue();
            JsonNode list =
                    JSON.readTree(client.request("GET", keys, ADMIN).answer().body());
            assertThat(list.path("keys").findValuesAsText("id")).hasSize(4).contains(id);
            assertThat(list.toString()).doesNotContain("sk-or-");
            Answer off = client.post(keys + "/" + id + "/disable", "{}", ADMIN).answer();
            assertThat(JSON.readTree(off.body()).path("state").textValue()).isEqualTo("deactivated");
            assertThat(client.request("DELETE", keys + "/" + id, ADMIN).answer().status())
                    .isEqualTo(200);
            assertThat(client.request("GET", keys + "/" + id, ADMIN).answer().status())
                    .isEqualTo(404);
            assertThat(client.post(keys, new byte[64 * 1024 + 1], ADMIN)
                            .answer()
                            .status())
                    .isEqualTo(413);
        }
    }

    @Test
    void a_request_shows_where_the_gateway_listens_and_its_token_opens() throws Exception {
        get(keyway.path("/health"));
        Awaitility.await()
                .until(() ->
                        JSON.readTree(Files.readAllBytes(file())).path("url").isTextual());
        JsonNode file = JSON.readTree(Files.readAllBytes(file()));

        assertThat(file.path("url").textValue())
                .isEqualTo("http://127.0.0.1:" + keyway.container().port() + keyway.path(""));
        String token = "Authorization: Bearer " + file.path("token").textValue();
        assertThat(get(keyway.path("/admin/keys"), token).status()).isEqualTo(200);
        assertThat(get(keyway.path("/admin/keys"), token, "X-Forwarded-For: 127.0.0.1")
                        .status())
                .isEqualTo(401);
    }

    @Test
    void the_metrics_are_read_by_a_local_program() throws Exception {
        Answer answer = get(keyway.path("/metrics/raw"));

        assertThat(answer.status()).isEqualTo(200);
        // Tomcat writes it without blanks.
        assertThat(answer.header("Content-Type").replace(" ", "")).startsWith("text/plain;version=0.0.4");
        assertThat(answer.text()).contains("kms_active_keys", "keyway_keys{state=\"active\"}", "jvm_");
    }
}
