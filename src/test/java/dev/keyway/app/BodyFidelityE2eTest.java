package dev.keyway.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.sandbox.Received;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is not named by a rule reaches the upstream byte for byte. */
final class BodyFidelityE2eTest {
    private static final String USAGE = ",\"usage\":{\"include\":true}";
    private static final String TAGGED = "\"model\":\"a/b$think.high\"";
    private static final String PLAIN = "\"model\":\"a/b\"";
    private static final String REASONING = ",\"reasoning\":{\"enabled\":true,\"effort\":\"high\"}";

    private static E2e e2e;

    @BeforeAll
    static void start(@TempDir Path home) throws IOException {
        e2e = E2e.start(home);
    }

    @AfterAll
    static void stop() {
        e2e.close();
    }

    /** Members of odd but valid JSON; each stands before and after the model. */
    private static final List<String> ODD = List.of(
            "\"temperature\":1.0",
            "\"top_p\" : 1e2",
            "\"big\":123456789012345678901234567890.50e-07",
            "\"minus\":-0.0",
            "\"text\":\"caf\\u00e9 \\uD83D\\ude00 \\/ \\b\\f\\n\"",
            "\"raw\":\"café \uD83D\uDE00 \u2028\"",
            "\"n\\u0061me\":\"escaped name\"",
            "\"lone\":\"\\ud800\"",
            "\"space\"\t:\r\n  [ 1 ,\t2\n, {  } , [ ] ]",
            "\"twice\":{\"a\":1,\"a\":2,\"model\":\"x$fp8\",\"model\":\"y\"}",
            "\"empty\":\"\",\"\":0",
            "\"null\":null");

    @Test
    void odd_members_before_and_after_the_named_ones_arrive_as_they_were() throws IOException {
        for (String odd : ODD) {
            String body = " {\n " + odd + " ,  " + TAGGED + "\t, \"messages\" : [ ] , \"z\":0 \r\n} \n";

            Received received = e2e.sent(E2e.CHAT, body);

            String arrived = received.bodyText();
            assertThat(arrived).describedAs(odd).contains(REASONING).contains(USAGE);
            assertThat(arrived.replace(REASONING, "").replace(USAGE, ""))
                    .describedAs(odd)
                    .isEqualTo(body.replace(TAGGED, PLAIN));
            assertThat(received.headers("Content-Length")).containsExactly(Integer.toString(received.body().length));
            assertThat(received.headers("Transfer-Encoding")).isEmpty();
        }
    }

    @Test
    void all_of_them_at_once_arrive_as_they_were() throws IOException {
        String all = String.join(" , ", ODD);
        String body = "{" + all + "," + TAGGED + ",\"messages\":[]}";

        String arrived = e2e.sent(E2e.CHAT, body).bodyText();

        assertThat(arrived.replace(REASONING, "").replace(USAGE, "")).isEqualTo(body.replace(TAGGED, PLAIN));
    }

    @Test
    void what_is_nested_400_deep_arrives_as_it_was() throws IOException {
        String deep = "[ ".repeat(398) + "1.0" + " ]".repeat(398);
        String body = "{" + PLAIN + ",\"messages\":[],\"deep\":" + deep + "}";

        String arrived = e2e.sent(E2e.CHAT, body).bodyText();

        assertThat(arrived.replace(USAGE, "")).isEqualTo(body);
    }

    @Test
    void twenty_megabytes_of_base64_arrive_as_they_were() throws IOException {
        byte[] noise = new byte[15 * 1024 * 1024];
        new Random(20_261_120).nextBytes(noise);
        ByteArrayOutputStream body = new ByteArrayOutputStream(21 * 1024 * 1024);
        body.writeBytes(("{" + TAGGED + ",\"messages\":[{\"role\":\"user\",\"content\":\"").getBytes(UTF_8));
        body.writeBytes(Base64.getEncoder().encode(noise));
        body.writeBytes("\"}],\"temperature\":1.0".getBytes(UTF_8));
        byte[] sent = body.toByteArray();
        byte[] whole = concat(sent, "}".getBytes(UTF_8));

        byte[] arrived = e2e.sent(E2e.CHAT, whole).body();

        // The same bytes but for the model's tag, and before the last brace what the tag and the usage add.
        byte[] expected =
                concat(("{" + PLAIN).getBytes(UTF_8), Arrays.copyOfRange(sent, 1 + TAGGED.length(), sent.length));
        int added = arrived.length - 1 - expected.length;
        String tail = new String(arrived, expected.length, added, UTF_8);
        assertThat(tail.replace(REASONING, "").replace(USAGE, "")).isEmpty();
        assertThat(sha256(Arrays.copyOf(arrived, expected.length))).isEqualTo(sha256(expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{ \"messages\" : [ ] ,\"temperature\":1.0, \"usage\" : { \"include\" : false } }",
                "{\"model\":null,\"t\":1e2}",
                "{\"model\" : 17 , \"usage\":3}",
                "{\"model\":[\"a$think\"],\"messages\":[]}",
                "{\"model\":{\"model\":\"a$think\"}}\r\n",
                "{}",
                " { } "
            })
    void a_body_without_a_model_or_with_one_that_is_no_string_arrives_as_it_was(String body) throws IOException {
        for (String route :
                List.of(E2e.CHAT, "/v1/completions", "/api/v1/responses", "/v1/messages", "/v1/embeddings")) {
            assertThat(e2e.sent(route, body).body()).describedAs(route).isEqualTo(body.getBytes(UTF_8));
        }
    }

    @Test
    void a_model_without_tags_is_not_written_anew() throws IOException {
        String body = "{ \"mod\\u0065l\" : \"a\\/b\" , \"input\":\"x\"}";

        assertThat(e2e.sent("/v1/responses", body).bodyText()).isEqualTo(body);
    }

    @Test
    void a_route_that_is_not_rewritten_passes_any_bytes() throws IOException {
        byte[] bytes = new byte[300_000];
        new Random(7).nextBytes(bytes);

        Received received =
                e2e.sent("/v1/audio/transcriptions?a=%2f&b", bytes, "Content-Type: multipart/form-data; boundary=x");

        assertThat(received.body()).isEqualTo(bytes);
        assertThat(received.target()).isEqualTo("/api/v1/audio/transcriptions?a=%2f&b");
        assertThat(received.headers("Content-Type")).containsExactly("multipart/form-data; boundary=x");
        assertThat(received.headers("Content-Length")).containsExactly("300000");
        assertThat(received.headers("Transfer-Encoding")).isEmpty();
    }

    @Test
    void chunks_of_a_route_that_is_not_rewritten_arrive_whole() throws IOException {
        e2e.upstream.clear();
        try (WireClient client = new WireClient(e2e.port())) {
            client.head("POST", "/v1/audio/transcriptions", "Transfer-Encoding: chunked");
            client.chunk("first ".getBytes(UTF_8));
            client.chunk("second".getBytes(UTF_8));
            client.chunk(E2e.NOTHING);
            client.answer("POST");
        }

        assertThat(e2e.upstream.received().get(0).bodyText()).isEqualTo("first second");
    }

    @Test
    void chunks_of_a_rewritten_body_become_one_length() throws IOException {
        e2e.upstream.clear();
        try (WireClient client = new WireClient(e2e.port())) {
            client.head("POST", "/v1/responses", "Transfer-Encoding: chunked");
            client.chunk("{\"model\"".getBytes(UTF_8));
            client.chunk(":\"m\"}".getBytes(UTF_8));
            client.chunk(E2e.NOTHING);
            client.answer("POST");
        }

        Received received = e2e.upstream.received().get(0);
        assertThat(received.bodyText()).isEqualTo("{\"model\":\"m\"}");
        assertThat(received.headers("Content-Length")).containsExactly("13");
        assertThat(received.headers("Transfer-Encoding")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Type: application/x-www-form-urlencoded",
                "Content-Type: text/plain; charset=iso-8859-1",
                "X-Nothing: no type at all"
            })
    void a_rewritten_body_is_called_json_whatever_the_client_calls_it(String header) throws IOException {
        Received received = e2e.sent(E2e.CHAT, "{\"model\":\"m\",\"messages\":[],\"t\":\"é\"}", header);

        assertThat(received.headers("Content-Type")).containsExactly("application/json");
        assertThat(received.bodyText()).contains("\"é\"");
    }

    @Test
    void the_query_is_kept_as_it_was_written() throws IOException {
        Received received = e2e.sent(E2e.CHAT + "?b=%7E&a=1+2&a&=%C3%A9", "{\"model\":\"m\"}");

        assertThat(received.target()).isEqualTo("/api/v1/chat/completions?b=%7E&a=1+2&a&=%C3%A9");
    }

    private static byte[] concat(byte[] first, byte[] second) {
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
