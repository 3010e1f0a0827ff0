package dev.keyway.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.KeywayInContainer;
import dev.keyway.testing.container.WireClient;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** As {@code ROOT.war}, with a home of its own and no access key: who may use the pool, and what stands at the root. */
@ParameterizedClass
@MethodSource("roots")
class OpenPoolAtRootIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CHAT = "/v1/chat/completions";
    private static final String WHOLE =
            "{\"model\":\"openai/gpt-4o-mini\",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
    private static final String STREAM =
            "{\"model\":\"openai/gpt-4o-mini\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";

    @TempDir
    private static Path home;

    @SuppressWarnings("NullAway.Init")
    private static KeywayInContainer keyway;

    private final WireClient client;

    OpenPoolAtRootIT(Deployment deployment) throws IOException {
        this.client = keyway.connect();
    }

    static List<Deployment> roots() {
        return Deployment.atRoot();
    }

    @BeforeParameterizedClassInvocation
    static void start(Deployment deployment) throws Exception {
        keyway = KeywayInContainer.start(deployment, Map.of("KEYWAY_HOME", home.toString()));
    }

    @AfterParameterizedClassInvocation
    static void stop() throws Exception {
        String log = keyway.container().allLogs();
        keyway.close();
        assertThat(log).contains("the pool is open to programs on this machine only");
        assertThat(log).doesNotContain("SEVERE", "\tat ", "sk-or-v1-");
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

    private static JsonNode isForbidden(Answer answer) throws IOException {
        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(403);
        assertThat(answer.all("Server")).containsExactly("Keyway");
        JsonNode error = JSON.readTree(answer.body()).at("/error");
        assertThat(error.at("/type").textValue()).isEqualTo("permission");
        assertThat(keyway.sandbox().received()).isEmpty();
        return error;
    }

    @Test
    void a_program_on_this_machine_is_served_whole_and_streaming() throws Exception {
        for (String body : List.of(WHOLE, STREAM)) {
            for (String host : List.of("localhost:1", "127.0.0.1", "[::1]:8080")) {
                keyway.sandbox().clear();
                try (WireClient fresh = keyway.connect()) {
                    Answer answer = fresh.post(CHAT, body, "Host: " + host, "Authorization: Bearer not-needed")
                            .answer();

                    assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
                    assertThat(answer.body())
                            .isEqualTo(keyway.sandbox().received().get(0).responseBody());
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "X-Forwarded-For: 127.0.0.1",
                "x-forwarded-proto: https",
                "Forwarded: for=127.0.0.1",
                "X-Real-IP: 127.0.0.1",
                "Via: 1.1 proxy",
                "Host: keyway.example.com",
                "Host: 127.0.0.1.example.com",
                "Host: 10.0.0.1"
            })
    void a_request_that_may_come_from_elsewhere_is_not(String header) throws Exception {
        JsonNode error = isForbidden(client.post(CHAT, WHOLE, header).answer());

        assertThat(error.at("/message").textValue()).contains("server.access_key", "server.allow_open");
    }

    @Test
    void a_strange_web_page_is_not_and_our_own_is() throws Exception {
        isForbidden(client.post(CHAT, WHOLE, "Origin: https://evil.example").answer());
        try (WireClient own = keyway.connect()) {
            int port = keyway.container().port();
            assertThat(own.post(CHAT, WHOLE, "Origin: http://127.0.0.1:" + port)
                            .answer()
                            .status())
                    .isEqualTo(200);
        }
    }

    @Test
    void without_an_admin_secret_only_a_program_on_this_machine_administers() throws Exception {
        assertThat(client.request("GET", "/admin/keys").answer().status()).isEqualTo(200);
        for (String header :
                List.of("X-Forwarded-For: 127.0.0.1", "Host: keyway.example.com", "Origin: https://evil.example")) {
            try (WireClient fresh = keyway.connect()) {
                isForbidden(fresh.request("GET", "/admin/keys", header).answer());
            }
        }
    }

    @Test
    void the_root_says_what_this_is() throws Exception {
        Answer answer = client.request("GET", "/").answer();

        assertThat(answer.status()).isEqualTo(200);
        JsonNode about = JSON.readTree(answer.body());
        assertThat(about.at("/name").textValue()).isEqualTo("Keyway");
        assertThat(about.at("/health").textValue()).isEqualTo("/health");
        assertThat(client.request("GET", "/health").answer().status()).isEqualTo(200);
    }

    @Test
    void no_page_of_the_containers_is_served() throws Exception {
        for (String path : List.of("/index.jsp", "/manager/html", "/WEB-INF/web.xml", "/no%2Fsuch")) {
            try (WireClient fresh = keyway.connect()) {
                Answer answer = fresh.request("GET", path).answer();

                assertThat(answer.status()).describedAs(path).isEqualTo(404);
                assertThat(JSON.readTree(answer.body()).at("/error/type").textValue())
                        .isEqualTo("not_found");
            }
        }
    }

    @Test
    void the_logs_are_written_into_the_named_home() throws Exception {
        client.post(CHAT, WHOLE, "X-Request-ID: at-root-" + keyway.container().port())
                .answer();

        String line = keyway.awaitLogLine(
                home,
                "requests",
                written -> written.contains("at-root-" + keyway.container().port()) && written.contains("\"status\""));
        assertThat(JSON.readTree(line).at("/client").textValue()).isEqualTo("local");
    }
}
