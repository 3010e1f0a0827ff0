package dev.keyway.upstream.account;

import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.keys.KeyCredit;
import dev.keyway.sandbox.Sandbox;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeyAnswerTest {
    /** A Friday. */
    private static final Instant ASKED = Instant.parse("2026-11-27T20:00:00Z");

    private static byte[] fixture(String name) throws IOException {
        try (InputStream file = Objects.requireNonNull(Sandbox.class.getResourceAsStream("fixtures/" + name), name)) {
            return file.readAllBytes();
        }
    }

    private static ProbeResult ok(String singleQuotedData) {
        String body = "{'data':{'limit_remaining':null" + singleQuotedData + "}}";
        return KeyAnswer.of(200, body.replace('\'', '"').getBytes(StandardCharsets.UTF_8), ASKED);
    }

    private static KeyCredit credit(String singleQuotedData) {
        return ((ProbeResult.Accepted) ok(singleQuotedData)).credit();
    }

    @Test
    void a_key_with_a_limit_tells_what_is_left_of_it_and_when_it_is_renewed() throws IOException {
        assertThat(KeyAnswer.of(200, fixture("key.json"), ASKED))
                .isEqualTo(new ProbeResult.Accepted(new KeyCredit(
                        new BigDecimal("19.5"),
                        new BigDecimal("25"),
                        Instant.parse("2026-12-01T00:00:00Z"),
                        988,
                        null,
                        ASKED)));
    }

    @Test
    void a_key_without_a_limit_of_an_account_whose_free_requests_are_used_up() throws IOException {
        assertThat(KeyAnswer.of(200, fixture("key-free.json"), ASKED))
                .isEqualTo(new ProbeResult.Accepted(new KeyCredit(null, null, null, 0, null, ASKED)));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "daily, 2026-11-28T00:00:00Z",
                "weekly, 2026-11-30T00:00:00Z",
                "monthly, 2026-12-01T00:00:00Z",
                "yearly, -",
                "'', -"
            })
    void a_limit_is_renewed_at_midnight_on_monday_or_on_the_first(String period, Instant next) {
        assertThat(credit(",'limit_reset':'" + period + "'").resets()).isEqualTo(next);
    }

    @Test
    void a_week_that_is_asked_about_on_a_monday_ends_on_the_next() {
        Instant monday = Instant.parse("2026-11-30T00:00:00Z");
        byte[] body = "{\"data\":{\"limit_remaining\":1,\"limit_reset\":\"weekly\"}}".getBytes(StandardCharsets.UTF_8);

        assertThat(KeyAnswer.of(200, body, monday))
                .isEqualTo(new ProbeResult.Accepted(new KeyCredit(
                        BigDecimal.ONE, null, Instant.parse("2026-12-07T00:00:00Z"), null, null, monday)));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "'2026-12-24T18:00:00.000Z', 2026-12-24T18:00:00Z",
                "'2026-12-24T18:00:00+01:00', 2026-12-24T17:00:00Z",
                "soon, -"
            })
    void an_expiry_is_a_moment_or_nothing(String written, Instant expires) {
        assertThat(credit(",'expires_at':'" + written + "'").expires()).isEqualTo(expires);
    }

    @ParameterizedTest
    @ValueSource(strings = {"'many'", "null", "1.5", "99999999999", "{}"})
    void free_requests_that_are_no_number_are_not_told(String remaining) {
        assertThat(credit(",'free_model_daily_requests':{'remaining':" + remaining + "}")
                        .freeRequestsLeft())
                .isNull();
    }

    @Test
    void a_debt_is_less_than_nothing() {
        byte[] body = "{\"data\":{\"limit_remaining\":-0.0012}}".getBytes(StandardCharsets.UTF_8);

        assertThat(KeyAnswer.of(200, body, ASKED))
                .isEqualTo(new ProbeResult.Accepted(
                        new KeyCredit(new BigDecimal("-0.0012"), null, null, null, null, ASKED)));
    }

    /** Else a captive portal or an older API would lend credit to a key that has none. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>Sign in</html>",
                "[]",
                "{}",
                "{\"data\":null}",
                "{\"data\":[]}",
                "{\"data\":{\"limit\":5}}",
                "{\"data\":{\"limit_remaining\":\"5\"}}",
                "{\"data\":{\"limit_remaining\":1e99999999999}}",
                "{\"data\":{\"limit_remaining\":5}"
            })
    void what_is_no_answer_tells_nothing(String body) {
        assertThat(KeyAnswer.of(200, body.getBytes(StandardCharsets.UTF_8), ASKED))
                .isEqualTo(new ProbeResult.Unreachable("no_key_in_answer"));
    }

    @Test
    void a_status_tells_whether_the_key_is_refused_or_the_upstream_is_unwell() throws IOException {
        byte[] body = fixture("key.json");

        assertThat(KeyAnswer.of(401, body, ASKED)).isEqualTo(new ProbeResult.Refused(401));
        assertThat(KeyAnswer.of(403, body, ASKED)).isEqualTo(new ProbeResult.Refused(403));
        assertThat(KeyAnswer.of(429, body, ASKED)).isEqualTo(new ProbeResult.Unreachable("answered_429"));
        assertThat(KeyAnswer.of(502, body, ASKED)).isEqualTo(new ProbeResult.Unreachable("answered_502"));
    }
}
