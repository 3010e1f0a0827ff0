package dev.keyway.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.testing.ForwardProxy;
import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.KeywayInContainer;
import dev.keyway.testing.container.WireClient;
import dev.keyway.testing.container.WireClient.Answer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code requestProxy} in a stock container; all else about it is for {@code OutgoingProxyIT}. */
@SuppressWarnings("try") // the proxy ends before the test does
class OutgoingProxyInTomcatIT {
    private static final String PASSWORD = "pass-word-of-the-proxy";
    private static final String BODY =
            "{\"model\":\"openai/gpt-4o-mini\",\"messages\":[{\"role\":\"user\"," + "\"content\":\"hello\"}]}";

    @TempDir
    Path folder;

    @Test
    void openrouter_is_reached_through_the_proxy_and_not_without_it() throws Exception {
        List<Deployment> all = Deployment.oneOfEach();
        try (ForwardProxy proxy = ForwardProxy.start(ForwardProxy.Kind.HTTP, folder, PASSWORD);
                KeywayInContainer keyway = KeywayInContainer.start(
                        all.get(all.size() - 1),
                        Map.of(
                                "KEYWAY_REQUESTPROXY_ENABLED",
                                "true",
                                "KEYWAY_REQUESTPROXY_URL",
                                proxy.url(ForwardProxy.USER + ":" + PASSWORD)))) {
            Answer through = ask(keyway);
            proxy.close();
            Answer without = ask(keyway);

            assertThat(through.status()).describedAs("%s", through).isEqualTo(200);
            assertThat(without.status()).describedAs("%s", without).isEqualTo(502);
            assertThat(new String(without.body(), StandardCharsets.UTF_8))
                    .contains("proxy")
                    .doesNotContain(PASSWORD);
            assertThat(keyway.sandbox().received().stream()
                            .filter(received -> received.method().equals("POST")))
                    .hasSize(1);
            assertThat(keyway.container().allLogs()).doesNotContain(PASSWORD);
            keyway.container().report("reaches OpenRouter through a proxy");
        }
    }

    private static Answer ask(KeywayInContainer keyway) throws Exception {
        try (WireClient client = keyway.connect()) {
            return client.post(keyway.path("/v1/chat/completions"), BODY).answer();
        }
    }
}
