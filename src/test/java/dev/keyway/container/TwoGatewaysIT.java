package dev.keyway.container;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.keyway.sandbox.Conversation;
import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.KeywayInContainer;
import dev.keyway.testing.container.StockContainer;
import dev.keyway.testing.container.WireClient;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Two WARs in one server are two gateways: homes, keys, logs, levels and ends of their own. */
class TwoGatewaysIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final List<String> NAMES = List.of("keyway", "team-b");

    static Stream<Deployment> containers() {
        return Deployment.oneOfEach().stream()
                .filter(deployment -> !deployment.toString().startsWith("Tomcat 10"));
    }

    @ParameterizedTest
    @MethodSource("containers")
    void each_has_its_own_home_and_one_goes_without_the_other(Deployment deployment) throws Exception {
        try (KeywayInContainer keyway = KeywayInContainer.configuredByFiles(
                deployment, StopAndRedeployIT.NO_SOFT, base -> prepare(deployment, base))) {
            StockContainer container = keyway.container();

            for (String name : NAMES) {
                eachAnswersWithItsOwnKey(keyway, name);
            }
            eachKnowsItsOwnSecretsOnly(keyway);
            Awaitility.await("the line of the one that logs each request")
                    .untilAsserted(() -> assertThat(container.log().lines())
                            .anyMatch(line -> line.contains(" DEBUG [/keyway] ") && line.contains("of-keyway")));
            assertThat(container.log().lines()).noneMatch(line -> line.contains(" DEBUG [/team-b] "));

            aStreamOfTheFirstOutlivesTheSecond(keyway);
            eachAnswersWithItsOwnKey(keyway, "keyway");
            container.report("two gateways, then one");
            assertThat(container.allLogs().lines()).noneMatch(StopAndRedeployIT::tellsOfALeak);
        }
    }

    private static void prepare(Deployment deployment, Path base) throws IOException {
        deployment.distribution().deploy(base, "team-b");
        StopAndRedeployIT.watchWebapps(base);
        for (String name : NAMES) {
            Path home = Files.createDirectories(base.resolve(name));
            Files.writeString(home.resolve(".env"), "OPENROUTER_API_KEY=" + upstreamKey(name) + "\n");
            Files.writeString(
                    home.resolve("keyway.yml"),
                    "server: {access_key: " + accessKey(name) + ", log_level: "
                            + (name.equals("keyway") ? "DEBUG" : "INFO") + "}\nadmin: {secret: the-secret-of-" + name
                            + "}\n");
        }
    }

    private static String upstreamKey(String name) {
        return "sk-or-v1-" + name + "-" + "0".repeat(56);
    }

    private static String accessKey(String name) {
        return "access-to-" + name + "-and-no-other";
    }

    private static Answer ask(KeywayInContainer keyway, String name, String accessKey, String model, String id)
            throws IOException {
        try (WireClient client = keyway.connect()) {
            return client.post(
                            "/" + name + "/v1/chat/completions",
                            body(model, false),
                            "Authorization: Bearer " + accessKey,
                            "X-Request-ID: " + id)
                    .answer();
        }
    }

    private static String body(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
    }

    private static void eachAnswersWithItsOwnKey(KeywayInContainer keyway, String name) throws IOException {
        keyway.sandbox().clear();
        String id = "of-" + name + "-" + System.nanoTime();

        Answer answer = ask(keyway, name, accessKey(name), "openai/gpt-4o-mini", id);

        assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
        assertThat(keyway.sandbox().received().get(0).headers("Authorization"))
                .containsExactly("Bearer " + upstreamKey(name));
        keyway.awaitLogLine(home(keyway, name), "requests", line -> line.contains(id) && line.contains("\"status\""));
        String other = NAMES.get(1 - NAMES.indexOf(name));
        assertThat(ask(keyway, other, accessKey(name), "openai/gpt-4o-mini", id + "-astray")
                        .status())
                .describedAs("at the other, or where it was")
                .isIn(401, 404);
    }

    private static Path home(KeywayInContainer keyway, String name) {
        return keyway.container().base().resolve(name);
    }

    private static void eachKnowsItsOwnSecretsOnly(KeywayInContainer keyway) throws IOException {
        for (String name : NAMES) {
            JsonNode own = JSON.readTree(
                    home(keyway, name).resolve("data").resolve("gateway.json").toFile());
            assertThat(own.path("pid").asLong()).isEqualTo(keyway.container().javaPid());
            assertThat(own.path("url").textValue())
                    .isEqualTo("http://127.0.0.1:" + keyway.container().port() + "/" + name);
            String token = "Authorization: Bearer " + own.path("token").textValue();
            for (String at : NAMES) {
                Answer answer;
                try (WireClient client = keyway.connect()) {
                    answer = client.request("GET", "/" + at + "/admin/keys", token)
                            .answer();
                }
                assertThat(answer.status())
                        .describedAs("token of %s at %s: %s", name, at, answer)
                        .isEqualTo(at.equals(name) ? 200 : 401);
                if (at.equals(name)) {
                    assertThat(answer.text())
                            .contains(keyId(keyway, name))
                            .doesNotContain(keyId(keyway, NAMES.get(1 - NAMES.indexOf(name))));
                }
            }
        }
    }

    /** As its request log names the key that it used. */
    private static String keyId(KeywayInContainer keyway, String name) throws IOException {
        String line = keyway.awaitLogLine(
                home(keyway, name),
                "requests",
                written -> written.contains("of-" + name) && written.contains("\"status\":200"));
        return JSON.readTree(line).path("key").textValue();
    }

    private static void aStreamOfTheFirstOutlivesTheSecond(KeywayInContainer keyway) throws Exception {
        StockContainer container = keyway.container();
        try (WireClient client = keyway.connect()) {
            CompletableFuture<Conversation> coming = keyway.sandbox().conversation("paced/while-the-other-ends");
            client.post(
                    "/keyway/v1/chat/completions",
                    body("paced/while-the-other-ends", true),
                    "Authorization: Bearer " + accessKey("keyway"));
            Conversation upstream = coming.get(10, TimeUnit.SECONDS).startStream();
            upstream.event(event("before"));
            Answer head = client.head();
            client.chunksUntil("before");

            Files.delete(container.base().resolve("webapps").resolve("team-b.war"));
            Files.deleteIfExists(container.base().resolve("webapps").resolve("team-b.xml"));
            container.await("let go of team-b", SOON, running -> isGone(keyway, "team-b"));
            upstream.event(event("after"));
            upstream.send("data: [DONE]\n\n");
            upstream.finish();

            Answer rest = client.bodyOf(head);
            assertThat(rest.whole()).describedAs("%s", rest).isTrue();
            assertThat(rest.text())
                    .contains("after")
                    .endsWith("data: [DONE]\n\n")
                    .doesNotContain("\"error\"");
        }
        Awaitility.await("what team-b held").atMost(SOON).untilAsserted(() -> {
            Holdings left = Holdings.of(container, "team-b");
            assertThat(left.files()).isEmpty();
            assertThat(left.listeners()).isEqualTo(1);
            // Java itself may keep one: java.lang.runtime.ObjectMethods remembers, in one place for all, the class of
            // the
            // record whose equals was linked last, here in the key file's last write, until another one is.
            assertThat(left.loaders()).isLessThanOrEqualTo(2);
            assertThat(left.threads()).containsOnlyOnce("keyway-logs", "keyway-console", "keyway-timer");
        });
        assertThat(home(keyway, "team-b").resolve("data").resolve("gateway.json"))
                .doesNotExist();
    }

    private static String event(String text) {
        return "{\"id\":\"gen-7\",\"model\":\"m\",\"created\":7,\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
                + text + "\"},\"finish_reason\":null}]}";
    }

    private static boolean isGone(KeywayInContainer keyway, String name) {
        try (WireClient client = keyway.connect()) {
            return client.request("GET", "/" + name + "/health").answer().status() == 404;
        } catch (IOException e) {
            return false;
        }
    }
}
