package dev.keyway.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Conversation;
import dev.keyway.testing.Proof;
import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.KeywayInContainer;
import dev.keyway.testing.container.StockContainer;
import dev.keyway.testing.container.WireClient;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The gateway's end in a container that lives on, and in one that ends: nothing of it is left behind. */
class StopAndRedeployIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final String EVENT = "{\"id\":\"gen-7\",\"model\":\"m\",\"created\":7,\"choices\":[{\"index\":0,"
            + "\"delta\":{\"content\":\"so far\"},\"finish_reason\":null}]}";
    private static final Proof REDEPLOY = Proof.named("redeploy");
    private static final Duration SOON = Duration.ofSeconds(60);
    /** What is only cached, softly reachable, is let go of by the next collection. */
    static final Map<String, String> NO_SOFT = Map.of("JDK_JAVA_OPTIONS", "-XX:SoftRefLRUPolicyMSPerMB=0");

    @ParameterizedTest
    @MethodSource("dev.keyway.testing.container.Deployment#oneOfEach")
    void streams_end_with_an_error_event_and_nothing_of_an_undeployed_gateway_is_left(Deployment deployment)
            throws Exception {
        try (KeywayInContainer keyway = KeywayInContainer.start(deployment, NO_SOFT, StopAndRedeployIT::watchWebapps)) {
            StockContainer container = keyway.container();
            int redeploys = REDEPLOY.size(5, 20);
            serveAll(keyway);
            Holdings one = Holdings.of(container, "keyway");
            for (int i = 1; i <= redeploys; i++) {
                touch(container, i);
                serveAll(keyway);
            }

            Awaitility.await("what the old ones held")
                    .atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(Holdings.of(container, "keyway")).isEqualTo(one));
            REDEPLOY.report("%s: %d redeployments, then as after the start: %s", container.version(), redeploys, one);
            saysNothingOfLeaks(container.allLogs());

            endsWithAnErrorEvent(keyway, () -> touchFile(container));
            serveAll(keyway);
            container.report("undeployed during a stream");
            saysNothingOfLeaks(container.allLogs());

            endsWithAnErrorEvent(keyway, container::terminate);
            container.awaitExit(SOON);
            container.report("stopped during a stream");
            saysNothingOfLeaks(container.allLogs());
        }
    }

    /** Without a pause: the older version gets no new request, finishes what it has and goes. */
    @Test
    void a_parallel_deployment_takes_over_without_losing_a_request() throws Exception {
        Deployment tomcat = Deployment.oneOfEach().get(2);
        Queue<Integer> statuses = new ConcurrentLinkedQueue<>();
        ExecutorService others = Executors.newSingleThreadExecutor();
        try (KeywayInContainer keyway = KeywayInContainer.start(
                tomcat, Map.of("KEYWAY_SERVER_DRAIN_TIMEOUT", "30s"), StopAndRedeployIT::replaceOldVersions)) {
            StockContainer container = keyway.container();
            serveAll(keyway);
            try (WireClient client = keyway.connect()) {
                CompletableFuture<Conversation> coming = keyway.sandbox().conversation("paced/over-the-change");
                client.post(keyway.path(CHAT), body("paced/over-the-change", true));
                Conversation upstream = coming.get(10, TimeUnit.SECONDS).startStream();
                upstream.event(EVENT);
                Answer head = client.head();
                client.chunksUntil("so far");
                others.execute(() -> askOn(keyway, statuses));

                Path webapps = container.war().resolveSibling("");
                Files.copy(container.war(), webapps.resolve("new"));
                Files.move(webapps.resolve("new"), webapps.resolve("keyway##2.war"));
                container.await("started the new one", SOON, running -> starts(running.log()) == 2);
                container.await(
                        "began to end the old one",
                        SOON,
                        running -> running.log().contains("Undeploying"));
                upstream.event(EVENT.replace("so far", "and on"));
                upstream.send("data: [DONE]\n\n");
                upstream.finish();

                Answer rest = client.bodyOf(head);
                assertThat(rest.text()).contains("and on").endsWith("data: [DONE]\n\n");
                assertThat(rest.whole()).isTrue();
            }
            container.await("took the home over", SOON, running -> running.log().contains("home taken over"));
            int asked = statuses.size();
            container.await("answered once more", SOON, running -> statuses.size() > asked);
            others.shutdownNow();
            assertThat(statuses).containsOnly(200);
            container.report("a parallel deployment, " + statuses.size() + " requests meanwhile");
            saysNothingOfLeaks(container.allLogs());
        } finally {
            others.shutdownNow();
        }
    }

    private static void askOn(KeywayInContainer keyway, Queue<Integer> statuses) {
        while (!Thread.currentThread().isInterrupted()) {
            try (WireClient client = keyway.connect()) {
                statuses.add(client.post(keyway.path(CHAT), body(MODEL, false))
                        .answer()
                        .status());
            } catch (IOException e) {
                statuses.add(0);
            }
        }
    }

    private static void replaceOldVersions(Path base) throws IOException {
        Path server = base.resolve("conf").resolve("server.xml");
        Files.writeString(
                server,
                Files.readString(server)
                        .replace("autoDeploy=\"false\"", "autoDeploy=\"true\" undeployOldVersions=\"true\"")
                        .replace("<Engine ", "<Engine backgroundProcessorDelay=\"1\" "));
    }

    /** In whatever way it ends, the client is told, and the upstream is let go of. */
    private static void endsWithAnErrorEvent(KeywayInContainer keyway, Ending ending) throws Exception {
        try (WireClient client = keyway.connect()) {
            CompletableFuture<Conversation> coming = keyway.sandbox().conversation("paced/until-the-end");
            client.post(keyway.path(CHAT), body("paced/until-the-end", true));
            Conversation upstream = coming.get(10, TimeUnit.SECONDS).startStream();
            upstream.event(EVENT);
            Answer head = client.head();
            client.chunksUntil("so far");

            ending.begin();

            Answer rest = client.bodyOf(head);
            assertThat(rest.whole())
                    .describedAs("%s\n%s", rest, keyway.container().allLogs())
                    .isTrue();
            assertThat(rest.text())
                    .contains("\"finish_reason\":\"error\"", "\"code\":503", "shutting down", "gen-7")
                    .doesNotContain("[DONE]");
            assertThat(upstream.awaitClientClosed(Duration.ofSeconds(5))).isTrue();
        }
    }

    private interface Ending {
        void begin() throws Exception;
    }

    /** Tomcat names what was left running or in its threads; it is SEVERE or WARNING there, WARN in Jetty. */
    private static void saysNothingOfLeaks(String log) {
        assertThat(log.lines()).noneMatch(StopAndRedeployIT::tellsOfALeak);
    }

    static boolean tellsOfALeak(String line) {
        return line.contains("memory leak")
                || line.contains("SEVERE")
                || line.contains("appears to have started a thread")
                || line.contains("ThreadLocal")
                || line.contains("illegal access")
                || line.contains("Illegal access")
                || line.startsWith("\tat ");
    }

    /** As an administrator sets it who wants a new WAR to be taken up. */
    static void watchWebapps(Path base) throws IOException {
        Path tomcat = base.resolve("conf").resolve("server.xml");
        if (Files.exists(tomcat)) {
            Files.writeString(
                    tomcat,
                    Files.readString(tomcat)
                            .replace("autoDeploy=\"false\"", "autoDeploy=\"true\"")
                            .replace("<Engine ", "<Engine backgroundProcessorDelay=\"1\" "));
            Path context = base.resolve("conf")
                    .resolve("Catalina")
                    .resolve("localhost")
                    .resolve("keyway.xml");
            Files.writeString(context, Files.readString(context).replace("\"35000\"", "\"3000\""));
        } else {
            Files.writeString(base.resolve("start.d").resolve("watch.ini"), "jetty.deploy.scanInterval=1\n");
        }
    }

    /**
     * Makes a newer file of the WAR and waits until another loader's Keyway answers and the one before takes nothing more.
     *
     * <p>Jetty starts the new one first; whoever it had sent to the old one when that stops is answered 404 by it.
     */
    private static void touch(StockContainer container, int times) throws Exception {
        String before = container.log();
        touchFile(container);
        container.await(
                "redeployed " + times + " times",
                SOON,
                running -> starts(running.log()) > starts(before) && ends(running.log()) > ends(before));
    }

    private static void touchFile(StockContainer container) throws IOException {
        Files.setLastModifiedTime(container.war(), FileTime.from(Instant.now()));
    }

    /** The line that Keyway prints when it has started. */
    private static long starts(String log) {
        return log.lines()
                .filter(line -> line.contains("Keyway") && line.contains("started"))
                .count();
    }

    private static long ends(String log) {
        return log.lines().filter(line -> line.contains("drain ended")).count();
    }

    private static void serveAll(KeywayInContainer keyway) throws Exception {
        keyway.container().await("serves", SOON, running -> isServed(keyway));
        for (boolean stream : List.of(false, true)) {
            try (WireClient client = keyway.connect()) {
                Answer answer =
                        client.post(keyway.path(CHAT), body(MODEL, stream)).answer();
                assertThat(answer.status()).describedAs("%s", answer).isEqualTo(200);
                assertThat(answer.whole()).isTrue();
            }
        }
    }

    private static boolean isServed(KeywayInContainer keyway) {
        try (WireClient client = keyway.connect()) {
            return client.request("GET", keyway.path("/health")).answer().status() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static String body(String model, boolean stream) {
        return "{\"model\":\"" + model + "\",\"stream\":" + stream
                + ",\"messages\":[{\"role\":\"user\",\"content\":\"hello\"}]}";
    }
}
