package dev.keyway.app;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.keyway.app.WireClient.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What Keyway refuses by itself: in one shape, with the request's id, quoting nothing, the upstream never asked. */
final class RefusedRequestsE2eTest {
    private static final String SECRET = "confidential-prompt";

    private static E2e e2e;

    @BeforeAll
    static void start(@TempDir Path home) throws IOException {
        e2e = E2e.start(home);
    }

    @AfterAll
    static void stop() {
        e2e.close();
    }

    @BeforeEach
    void forget() {
        e2e.upstream.clear();
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    record Bad(String name, byte[] body) {
        static Bad of(String name, String body) {
            return new Bad(name, body.getBytes(UTF_8));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Bad> bodies() {
        String rest = ",\"messages\":[{\"role\":\"user\",\"content\":\"" + SECRET + "\"}]}";
        return Stream.of(
                Bad.of("empty", ""),
                Bad.of("only white space", " \r\n\t"),
                Bad.of("an array", "[{\"model\":\"m\",\"input\":\"" + SECRET + "\"}]"),
                Bad.of("a string", "\"" + SECRET + "\""),
                Bad.of("null", "null"),
                Bad.of("the model twice", "{\"model\":\"m\",\"model\":\"" + SECRET + "\"}"),
                Bad.of("the model twice, once escaped", "{\"model\":\"m\",\"m\\u006fdel\":\"" + SECRET + "\"}"),
                Bad.of("another member twice", "{\"model\":\"m\",\"" + SECRET + "\":1,\"" + SECRET + "\":2}"),
                Bad.of("cut off", "{\"model\":\"m\",\"input\":\"" + SECRET),
                Bad.of("a trailing comma", "{\"model\":\"m\",\"input\":\"" + SECRET + "\",}"),
                Bad.of("single quotes", "{'model':'" + SECRET + "'}"),
                Bad.of("a comment", "{\"model\":\"m\"/*" + SECRET + "*/}"),
                Bad.of("NaN", "{\"model\":\"m\",\"t\":NaN,\"input\":\"" + SECRET + "\"}"),
                Bad.of("a leading zero", "{\"model\":\"m\",\"t\":01,\"input\":\"" + SECRET + "\"}"),
                Bad.of("text after the end", "{\"model\":\"m\"} " + SECRET),
                Bad.of("a second object", "{\"model\":\"m\"}{\"input\":\"" + SECRET + "\"}"),
                Bad.of("a raw line end in a string", "{\"model\":\"m\",\"input\":\"" + SECRET + "\n\"}"),
                Bad.of("a wrong escape", "{\"model\":\"m\",\"input\":\"" + SECRET + "\\x\"}"),
                Bad.of("a byte order mark", "\uFEFF{\"model\":\"m\"" + rest),
                Bad.of("too deep", "{\"model\":\"m\",\"a\":" + "[".repeat(501) + "]".repeat(501) + rest),
                new Bad("Latin-1", ("{\"model\":\"m\",\"input\":\"\u00e9" + SECRET + "\"}").getBytes(ISO_8859_1)),
                new Bad(
                        "an overlong escape",
                        ("{\"model\":\"m\",\"input\":\"\u00c0\u00af" + SECRET + "\"}").getBytes(ISO_8859_1)),
                new Bad("UTF-16", ("{\"model\":\"" + SECRET + "\"}").getBytes(UTF_16)),
                Bad.of("a form", "model=m&input=" + SECRET));
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void a_body_that_is_not_one_json_object_is_refused_on_every_rewritten_route(Bad bad) throws IOException {
        for (String target :
                List.of(E2e.CHAT, "/api/v1/completions", "/v1/responses", "/v1/embeddings", "/v1/rerank")) {
            Answer answer = e2e.post(target, bad.body(), "X-Request-ID: req-1");

            assertThat(answer.status()).describedAs(target + answer.text()).isEqualTo(400);
            assertOneShape(answer, "validation");
        }
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void on_messages_it_is_refused_in_the_shape_of_that_api(Bad bad) throws IOException {
        Answer answer = e2e.post("/v1/messages", bad.body(), "X-Request-ID: req-1");

        assertThat(answer.status()).isEqualTo(400);
        JsonNode body = answer.json();
        assertThat(body.path("type").asText()).isEqualTo("error");
        assertThat(body.path("error").path("type").asText()).isEqualTo("invalid_request_error");
        assertThat(body.path("error").path("message").asText()).isNotBlank();
        assertThat(body.path("request_id").asText()).isEqualTo("req-1");
        assertThat(answer.text()).doesNotContain(SECRET.substring(0, 8));
        assertThat(e2e.upstream.received()).isEmpty();
    }

    private static void assertOneShape(Answer answer, String type) throws IOException {
        JsonNode error = answer.json().path("error");
        assertThat(answer.headers("Content-Type")).containsExactly("application/json");
        assertThat(error.path("code").asInt()).isEqualTo(answer.status());
        assertThat(error.path("type").asText()).isEqualTo(type);
        assertThat(error.path("message").asText())
                .isNotBlank()
                .isEqualTo(answer.json().path("detail").asText());
        assertThat(error.path("request_id").asText()).isEqualTo("req-1");
        assertThat(answer.text()).doesNotContain(SECRET.substring(0, 8));
        assertThat(e2e.upstream.received()).isEmpty();
    }

    @Test
    void the_message_says_what_is_wrong() throws IOException {
        assertThat(e2e.post(E2e.CHAT, "{\"model\":\"m\",\"model\":\"m\"}").message())
                .contains("second time");
        assertThat(e2e.post(E2e.CHAT, "{\"a\":" + "[".repeat(600) + "]".repeat(600) + "}")
                        .message())
                .contains("500");
        assertThat(e2e.post(E2e.CHAT, "").message()).contains("ends");
        assertThat(e2e.post(E2e.CHAT, "[]").message()).contains("object");
    }

    @ParameterizedTest
    @CsvSource({
        "GET,/nothing",
        "POST,/chat/completions",
        "GET,/healthy",
        "GET,/v2/models",
        "GET,/v1x/models",
        "GET,/v1",
        "GET,/api/v1",
        "GET,/index.jsp",
        "GET,/WEB-INF/web.xml"
    })
    void an_unknown_route_is_not_found(String method, String target) throws IOException {
        Answer answer = e2e.ask(method, target, "X-Request-ID: req-1");

        assertThat(answer.status()).describedAs(answer.text()).isEqualTo(404);
        assertOneShape(answer, "not_found");
        assertThat(answer.message()).isEqualTo("Route " + method + " " + target + " not found");
    }

    /** Jetty maps them to the servlet of the data API, so the rules of the data API decide. */
    @ParameterizedTest
    @CsvSource({"/api%2fv1/models", "/v1%2Fcredits", "/api/v1%2fkeys"})
    void an_encoded_prefix_is_ambiguous(String target) throws IOException {
        Answer answer = e2e.ask("GET", target, "X-Request-ID: req-1");

        assertThat(answer.status()).describedAs(answer.text()).isEqualTo(400);
        assertOneShape(answer, "validation");
    }

    @ParameterizedTest
    @CsvSource({"POST,/health", "DELETE,/health", "PUT,/", "POST,/", "TRACE,/", "TRACE,/health"})
    void a_wrong_method_on_a_route_of_ours_names_the_right_ones(String method, String target) throws IOException {
        Answer answer = e2e.ask(method, target, "X-Request-ID: req-1");

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.headers("Allow")).containsExactly("GET, HEAD");
        assertOneShape(answer, "validation");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v1/models", "/api/v1/chat/completions"})
    void trace_is_refused_and_nothing_of_it_is_told_back(String target) throws IOException {
        Answer answer = e2e.ask("TRACE", target, "X-Request-ID: req-1", "X-Secret: " + SECRET);

        assertThat(answer.status()).isEqualTo(405);
        assertThat(answer.header("Allow")).contains("GET", "POST").doesNotContain("TRACE");
        assertOneShape(answer, "validation");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/v1/models/..%2fkeys",
                "/v1/models/..%2Fkeys",
                "/v1/%2e%2e/keys",
                "/v1/models/../keys",
                "/v1/./models",
                "/v1//models",
                "//v1/models",
                "/v1/models;x=1",
                "/v1;x/models",
                "/v1/models%3Bx",
                "/v1/models%5ckeys",
                "/v1/models%0a",
                "/v1/models%252f..",
                "/v1/models%ff",
                "/%761/models"
            })
    void an_ambiguous_path_is_refused(String target) throws IOException {
        Answer answer = e2e.get(target, "X-Request-ID: req-1");

        assertThat(answer.status()).describedAs(answer.text()).isEqualTo(400);
        assertOneShape(answer, "validation");
    }

    /** Refused before its headers are read, so that the client's request id is not known. */
    @Test
    void a_path_with_a_zero_byte_is_refused() throws IOException {
        Answer answer = e2e.get("/v1/models%00");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().path("error").path("type").asText()).isEqualTo("validation");
        assertThat(e2e.upstream.received()).isEmpty();
    }

    @Test
    void an_encoded_slash_in_a_model_id_is_not_ambiguous_and_arrives_encoded() throws IOException {
        e2e.get("/v1/models/a%2Fb:free/endpoints");

        assertThat(e2e.upstream.received().get(0).target()).isEqualTo("/api/v1/models/a%2Fb:free/endpoints");
    }
}
