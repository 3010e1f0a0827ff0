package dev.keyway.exchange;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AllowedModelsTest {
    @ParameterizedTest
    @CsvSource({
        "openai/gpt-4o, openai/gpt-4o, true",
        "openai/gpt-4o, openai/gpt-4o-mini, false",
        "openai/gpt-4o, openai/gpt-4o:free, false",
        "openai/gpt-4o, OpenAI/gpt-4o, false",
        "openai/*, openai/gpt-4o-mini:free, true",
        "openai/*, openai/, true",
        "openai/*, xopenai/gpt-4o, false",
        "*, a/b:c, true",
        "*:free, deepseek/r1:free, true",
        "*:free, deepseek/r1, false",
        "*:free, deepseek/r1:free?top_k=5, false",
        "a*b*c, abc, true",
        "a*b*c, aXbYbZc, true",
        "a*b*c, aXbY, false",
        "a*ab, ab, false",
        "*a*a*, a, false",
        "a**c, abc, true",
        "openai.gpt, openaiXgpt, false",
        "[ab], a, false",
        "?, a, false",
    })
    void a_star_stands_for_anything_and_all_else_for_itself(String glob, String model, boolean allowed) {
        assertThat(new AllowedModels(List.of("other/model", glob)).permit(model))
                .isEqualTo(allowed);
    }

    @Test
    void without_globs_everything_is_allowed() {
        assertThat(AllowedModels.ALL.permit("")).isTrue();
        assertThat(AllowedModels.ALL.restrict()).isFalse();
    }

    /** {@code (a*)*b} and its like take java.util.regex for ever on this text. */
    @Test
    void the_time_is_linear_where_a_regular_expression_would_never_end() {
        String glob = "a*".repeat(40) + "b";
        String text = "a".repeat(100_000);

        assertTimeoutPreemptively(Duration.ofSeconds(2), () -> {
            assertThat(AllowedModels.matches(glob, text)).isFalse();
            assertThat(AllowedModels.matches(glob, text + "b")).isTrue();
        });
    }

    @Test
    void a_text_that_is_no_models_name_is_allowed_to_nobody_restricted() {
        assertThat(new AllowedModels(List.of("*")).permit("a".repeat(257))).isFalse();
    }

    @Test
    void many_globs_are_told_in_part() {
        assertThat(new AllowedModels(Collections.nCopies(22, "a/*")).text()).endsWith("a/* and 2 more");
        assertThat(new AllowedModels(List.of("a", "b")).text()).isEqualTo("a, b");
    }
}
