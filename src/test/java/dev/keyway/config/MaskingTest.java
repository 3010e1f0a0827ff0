package dev.keyway.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MaskingTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "sk-or-v1-abc",
                "SK-x",
                "Bearer abc",
                "http://user:pass@host",
                "Qm7dT1xK9vB3nZ5rW8yL2pH6cF4jG0sA1eU7iO3kXbw=",
                "7f3a9c1e5b2d8460f1e3a7c95d0b4826",
                "x=7f3a9c1e-5b2d-8460-f1e3-a7c95d0b4826;",
                "key: /tmp/aB3dE5fG7hI9jK1l"
            })
    void what_looks_like_a_credential_is_withheld(String text) {
        assertThat(Masking.quoted(text)).isEqualTo("(a value that looks like a credential)");
        assertThat(Masking.visible(text)).isEqualTo("(a value that looks like a credential)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "10 parsecs",
                "openrouter.rate_limit_cooldwon",
                "KEYWAY_SERVER_MAX_BUFFERED_2",
                "anthropic/claude-3-5-sonnet-20241022",
                "meta-llama/Llama-3.3-70B-Instruct-Turbo",
                "2001:0db8:85a3:08d3:1319:8a2e:0370:7344",
                "2001-12-14t21:59:43.10-05:00",
                "/var/run/secrets/keyway/..2026_11_28_07_12_33.123456789/keyway.yml",
                "99999999999999999999999999999999999999"
            })
    void what_people_write_is_told(String text) {
        assertThat(Masking.quoted(text)).isEqualTo('"' + text + '"');
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rate_limit_cooldwon|rate_limit_cooldwon",
                "admin.secret:opensesame|admin.secret…",
                "access key|access…",
                "größe|gr…",
                "\u001b[2J|…",
                "Qm7dT1xK9vB3nZ5rW8yL2pH6cF4jG0sA|(a value that looks like a credential)"
            })
    void of_a_name_is_told_what_may_be_one(String written, String told) {
        assertThat(Masking.name(written)).isEqualTo(told);
    }

    @Test
    void what_disturbs_a_console_is_a_dot() {
        assertThat(Masking.visible("a\nb\u001b[1m\u009b\u2028\u2029\u202e\ud800c\u00e9\ud83d\ude00"))
                .isEqualTo("a·b·[1m·····c\u00e9\ud83d\ude00");
    }

    @Test
    void a_long_text_is_cut_and_no_half_of_a_character_is_left() {
        assertThat(Masking.visible("ab ".repeat(34))).isEqualTo("ab ".repeat(33) + "a…");
        assertThat(Masking.visible("a".repeat(99) + "\ud83d\ude00")).isEqualTo("a".repeat(99) + "·…");
    }
}
