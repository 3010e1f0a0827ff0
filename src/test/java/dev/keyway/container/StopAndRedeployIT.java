package dev.keyway.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Conversation;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The gateway's end in a container that lives on, and in one that ends: nothing of it is left behind. */
class StopAndRedeployIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final String MODEL = "openai/gpt-4o-mini";
    private static final int REDEPLOYS = 5;
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Pattern LOADERS =
            Pattern.compile("(\\d+) +\\d+ +[\\w.]+\\.(ParallelWebappClassLoader|WebAppClassLoader)\\b");
    /** What is only cached, softly reachable, is let go of by the next collection. */
    private static final Map<String, String> NO_SOFT = Map.of("JDK_JAVA_OPTIONS", "-XX:SoftRefLRUPolicyMSPerMB=0");

    /** Those that every gateway has from its start on; the others come with the first work for them. */
    private static final Pattern OWN_THREADS = Pattern.compile("\"(keyway-(?!lookup|key-file)[a-z]+|HttpClient@)");

    private static final Pattern KEY_FILE_THREADS = Pattern.compile("\"keyway-key-file");

    @ParameterizedTest
    @MethodSource("dev.keyway.testing.container.Deployment#oneOfEach")
    void streams_end_with_an_error_event_and_nothing_of_an_undeployed_gateway_is_left(Deployment deployment)
            throws Exception {
        try (KeywayInContainer keyway = KeywayInContainer.start(deployment, NO_SOFT, StopAndRedeployIT::watchWebapps)) {
            serveAll(keyway);
            int threads = count(OWN_THREADS, keyway.container());
            for (int i = 1; i <= REDEPLOYS; i++) {
                touch(keyway.container(), i);
                serveAll(keyway);
            }

            StockContainer container = keyway.container();
            Awaitility.await("the old ones' threads").untilAsserted(() -> {
                assertThat(count(OWN_THREADS, container)).isLessThanOrEqualTo(threads);
                assertThat(count(KEY_FILE_THREADS, container)).isLessThanOrEqualTo(1);
            });
            Awaitility.await("the old ones' class loaders")
                    .untilAsserted(() -> assertThat(loaders(container))
                            .describedAs("the last one may lie in a cache of the container's")
                            .isLessThanOrEqualTo(2));
            container.report(REDEPLOYS + " redeployments, class loaders: " + loaders(container) + ", own threads: "
                    + count(OWN_THREADS, container));
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

    /** In whatever way it ends, the client is told, and the upstream is let go of. */
    private static void endsWithAnErrorEvent(KeywayInContainer keyway, Ending ending) throws Exception {
        try (WireClient client = keyway.connect()) {
            CompletableFuture<Conversation> coming = keyway.sandbox().conversation("paced/until-the-end");
            client.post(keyway.path(CHAT), body("paced/until-the-end", true));
            Conversation upstream = coming.get(10, TimeUnit.SECONDS).startStream();
            upstream.event("{\"id\":\"gen-7\",\"model\":\"m\",\"created\":7,\"choices\":[{\"index\":0,"
                    + "\"delta\":{\"content\":\"so far\"},\"finish_reason\":null}]}");
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
        assertThat(log.lines())
                .noneMatch(line -> line.contains("memory leak")
                        || line.contains("SEVERE")
                        || line.contains("appears to have started a thread")
                        || line.contains("ThreadLocal")
                        || line.contains("illegal access")
                        || line.contains("Illegal access")
                        || line.startsWith("\tat "));
    }

    /** As an administrator sets it who wants a new WAR to be taken up. */
    private static void watchWebapps(Path base) throws IOException {
        Path tomcat = base.resolve("conf").resolve("server.xml");
        if (Files.exists(tomcat)) {
            Files.writeString(
                    tomcat,
                    Files.readString(tomcat)
                            .replace("autoDeploy=\"false\"", "autoDeploy=\"true\"")
                            .replace("<Engine ", "<Engine backgroundProcessorDelay=\"1\" "));
            Path host = Files.createDirectories(
                    base.resolve("conf").resolve("Catalina").resolve("localhost"));
            Files.writeString(host.resolve("keyway.xml"), "<Context unloadDelay=\"1000\"/>");
        } else {
            Files.writeString(base.resolve("start.d").resolve("watch.ini"), "jetty.deploy.scanInterval=1\n");
        }
    }

    /** Makes a newer file of the WAR and waits until another loader's Keyway answers. */
    private static void touch(StockContainer container, int times) throws Exception {
        String before = container.log();
        touchFile(container);
        container.await("redeployed " + times + " times", SOON, running -> starts(running.log()) > starts(before));
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

    private static int count(Pattern threads, StockContainer container) throws IOException {
        return (int) threads.matcher(container.jcmd("Thread.print")).results().count();
    }

    /** The histogram counts what a full collection left. */
    private static int loaders(StockContainer container) throws IOException {
        Matcher found = LOADERS.matcher(container.jcmd("GC.class_histogram"));
        assertThat(found.find()).isTrue();
        return Integer.parseInt(found.group(1));
    }
}
