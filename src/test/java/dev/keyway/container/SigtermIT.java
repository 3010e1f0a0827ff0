package dev.keyway.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyway.sandbox.Conversation;
import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.KeywayInContainer;
import dev.keyway.testing.container.WireClient;
import dev.keyway.testing.container.WireClient.Answer;
import java.io.IOException;
import java.net.ConnectException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** SIGTERM to a stock container with the settings in {@code etc}: who is served is served to the end, nobody else is. */
class SigtermIT {
    private static final String MODEL = "paced/over-the-signal";
    private static final Duration SOON = Duration.ofSeconds(10);

    private static String event(String content) {
        return "{\"id\":\"gen-7\",\"model\":\"m\",\"created\":7,\"choices\":[{\"index\":0,\"delta\":{\"content\":\""
                + content + "\"},\"finish_reason\":null}]}";
    }

    @ParameterizedTest
    @MethodSource("dev.keyway.testing.container.Deployment#oneOfEach")
    void a_running_stream_ends_whole_and_a_load_balancer_is_refused_at_once(Deployment deployment) throws Exception {
        try (KeywayInContainer keyway =
                        KeywayInContainer.start(deployment, Map.of("KEYWAY_SERVER_DRAIN_TIMEOUT", "30s"));
                WireClient kept = keyway.connect();
                WireClient client = keyway.connect()) {
            assertThat(kept.request("GET", keyway.path("/health/ready"))
                            .answer()
                            .status())
                    .isEqualTo(200);
            CompletableFuture<Conversation> coming = keyway.sandbox().conversation(MODEL);
            client.post(
                    keyway.path("/v1/chat/completions"),
                    "{\"model\":\"" + MODEL + "\",\"stream\":true,\"messages\":[]}");
            Conversation upstream = coming.get(10, TimeUnit.SECONDS).startStream();
            upstream.event(event("before"));
            Answer head = client.head();
            client.chunksUntil("before");

            keyway.container().terminate();
            await("a new connection is refused").atMost(SOON).until(() -> isRefused(keyway));
            assertThat(statusOn(kept, keyway.path("/v1/models")))
                    .describedAs("503 of the container's own, or the end of a kept connection")
                    .isIn(503, 0);
            upstream.event(event("after")).event("[DONE]").finish();

            Answer rest = client.bodyOf(head);
            assertThat(rest.whole()).isTrue();
            assertThat(rest.text()).contains("after").endsWith("data: [DONE]\n\n");
            // Jetty waits for the connections it has, up to their idle timeout.
            client.socket().close();
            kept.socket().close();
            keyway.container().awaitExit(Duration.ofSeconds(30));
            assertThat(keyway.sandbox().received())
                    .describedAs("nothing new was sent on")
                    .hasSize(1);
            keyway.container().report("a stream ended whole after SIGTERM");
        }
    }

    private static boolean isRefused(KeywayInContainer keyway) throws IOException {
        try (WireClient fresh = keyway.connect()) {
            return fresh.socket().isClosed();
        } catch (ConnectException refused) {
            return true;
        }
    }

    /** 0 when the connection has ended. */
    private static int statusOn(WireClient client, String path) {
        try {
            return client.request("GET", path).answer().status();
        } catch (IOException ended) {
            return 0;
        }
    }
}
