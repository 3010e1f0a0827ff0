package dev.keyway.sdk;

import dev.keyway.sandbox.Sandbox;
import dev.keyway.testing.container.Deployment;
import dev.keyway.testing.container.KeywayInContainer;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInfo;

/** The official client before the WAR in a stock Tomcat. */
class OpenAiSdkIT extends OpenAiSdkContract {
    @SuppressWarnings("NullAway.Init")
    private static KeywayInContainer keyway;

    @BeforeAll
    static void start() throws Exception {
        Deployment tomcat = Deployment.oneOfEach().get(1);
        keyway = KeywayInContainer.start(tomcat, Map.of("KEYWAY_SERVER_ACCESS_KEY", ACCESS_KEY));
    }

    @AfterAll
    static void stop() throws IOException {
        keyway.close();
    }

    @AfterEach
    void report(TestInfo test) {
        keyway.container().report("openai-java: " + test.getDisplayName());
    }

    @Override
    URI baseUrl() {
        return keyway.container().uri("/api/v1");
    }

    @Override
    Sandbox sandbox() {
        return keyway.sandbox();
    }
}
