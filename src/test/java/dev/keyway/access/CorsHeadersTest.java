package dev.keyway.access;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Header;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorsHeadersTest {
    private static final String APP = "https://app.example.com";
    private final CorsHeaders cors = new CorsHeaders(List.of(APP), false);

    @Test
    void an_allowed_page_may_read_the_answer() {
        assertThat(cors.onAnswer(APP))
                .contains(new Header("Access-Control-Allow-Origin", APP), new Header("Vary", "Origin"))
                .extracting(Header::name)
                .contains("Access-Control-Expose-Headers");
    }

    @Test
    void other_pages_and_programs_get_no_cors_header() {
        assertThat(cors.onAnswer("https://evil.example")).containsExactly(new Header("Vary", "Origin"));
        assertThat(cors.onAnswer("null")).containsExactly(new Header("Vary", "Origin"));
        assertThat(cors.onAnswer(null)).containsExactly(new Header("Vary", "Origin"));
        assertThat(new CorsHeaders(List.of(), false).onAnswer(APP)).isEmpty();
    }

    @Test
    void credentials_are_for_pages_that_are_named_and_never_for_a_star() {
        CorsHeaders withCredentials = new CorsHeaders(List.of(APP, "*"), true);
        Header allowed = new Header("Access-Control-Allow-Credentials", "true");

        assertThat(withCredentials.onAnswer(APP)).contains(allowed);
        assertThat(withCredentials.onOptions(APP, "authorization")).contains(allowed);
        assertThat(withCredentials.onAnswer("https://other.example"))
                .contains(new Header("Access-Control-Allow-Origin", "https://other.example"))
                .doesNotContain(allowed);
        assertThat(cors.onAnswer(APP)).doesNotContain(allowed);
    }

    @Test
    void options_is_answered_with_what_is_allowed() {
        assertThat(cors.onOptions(null, null)).contains(new Header("Allow", CorsHeaders.METHODS));
        assertThat(cors.onOptions("https://evil.example", "authorization"))
                .extracting(Header::name)
                .containsExactly("Allow", "Vary");
        assertThat(cors.onOptions(APP, "authorization, x-stainless-os"))
                .contains(
                        new Header("Access-Control-Allow-Origin", APP),
                        new Header("Access-Control-Allow-Methods", CorsHeaders.METHODS),
                        new Header("Access-Control-Allow-Headers", "authorization, x-stainless-os"));
    }

    @Test
    void requested_headers_that_are_no_names_are_not_echoed() {
        for (String hostile : List.of("x\r\nSet-Cookie: a=b", "<script>", "x".repeat(3000), " ")) {
            assertThat(cors.onOptions(APP, hostile))
                    .extracting(Header::value)
                    .doesNotContain(hostile)
                    .contains("Authorization, Content-Type, X-API-Key, X-Request-ID");
        }
    }
}
