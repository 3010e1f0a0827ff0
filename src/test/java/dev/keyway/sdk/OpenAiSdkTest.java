package dev.keyway.sdk;

import dev.keyway.sandbox.Sandbox;
import dev.keyway.sandbox.SandboxOptions;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** The official client before the standalone server. */
class OpenAiSdkTest extends OpenAiSdkContract {
    @SuppressWarnings("NullAway.Init")
    private static Sandbox sandbox;

    @SuppressWarnings("NullAway.Init")
    private static RunningKeyway keyway;

    @BeforeAll
    static void start(@TempDir Path home) throws IOException {
        sandbox = Sandbox.start(SandboxOptions.forTests());
        keyway = RunningKeyway.before(sandbox.baseUrl(), home, Map.of("server.access_key", ACCESS_KEY));
    }

    @AfterAll
    static void stop() {
        keyway.close();
        sandbox.close();
    }

    @Override
    URI baseUrl() {
        return keyway.url("/v1");
    }

    @Override
    Sandbox sandbox() {
        return sandbox;
    }
}
