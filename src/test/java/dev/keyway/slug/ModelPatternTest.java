package dev.keyway.slug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.re2j.Pattern;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelPatternTest {
    /** RE2 has one more for some that are empty. */
    private static final int MOST_INSTRUCTIONS = 2 * ModelPattern.MOST_STEPS;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "^gpt-(.*)",
                "(\\d{1,3}\\.){3}\\d{1,3}",
                "\\d{4}-\\d{2}-\\d{2}",
                "a{1000}",
                ".{0,500}",
                "(?:ab){200}",
                "(?i)[a-z]{999}",
                "[[:alpha:](]{1000}",
                "[](a{999}){999}]",
                "\\Q(a{1000}){1000}\\E",
                "\\(a{400}\\){400}",
                "a{b}{c",
            })
    void a_pattern_of_few_steps_is_compiled(String pattern) {
        assertThat(ModelPattern.compile(pattern).programSize()).isLessThan(MOST_INSTRUCTIONS);
    }

    /** The second took all memory before RE2 had compiled it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a{100}){100}",
                "((a{1000}){1000}){1000}",
                "((((((a{9}){9}){9}){9}){9}){9}){9}",
                "(?i:a{1000}){1000}",
                "(?P<n>a{1000}){1000}",
                "(a{1000}[[:alpha:])]b){1000}",
                "(a{1000}[])]b){1000}",
                "(a{1000}[^])]b){1000}",
                "(a{1000}[\\])]b){1000}",
                "(a{1000}\\)\\\\){1000}",
                "(a{1000}\\Q)\\E){1000}",
                "(a{0,1000}){2,}",
                "(a{1000}){0,1000}",
                "a{1000}b{1000}c{1000}d",
                "a{1000}(?i){1000}",
                "a{1000}\\Q\\E{1000}",
                "(a{1000})*(?i){1000}",
                "((a{1000}){1000}",
            })
    void a_pattern_of_many_steps_is_refused_before_it_is_compiled(String pattern) {
        assertThatThrownBy(() -> ModelPattern.compile(pattern))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("with its repetitions written out it has more than 1000 steps");
    }

    /** RE2/J never came back from them. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?i)\u1c80",
                "(?i:\u1c88)",
                "(?si)[a-\u2000]",
                "(?i)[a-\\\u2000]",
                "(?i)\\x{1C85}",
                "(?i)[\\x{0}-\\x{010FFF}]",
                "a(?i)[^\ud83d\udc4d-\u1c80]"
            })
    void letters_that_re2_folds_forever_are_refused(String pattern) {
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThatThrownBy(() -> ModelPattern.compile(pattern))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage("(?i) takes no letters and ranges above U+1C7F"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?i)modèle",
                "(?i)通义-(.*)",
                "\u1c80",
                "(?s)[a-\u2000]",
                "(?i)[a-z]\\x{e9}",
                "(?s-i)\u1c80",
                "(?i)\\pL+"
            })
    void other_letters_are_folded(String pattern) {
        Assertions.assertTimeoutPreemptively(
                Duration.ofSeconds(20),
                () -> assertThat(ModelPattern.compile(pattern).pattern()).isEqualTo(pattern));
    }

    @Test
    void whatever_is_compiled_is_no_larger_than_was_counted() {
        Random random = new Random(8);
        int compiled = 0;
        for (int i = 0; i < 30_000; i++) {
            String pattern = pattern(random);
            try {
                Pattern made = ModelPattern.compile(pattern);
                compiled++;
                assertThat(made.programSize()).describedAs(pattern).isLessThan(MOST_INSTRUCTIONS);
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageMatching(".* steps|.* \\(RE2 syntax\\)|\\(\\?i\\) .*");
            }
        }
        assertThat(compiled).isGreaterThan(3_000);
    }

    private static String pattern(Random random) {
        String[] pieces = {
            "a",
            "(",
            "(",
            ")",
            ")",
            "[",
            "]",
            "^",
            "\\",
            "\\Q",
            "\\E",
            "(?:",
            "(?i)",
            "(?P<x>",
            "[[:alpha:]]",
            "[^])]",
            "{999}",
            "{30}",
            "{2,99}",
            "{0,40}",
            "{5,}",
            "?",
            "*",
            "+",
            "|",
            "\\)",
            "\\pL",
            "\\x{61}"
        };
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(14); i >= 0; i--) {
            text.append(pieces[random.nextInt(pieces.length)]);
        }
        return text.toString();
    }
}
