package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Received;
import dev.keyway.testing.RunningKeyway;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which app the upstream sees, on the wire. */
final class IdentityE2eTest {
    private static final String OWN_KEY = "sk-or-v1-" + "2".repeat(64);
    private static final String[] CLIENTS = {
        "User-Agent: curl/8", "HTTP-Referer: https://theirs.example", "X-Title: Theirs"
    };

    @TempDir
    private Path home;

    private static List<String> identity(Received received) {
        return received.headerLines().stream()
                .filter(line -> line.matches("(?i)(User-Agent|HTTP-Referer|X-Title|X-OpenRouter-Title):.*"))
                .toList();
    }

    @Test
    void what_a_client_says_passes_and_what_it_leaves_out_is_keyway() throws IOException {
        try (E2e e2e = E2e.start(home)) {
            assertThat(identity(e2e.sent(E2e.CHAT, E2e.chat("m"), CLIENTS))).containsExactly(CLIENTS);
            assertThat(identity(e2e.sent(E2e.CHAT, E2e.chat("m"))))
                    .containsExactly("User-Agent: Keyway", "X-OpenRouter-Title: Keyway", "X-Title: Keyway");
        }
    }

    @Test
    void overridden_headers_are_ours_on_every_kind_of_body() throws IOException {
        try (E2e e2e = E2e.start(
                home,
                "--identity-user-agent=MyApp/1.0.0",
                "--identity-url=https://ours.example",
                "--identity-title=My app")) {
            for (String path : List.of(E2e.CHAT, "/v1/audio/transcriptions")) {
                assertThat(identity(e2e.sent(path, E2e.chat("m"), CLIENTS)))
                        .describedAs(path)
                        .containsExactly(
                                "User-Agent: MyApp/1.0.0",
                                "HTTP-Referer: https://ours.example",
                                "X-OpenRouter-Title: My app",
                                "X-Title: My app");
            }
            e2e.upstream.clear();
            e2e.get("/v1/credits", CLIENTS);
            assertThat(e2e.upstream.received())
                    .singleElement()
                    .satisfies(received -> assertThat(identity(received)).contains("User-Agent: MyApp/1.0.0"));
        }
    }

    @Test
    void a_callers_own_key_goes_with_the_callers_own_headers() throws IOException {
        try (E2e e2e = E2e.start(
                home,
                "server.access_key=" + E2e.ACCESS_KEY,
                "auth.passthrough=true",
                "openrouter.keys=" + RunningKeyway.POOL_KEY,
                "--identity-user-agent=MyApp/1.0.0")) {
            String own = "Authorization: Bearer " + OWN_KEY;

            assertThat(identity(e2e.sent(E2e.CHAT, E2e.chat("m"), own))).isEmpty();
            assertThat(identity(e2e.sent(E2e.CHAT, E2e.chat("m"), own, "User-Agent: curl/8")))
                    .containsExactly("User-Agent: curl/8");
        }
    }
}
