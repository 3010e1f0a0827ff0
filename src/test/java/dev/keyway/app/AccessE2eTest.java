package dev.keyway.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.keyway.app.WireClient.Answer;
import dev.keyway.sandbox.Received;
import dev.keyway.sandbox.Reply;
import dev.keyway.testing.RunningKeyway;
import dev.keyway.wire.Secret;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in and whose key goes upstream for them, over HTTP. */
final class AccessE2eTest {
    private static final String OWN_KEY = "sk-or-v1-9999999999999999999999999999999999999999999999999999999999999999";
    private static final String OWN = "Authorization: Bearer " + OWN_KEY;
    private static final String PAGE = "https://app.example.com";
    private static final String POOL = "Bearer " + RunningKeyway.POOL_KEY;
    private static final String CREDITS = "/v1/credits";

    /** A gateway for all tests of a class. */
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    private abstract static class WithGateway {
        private final String[] settings;
        E2e e2e;

        @SuppressWarnings("NullAway.Init") // set before the first test
        WithGateway(String... settings) {
            this.settings = settings;
        }

        @BeforeAll
        void start(@TempDir Path home) throws IOException {
            e2e = E2e.start(home, settings);
        }

        @AfterAll
        void stop() {
            e2e.close();
        }

        @BeforeEach
        void forget() {
            e2e.upstream.clear();
        }

        /** The values of Authorization that the one request upstream had. */
        List<String> keysSent() {
            List<Received> received = e2e.upstream.received();
            assertThat(received).hasSize(1);
            assertThat(received.get(0).headers("x-api-key")).isEmpty();
            return received.get(0).headers("Authorization");
        }

        void assertRefused(Answer answer, String... words) throws IOException {
            assertThat(answer.status()).describedAs(answer.text()).isEqualTo(403);
            assertThat(answer.json().path("error").path("type").asText()).isEqualTo("permission");
            assertThat(answer.message()).contains(words);
            assertThat(e2e.upstream.received()).isEmpty();
        }
    }

    @Nested
    class OpenPool extends WithGateway {
        @ParameterizedTest
        @ValueSource(
                strings = {"localhost", "localhost:3000", "127.0.0.1", "127.9.9.9:80", "[::1]:3000", "x.localhost"})
        void a_local_request_gets_a_pool_key_whatever_it_shows(String host) throws IOException {
            for (String shown : List.of("X-Nothing: 1", "Authorization: Bearer sk-dummy", OWN, "x-api-key: any")) {
                e2e.upstream.clear();

                assertThat(e2e.get(CREDITS, "Host: " + host, shown).status()).isEqualTo(200);

                assertThat(keysSent()).containsExactly(POOL);
            }
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Host: gateway.example.com",
                    "Host: localhost.example.com",
                    "Host: 192.168.0.7:3000",
                    "Host: 127.0.0.1.example.com",
                    "Forwarded: for=127.0.0.1",
                    "X-Forwarded-For: 127.0.0.1",
                    "X-Forwarded-Proto: https",
                    "X-Real-IP: 127.0.0.1",
                    "Via: 1.1 nginx"
                })
        void any_other_request_is_refused_and_told_both_settings(String header) throws IOException {
            assertRefused(e2e.get(CREDITS, header), "server.access_key", "server.allow_open");
            assertRefused(e2e.post(E2e.CHAT, E2e.chat("m"), header, OWN), "server.access_key", "server.allow_open");
        }

        @ParameterizedTest
        @ValueSource(strings = {PAGE, "null", "http://localhost", "http://localhost:1", "https://127.0.0.1"})
        void a_page_of_another_origin_is_refused(String origin) throws IOException {
            Answer answer = e2e.post(E2e.CHAT, E2e.chat("m"), "Origin: " + origin);

            assertRefused(answer, "cors.allowed_origins");
            assertThat(answer.headers("Access-Control-Allow-Origin")).isEmpty();
            assertRefused(e2e.get("/v1/models", "Origin: " + origin), "ALLOWED_ORIGINS");
        }

        @Test
        void a_page_of_its_own_origin_is_served() throws IOException {
            Answer answer = e2e.get(CREDITS, "Origin: http://localhost:" + e2e.port());

            assertThat(answer.status()).isEqualTo(200);
            assertThat(e2e.upstream.received().get(0).header("Origin")).isNull();
        }
    }

    @Nested
    class PoolThatWasOpenedToAll extends WithGateway {
        PoolThatWasOpenedToAll() {
            super("server.allow_open=true");
        }

        @Test
        void everyone_gets_a_pool_key_but_pages_do_not() throws IOException {
            assertThat(e2e.get(CREDITS, "Host: gateway.example.com", "X-Forwarded-For: 192.0.2.1")
                            .status())
                    .isEqualTo(200);
            assertThat(keysSent()).containsExactly(POOL);
            e2e.upstream.clear();
            assertRefused(e2e.get(CREDITS, "Origin: " + PAGE), "cors.allowed_origins");
        }
    }

    @Nested
    class AccessKeys extends WithGateway {
        private static final String ALICE = "alices-own-access-key-1234567890";

        AccessKeys() {
            super(
                    "server.access_key=" + E2e.ACCESS_KEY,
                    "server.access_keys=[{name: alice, key: " + ALICE + "}]",
                    "cors.allowed_origins=" + PAGE);
        }

        @ParameterizedTest
        @CsvSource(
                delimiter = '|',
                value = {
                    "X-Nothing: 1                       | Authorization header missing",
                    "Authorization: Basic dXNlcjpwYXNz  | Invalid authentication scheme",
                    "Authorization: Bearer wrong        | Invalid access key",
                    "Authorization: Bearer              | Invalid access key",
                    "Authorization: bearer wrong        | Invalid access key",
                    "x-api-key: wrong                   | Invalid access key"
                })
        void others_are_told_what_is_missing(String header, String message) throws IOException {
            Answer answer = e2e.post(E2e.CHAT, E2e.chat("m"), header);

            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.headers("WWW-Authenticate")).containsExactly("Bearer");
            assertThat(answer.message()).isEqualTo(message);
            assertThat(answer.json().path("detail").asText()).isEqualTo(message);
            assertThat(answer.json().path("error").path("type").asText()).isEqualTo("authentication");
            assertThat(e2e.upstream.received()).isEmpty();
        }

        @Test
        void on_messages_they_are_told_in_the_shape_of_that_api() throws IOException {
            Answer answer = e2e.post("/v1/messages", E2e.chat("m"), "x-api-key: wrong");

            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.json().path("type").asText()).isEqualTo("error");
            assertThat(answer.json().path("error").path("type").asText()).isEqualTo("authentication_error");
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Authorization: Bearer " + E2e.ACCESS_KEY,
                    "Authorization: bearer   " + E2e.ACCESS_KEY,
                    "x-api-key: " + E2e.ACCESS_KEY,
                    "X-API-Key: " + ALICE,
                    "Authorization: Bearer " + ALICE
                })
        void a_known_key_is_exchanged_for_a_pool_key_from_anywhere(String header) throws IOException {
            Answer answer = e2e.get(CREDITS, header, "Host: gateway.example.com", "X-Forwarded-For: 192.0.2.1");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(keysSent()).containsExactly(POOL);
        }

        @Test
        void a_wrong_bearer_is_not_saved_by_a_right_api_key() throws IOException {
            assertThat(e2e.get(CREDITS, "Authorization: Bearer wrong", "x-api-key: " + ALICE)
                            .status())
                    .isEqualTo(401);
        }

        @Test
        void an_openrouter_key_of_a_caller_is_refused_and_never_sent() throws IOException {
            assertThat(e2e.get(CREDITS, OWN).status()).isEqualTo(401);
            assertThat(e2e.upstream.received()).isEmpty();
        }

        @ParameterizedTest
        @ValueSource(strings = {"X-Nothing: 1", "Authorization: Bearer wrong", OWN, E2e.BEARER})
        void the_list_of_models_needs_no_key_and_gets_none(String header) throws IOException {
            for (String target :
                    List.of("/v1/models/count", "/api/v1/models/count", "/v1/models?q=1", "/v1/models/a/b/endpoints")) {
                e2e.upstream.clear();

                e2e.get(target, header);

                assertThat(keysSent()).describedAs(target).isEmpty();
            }
        }

        @ParameterizedTest
        @CsvSource({
            "GET,/v1/models/user",
            "GET,/api/v1/models/user",
            "GET,/v1/models%2Fuser",
            "GET,/v1/Models/user",
            "GET,/v1/modelsx",
            "POST,/v1/models",
            "DELETE,/v1/models/a"
        })
        void what_only_looks_like_it_needs_a_key(String method, String target) throws IOException {
            assertThat(e2e.ask(method, target).status()).isEqualTo(401);
            assertThat(e2e.upstream.received()).isEmpty();
        }

        @Test
        void an_allowed_page_may_read_answers_and_errors() throws IOException {
            for (Answer answer : List.of(
                    e2e.get(CREDITS, E2e.BEARER, "Origin: " + PAGE),
                    e2e.post(E2e.CHAT, E2e.chat("openai/gpt-4o-mini"), E2e.BEARER, "Origin: " + PAGE),
                    e2e.post(E2e.CHAT, "{", E2e.BEARER, "Origin: " + PAGE),
                    e2e.post(E2e.CHAT, E2e.chat("sandbox/400"), E2e.BEARER, "Origin: " + PAGE),
                    e2e.get(CREDITS, "Origin: " + PAGE),
                    e2e.get("/nothing", "Origin: " + PAGE),
                    e2e.get("/health", "Origin: " + PAGE))) {
                assertThat(answer.headers("Access-Control-Allow-Origin"))
                        .describedAs("%s %s", answer.status(), answer.lines())
                        .containsExactly(PAGE);
                assertThat(answer.header("Access-Control-Expose-Headers")).contains("X-Request-ID", "Retry-After");
                assertThat(answer.headers("Vary")).contains("Origin");
                assertThat(answer.headers("Access-Control-Allow-Credentials")).isEmpty();
            }
        }

        @Test
        void another_page_is_told_nothing_of_it() throws IOException {
            Answer answer = e2e.get(CREDITS, E2e.BEARER, "Origin: https://evil.example.com");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.lines()).noneMatch(line -> line.startsWith("Access-Control-"));
            assertThat(answer.headers("Vary")).contains("Origin");
        }

        @Test
        void options_are_answered_without_a_key_and_without_the_upstream() throws IOException {
            Answer preflight = e2e.ask(
                    "OPTIONS",
                    E2e.CHAT,
                    "Origin: " + PAGE,
                    "Access-Control-Request-Method: POST",
                    "Access-Control-Request-Headers: authorization, x-stainless-lang");
            Answer stranger = e2e.ask("OPTIONS", E2e.CHAT, "Origin: https://evil.example.com");
            Answer plain = e2e.ask("OPTIONS", "/api/v1/anything");

            for (Answer answer : List.of(preflight, stranger, plain)) {
                assertThat(answer.status()).isEqualTo(204);
                assertThat(answer.headers("Allow")).hasSize(1);
                assertThat(answer.header("Allow")).contains("GET", "POST", "DELETE", "OPTIONS");
                assertThat(answer.body()).isEmpty();
            }
            assertThat(preflight.headers("Access-Control-Allow-Origin")).containsExactly(PAGE);
            assertThat(preflight.header("Access-Control-Allow-Methods")).contains("POST");
            assertThat(preflight.header("Access-Control-Allow-Headers")).contains("x-stainless-lang");
            assertThat(stranger.lines()).noneMatch(line -> line.startsWith("Access-Control-"));
            assertThat(plain.lines()).noneMatch(line -> line.startsWith("Access-Control-"));
            assertThat(e2e.upstream.received()).isEmpty();
        }

        @Test
        void the_account_is_read_with_a_pool_key_and_not_changed() throws IOException {
            assertThat(e2e.get("/v1/keys", E2e.BEARER).status()).isNotEqualTo(403);
            assertThat(keysSent()).containsExactly(POOL);
            e2e.upstream.clear();
            for (String target : List.of(
                    "/v1/keys",
                    "/api/v1/keys/abc",
                    "/v1/Keys",
                    "/v1/%6beys",
                    "/v1/keys%2Fabc",
                    "/v1/auth/keys",
                    "/v1/byok",
                    "/v1/guardrails/1",
                    "/v1/workspaces",
                    "/v1/organization/members",
                    "/v1/observability/x",
                    "/v1/scim/v2/Users")) {
                for (String method : List.of("POST", "PATCH", "PUT", "DELETE")) {
                    assertRefused(e2e.ask(method, target, E2e.BEARER), "openrouter.account_routes", "read");
                }
            }
        }
    }

    @Nested
    class AccountRoutesAllowed extends WithGateway {
        AccountRoutesAllowed() {
            super("openrouter.account_routes=allow");
        }

        @Test
        void the_account_is_changed_with_a_pool_key() throws IOException {
            Answer answer = e2e.post("/v1/keys", "{}");

            assertThat(answer.status()).isNotEqualTo(403);
            assertThat(keysSent()).containsExactly(POOL);
        }
    }

    @Nested
    class AccountRoutesDenied extends WithGateway {
        AccountRoutesDenied() {
            super("openrouter.account_routes=deny", "auth.passthrough=true");
        }

        @Test
        void the_account_is_not_even_read_with_a_pool_key() throws IOException {
            assertRefused(e2e.get("/v1/keys"), "openrouter.account_routes", "deny");
            assertThat(e2e.get(CREDITS).status()).isEqualTo(200);
        }

        @Test
        void with_the_callers_own_key_everything_passes() throws IOException {
            for (String method : List.of("GET", "POST", "DELETE")) {
                e2e.upstream.clear();

                assertThat(e2e.ask(method, "/v1/keys", OWN).status()).isNotEqualTo(403);

                assertThat(keysSent()).containsExactly("Bearer " + OWN_KEY);
            }
        }
    }

    @Nested
    class Passthrough extends WithGateway {
        Passthrough() {
            super("auth.passthrough=true", "server.access_key=" + E2e.ACCESS_KEY);
        }

        @ParameterizedTest
        @ValueSource(strings = {"Authorization: Bearer " + OWN_KEY, "x-api-key: " + OWN_KEY})
        void an_openrouter_key_of_a_caller_goes_as_it_came(String header) throws IOException {
            Answer answer = e2e.post(E2e.CHAT, E2e.chat("openai/gpt-4o-mini"), header, "Host: gateway.example.com");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(keysSent()).containsExactly("Bearer " + OWN_KEY);
        }

        @Test
        void what_is_said_about_it_is_told_verbatim_after_one_attempt_and_the_pool_is_not_touched() throws IOException {
            String said = "{\"error\":{\"message\":\"User not found.\",\"code\":401}}";
            e2e.upstream.script(OWN_KEY, Reply.json(401, said));

            Answer answer = e2e.post(E2e.CHAT, E2e.chat("m"), OWN);

            assertThat(answer.status()).isEqualTo(401);
            assertThat(answer.text()).isEqualTo(said);
            assertThat(answer.headers("X-Keyway-Attempts")).containsExactly("1");
            assertThat(keysSent()).containsExactly("Bearer " + OWN_KEY);
            e2e.upstream.clear();
            assertThat(e2e.get(CREDITS, E2e.BEARER).status()).isEqualTo(200);
            assertThat(keysSent()).containsExactly(POOL);
        }

        @Test
        void it_stands_in_no_log_and_the_client_is_its_id() throws Exception {
            e2e.get(CREDITS, OWN);
            String id = new Secret(OWN_KEY).id();

            await().atMost(Duration.ofSeconds(5))
                    .untilAsserted(() -> assertThat(e2e.keyway.log("requests"))
                            .anyMatch(line -> line.contains("\"client\":\"" + id + "\"")));
            assertThat(String.join("\n", e2e.keyway.log("requests"))).doesNotContain(OWN_KEY.substring(0, 24));
        }

        @Test
        void anything_else_needs_an_access_key() throws IOException {
            assertThat(e2e.get(CREDITS, "Authorization: Bearer sk-ant-1").status())
                    .isEqualTo(401);
            assertThat(e2e.upstream.received()).isEmpty();
        }
    }

    @Nested
    class NoPool extends WithGateway {
        NoPool() {
            super("openrouter.keys=");
        }

        @ParameterizedTest
        @CsvSource({
            "Authorization: Bearer anything at all,Bearer anything at all",
            "x-api-key: sk-or-v1-mine,Bearer sk-or-v1-mine"
        })
        void what_the_caller_shows_is_forwarded(String header, String forwarded) throws IOException {
            e2e.get(CREDITS, header, "X-Forwarded-For: 192.0.2.1", "Host: gateway.example.com");

            assertThat(keysSent()).containsExactly(forwarded);
        }

        @Test
        void without_a_credential_none_is_forwarded() throws IOException {
            Answer answer = e2e.get(CREDITS);

            assertThat(answer.status()).isEqualTo(401);
            assertThat(keysSent()).isEmpty();
        }
    }

    @Nested
    class EmptyPoolBehindAnAccessKey extends WithGateway {
        EmptyPoolBehindAnAccessKey() {
            super("openrouter.keys=", "server.access_key=" + E2e.ACCESS_KEY);
        }

        @Test
        void the_client_is_told_that_there_is_no_key() throws IOException {
            Answer answer = e2e.get(CREDITS, E2e.BEARER);

            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.message()).isNotBlank();
            assertThat(e2e.upstream.received()).isEmpty();
        }
    }

    @Nested
    class OpenPoolForOnePage extends WithGateway {
        OpenPoolForOnePage() {
            super("cors.allowed_origins=" + PAGE);
        }

        @Test
        void the_listed_page_is_served_and_may_read_it() throws IOException {
            Answer answer = e2e.get(CREDITS, "Origin: " + PAGE);

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.headers("Access-Control-Allow-Origin")).containsExactly(PAGE);
            assertThat(keysSent()).containsExactly(POOL);
        }

        @Test
        void another_page_is_refused() throws IOException {
            assertRefused(e2e.get(CREDITS, "Origin: https://evil.example.com"), "cors.allowed_origins");
        }
    }
}
