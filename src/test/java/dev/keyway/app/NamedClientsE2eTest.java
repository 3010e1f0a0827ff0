package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.app.WireClient.Answer;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients with names: one of some models only, known by the hash of its key, and one of all. */
final class NamedClientsE2eTest {
    private static final String ALICE = "alices-access-key-0001";
    private static final String AS_ALICE = "Authorization: Bearer " + ALICE;
    private static final String BOB = "bobs-access-key-0000002";
    private static final String AS_BOB = "x-api-key: " + BOB;

    private static E2e e2e;

    @BeforeAll
    static void start(@TempDir Path home) throws IOException {
        String hash = HexFormat.of().formatHex(Secret.sha256(ALICE));
        e2e = E2e.start(
                home,
                "server.access_keys=[{name: alice, key_sha256: " + hash + ", models: [openai/*, '*:free']},"
                        + " {name: bob, key: " + BOB + "}]");
    }

    @AfterAll
    static void stop() {
        e2e.close();
    }

    private static Answer refused(String method, String route, String body, String... headers) throws IOException {
        e2e.upstream.clear();
        Answer answer = WireClient.ask(
                e2e.port(), method, route, body.getBytes(java.nio.charset.StandardCharsets.UTF_8), headers);
        assertThat(answer.status()).isEqualTo(403);
        assertThat(e2e.upstream.received()).isEmpty();
        return answer;
    }

    @ParameterizedTest
    @ValueSource(strings = {"openai/gpt-4o-mini", "deepseek/deepseek-chat-v3.1:free", "openai/gpt-4o$think.high"})
    void a_model_that_is_allowed_goes_upstream(String model) throws IOException {
        assertThat(e2e.sent(E2e.CHAT, E2e.chat(model), AS_ALICE).status()).isLessThan(500);
    }

    /** What counts is what would go upstream, tags taken off. */
    @ParameterizedTest
    @ValueSource(strings = {"anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4.5$think,:free"})
    void another_is_refused_by_name(String model) throws IOException {
        Answer answer = refused("POST", E2e.CHAT, E2e.chat(model), AS_ALICE);

        assertThat(answer.message())
                .isEqualTo("The client \"alice\" may use some models only, not \"anthropic/claude-sonnet-4.5\";"
                        + " allowed: openai/*, *:free");
        assertThat(E2e.json(answer.text()).at("/error/type").asText()).isEqualTo("permission");
    }

    @Test
    void fallbacks_count_and_the_model_must_be_named() throws IOException {
        assertThat(refused("POST", E2e.CHAT, "{\"model\":\"openai/o3\",\"models\":[\"a/b$fp8\"]}", AS_ALICE)
                        .message())
                .contains("not \"a/b\"");
        assertThat(refused("POST", "/v1/embeddings", "{\"input\":\"x\"}", AS_ALICE)
                        .message())
                .contains("must name one");
    }

    /** A body that Keyway does not read may ask for any model. */
    @ParameterizedTest
    @CsvSource({
        "POST,/v1/audio/transcriptions",
        "POST,/v1/presets/mine/chat/completions",
        "POST,/v1/chat/completions/",
        "POST,/v1/chat%2Fcompletions",
        "PUT,/v1/chat/completions"
    })
    void a_route_whose_model_is_not_read_is_closed_to_who_may_use_some_only(String method, String route)
            throws IOException {
        Answer answer = refused(method, route, "{\"model\":\"openai/o3\"}", AS_ALICE);

        assertThat(answer.message()).contains("alice", "/chat/completions", "GET");
    }

    @Test
    void the_list_of_models_stays_whole_and_other_clients_use_all() throws IOException {
        assertThat(e2e.get("/v1/models", AS_ALICE).text())
                .isEqualTo(e2e.get("/v1/models", AS_BOB).text());
        assertThat(e2e.get("/v1/credits", AS_ALICE).status()).isEqualTo(200);
        assertThat(e2e.sent(E2e.CHAT, E2e.chat("anthropic/claude-sonnet-4.5"), AS_BOB)
                        .status())
                .isLessThan(500);
        assertThat(e2e.sent("/v1/audio/transcriptions", "{}", AS_BOB).target())
                .isEqualTo("/api/v1/audio/transcriptions");
    }
}
