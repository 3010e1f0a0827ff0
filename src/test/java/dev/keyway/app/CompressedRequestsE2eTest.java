package dev.keyway.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.app.WireClient.Answer;
import dev.keyway.sandbox.Received;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Request bodies that come compressed. */
final class CompressedRequestsE2eTest {
    private static final int MAX_BODY = 1024 * 1024;
    private static final String BODY = "{\"model\":\"m\",\"input\":\"" + "text ".repeat(2000) + "\",\"t\":1.0}";

    private static E2e e2e;

    @BeforeAll
    static void start(@TempDir Path home) throws IOException {
        e2e = E2e.start(home, "server.max_body=1MB", "server.max_buffered=4MB");
    }

    @AfterAll
    static void stop() {
        e2e.close();
    }

    @BeforeEach
    void forget() {
        e2e.upstream.clear();
    }

    private static byte[] compressed(String coding, byte[] plain) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out =
                coding.equals("deflate") ? new DeflaterOutputStream(bytes) : new GZIPOutputStream(bytes)) {
            out.write(plain);
        }
        return bytes.toByteArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "GZip", "x-gzip", "deflate"})
    void a_rewritten_body_is_decoded(String coding) throws IOException {
        Received received =
                e2e.sent("/v1/responses", compressed(coding, BODY.getBytes(UTF_8)), "Content-Encoding: " + coding);

        assertThat(received.bodyText()).isEqualTo(BODY);
        assertThat(received.headers("Content-Encoding")).isEmpty();
        assertThat(received.headers("Content-Length")).containsExactly(Integer.toString(BODY.length()));
        assertThat(received.headers("Content-Type")).containsExactly("application/json");
    }

    @Test
    void a_tag_inside_a_compressed_body_is_expanded() throws IOException {
        byte[] body = compressed("gzip", "{\"model\":\"m$think\"}".getBytes(UTF_8));

        Received received = e2e.sent("/v1/responses", body, "Content-Encoding: gzip");

        assertThat(received.bodyText()).isEqualTo("{\"model\":\"m\",\"reasoning\":{\"enabled\":true}}");
    }

    @Test
    void identity_is_no_coding() throws IOException {
        Received received = e2e.sent("/v1/responses", BODY, "Content-Encoding: identity");

        assertThat(received.bodyText()).isEqualTo(BODY);
        assertThat(received.headers("Content-Encoding")).isEmpty();
    }

    @Test
    void two_members_of_gzip_are_one_body() throws IOException {
        byte[] first = compressed("gzip", "{\"model\":".getBytes(UTF_8));
        byte[] second = compressed("gzip", "\"m\"}".getBytes(UTF_8));
        byte[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);

        assertThat(e2e.sent("/v1/responses", both, "Content-Encoding: gzip").bodyText())
                .isEqualTo("{\"model\":\"m\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"br", "zstd", "compress", "gzip, gzip", "gzip, br"})
    void another_coding_is_refused_by_name(String coding) throws IOException {
        Answer answer = e2e.post("/v1/responses", BODY, "Content-Encoding: " + coding);

        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.message()).contains(coding, "gzip", "deflate");
        assertThat(e2e.upstream.received()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate"})
    void a_body_that_is_not_what_its_coding_says_is_refused(String coding) throws IOException {
        byte[] whole = compressed(coding, BODY.getBytes(UTF_8));
        for (byte[] broken : List.of(
                BODY.getBytes(UTF_8),
                E2e.NOTHING,
                Arrays.copyOf(whole, 5),
                Arrays.copyOf(whole, whole.length - 2),
                Arrays.copyOf(whole, whole.length / 2))) {
            Answer answer = e2e.post("/v1/responses", broken, "Content-Encoding: " + coding);

            assertThat(answer.status()).describedAs(answer.text()).isEqualTo(400);
            assertThat(answer.message()).doesNotContain("text text");
        }
        assertThat(e2e.upstream.received()).isEmpty();
    }

    /** 64 MB decoded in 64 KB sent; the limit is for what is decoded, and memory is taken for no more than that. */
    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate"})
    void a_bomb_is_refused_at_the_limit_of_what_it_decodes_to(String coding) throws IOException {
        byte[] bomb = compressed(coding, new byte[64 * MAX_BODY]);
        assertThat(bomb.length).isLessThan(MAX_BODY / 8);

        for (int round = 0; round < 8; round++) {
            Answer answer = e2e.post("/v1/responses", bomb, "Content-Encoding: " + coding);

            assertThat(answer.status()).isEqualTo(413);
            assertThat(answer.message()).contains("server.max_body");
        }
        assertThat(e2e.upstream.received()).isEmpty();
        // 4 MB hold no more than three of them at once: each has given its room back.
        byte[] large = new byte[MAX_BODY - 100];
        Arrays.fill(large, (byte) ' ');
        large[0] = '{';
        large[large.length - 1] = '}';
        assertThat(e2e.sent("/v1/responses", compressed(coding, large), "Content-Encoding: " + coding)
                        .body())
                .isEqualTo(large);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "br", "anything"})
    void on_other_routes_a_compressed_body_passes_as_it_came(String coding) throws IOException {
        byte[] body = compressed("gzip", BODY.getBytes(UTF_8));

        Received received = e2e.sent("/v1/audio/transcriptions", body, "Content-Encoding: " + coding);

        assertThat(received.body()).isEqualTo(body);
        assertThat(received.headers("Content-Encoding")).containsExactly(coding);
    }
}
