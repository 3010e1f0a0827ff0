package dev.keyway.container;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.ForwardProxy;
import dev.keyway.testing.ForwardProxy.Kind;
import dev.keyway.testing.Post;
import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.StockContainer;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** In a container the client's threads and buffers are others than standalone: a tunnel through a real tinyproxy there. */
class OutgoingProxyInTomcatIT {
    private static final String CHAT = "/v1/chat/completions";
    private static final String POOL_KEY = "sk-or-v1-" + "a".repeat(64);
    private static final String PASSWORD = "pr0xyCanary-Zt4Qw9";

    @TempDir
    private Path folder;

    private static Deployment tomcat11() {
        return Deployment.oneOfEach().stream()
                .filter(deployment -> deployment.toString().startsWith("Tomcat 11"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    @SuppressWarnings("try") // the proxy ends before what uses it
    void the_upstream_is_reached_through_the_proxy_and_never_without_it() throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                ForwardProxy proxy = ForwardProxy.start(Kind.HTTP, folder, PASSWORD);
                StockContainer tomcat = tomcat11()
                        .start(Map.of(
                                "OPENROUTER_API_KEY",
                                POOL_KEY,
                                "OPENROUTER_BASE_URL",
                                ForwardProxy.knownToIt(upstream.baseUrl()).toString(),
                                "KEYWAY_REQUESTPROXY_ENABLED",
                                "true",
                                "KEYWAY_REQUESTPROXY_URL",
                                proxy.url(ForwardProxy.USER + ":" + PASSWORD),
                                "STATIC_ROUTE",
                                "openrouter:openai/gpt-4o-mini",
                                "KEYWAY_SERVER_DRAIN_TIMEOUT",
                                "1s"))) {
            HttpResponse<String> whole = Post.json(tomcat.uri(CHAT), Post.chat("whatever", false));
            HttpResponse<String> stream = Post.json(tomcat.uri(CHAT), Post.chat("whatever", true));

            assertThat(whole.statusCode()).describedAs(whole.body()).isEqualTo(200);
            assertThat(stream.body()).endsWith("data: [DONE]\n\n");
            assertThat(upstream.received()).hasSize(2).allSatisfy(OutgoingProxyInTomcatIT::isRoutedAndClean);

            proxy.close();
            HttpResponse<String> refused = Post.json(tomcat.uri(CHAT), Post.chat("whatever", false));

            assertThat(refused.statusCode()).isEqualTo(502);
            assertThat(refused.body()).contains("outgoing proxy", proxy.url(""));
            assertThat(upstream.received()).hasSize(2);
            tomcat.report("an outgoing proxy");
            assertThat(tomcat.allLogs() + refused.body()).doesNotContain("SEVERE", "\tat ", PASSWORD, POOL_KEY);
        }
    }

    private static void isRoutedAndClean(Received received) {
        assertThat(received.bodyText()).contains("\"openai/gpt-4o-mini\"").doesNotContain("whatever");
        assertThat(received.headers("Host")).singleElement().asString().startsWith(ForwardProxy.NAME + ":");
        assertThat(received.headers("Authorization")).containsExactly("Bearer " + POOL_KEY);
        assertThat(received.headerLines()).noneMatch(line -> line.matches("(?i)(proxy-|via:).*"));
    }
}
