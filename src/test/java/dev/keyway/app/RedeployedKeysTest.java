package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.config.ConfigSource;
import dev.keyway.config.ServerOptions;
import dev.keyway.launch.StandaloneServer;
import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.Configs;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A container may start a new deployment before it ends the old one: for a moment both have the key file. */
class RedeployedKeysTest {
    private static final String ADDED = "sk-or-v1-added-to-the-new-one";

    @TempDir
    private Path home;

    /** What the old one wrote at its end took the key away again. */
    @SuppressWarnings("try") // its end, in the middle, is what the test is about; a second one does nothing
    @Test
    void key_added_to_the_new_deployment_outlives_the_end_of_the_old_one() throws Exception {
        try (Sandbox upstream = Sandbox.start(SandboxOptions.forTests());
                Deployed before = new Deployed(config(upstream))) {
            before.post("/v1/chat/completions", E2e.chat("openai/gpt-4o-mini"));
            try (Deployed after = new Deployed(config(upstream))) {
                after.post("/admin/keys", "{\"key\":\"" + ADDED + "\"}");

                before.close();

                Path file = home.resolve("data").resolve("keys.json");
                Awaitility.await()
                        .atMost(Duration.ofSeconds(10))
                        .untilAsserted(() -> assertThat(Files.readString(file)).contains(ADDED));
            }
        }
    }

    private ConfigSource config(Sandbox upstream) {
        Map<String, String> settings = Map.of(
                "--home",
                home.toString(),
                "openrouter.base_url",
                upstream.baseUrl().toString(),
                "openrouter.keys",
                "sk-or-v1-of-the-configuration",
                "keys.probe_interval",
                "0",
                "server.log_level",
                "ERROR");
        return Configs.loaded(settings, home);
    }

    /** A gateway as a container deploys it at this context, with a server of its own. */
    private static final class Deployed implements AutoCloseable {
        private final Gateway gateway;
        private final StandaloneServer server;

        Deployed(ConfigSource config) throws IOException {
            InstantSource clock = InstantSource.system();
            gateway = new Gateway(config, clock, clock, "/keyway", null);
            server = StandaloneServer.start(ServerOptions.DEFAULTS.at("127.0.0.1", 0), new ServletContextListener() {
                @Override
                public void contextInitialized(ServletContextEvent event) {
                    gateway.install(event.getServletContext());
                }
            });
        }

        void post(String target, String body) throws IOException {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            assertThat(WireClient.ask(server.port(), "POST", target, bytes, "Content-Type: application/json")
                            .status())
                    .isEqualTo(200);
        }

        @Override
        public void close() {
            gateway.close();
            server.stop(Duration.ZERO);
        }
    }
}
