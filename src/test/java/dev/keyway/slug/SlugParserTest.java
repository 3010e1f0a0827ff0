package dev.keyway.slug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.keyway.wire.ApiException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SlugParserTest {
    @ParameterizedTest(name = "[{0}] is [{1}], {2} and {3}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "openai/o3-mini              | openai/o3-mini       | ``             | ``",
                "openai/o3-mini$think.high   | openai/o3-mini       | think.high     | ``",
                "a/b:free$think,fireworks    | a/b:free             | think;fireworks | ``",
                "m$                          | m                    | ``             | ``",
                "m$,,                        | m                    | ``             | ``",
                "m$$$                        | m                    | ``             | ``",
                "m$ , $ ,                    | m                    | ``             | ``",
                "m$ think , fp8              | m                    | think;fp8      | ``",
                "m$think$fp8                 | m                    | think;fp8      | ``",
                "m$think,                    | m                    | think          | ``",
                "m$fp8,bf16,fp8              | m                    | fp8;bf16       | ``",
                "m$FP8,fp8                   | m                    | FP8;fp8        | ``",
                "m$a b                       | m                    | a b            | ``",
                "$think                      | ``                   | think          | ``",
                "``                          | ``                   | ``             | ``",
                "m?top_k=5                   | m                    | ``             | top_k=5",
                "m$think?top_k=5             | m                    | think          | top_k=5",
                "m?top_k=5$think             | m                    | think          | top_k=5",
                "m$think?top_k=5,6$fp8       | m                    | think;fp8      | top_k=5,6",
                "m?a=1$think?b=2             | m                    | think          | a=1;b=2",
                "m$think?                    | m                    | think          | ``",
                "m$?x                        | m                    | ``             | x",
                "m?a=1&b=%202&a=3            | m                    | ``             | a=1;b=%202;a=3",
                "m ? a=1 & & =              | m                    | ``             | a=1;=",
                "m??a?b                      | m                    | ``             | a;b",
                "m?a=$x                      | m                    | x              | a=",
                "?a                          | ``                   | ``             | a",
            })
    void model_string_is_taken_apart(String model, String base, String tags, String params) {
        Slug slug = SlugParser.parse(model);

        assertThat(slug.base()).isEqualTo(base);
        assertThat(String.join(";", slug.tags())).isEqualTo(tags);
        assertThat(String.join(";", slug.params())).isEqualTo(params);
        assertThat(SlugParser.parse(slug.toString())).isEqualTo(slug);
    }

    @Test
    void a_bare_model_keeps_even_its_blanks() {
        assertThat(SlugParser.parse(" m x ")).isEqualTo(new Slug(" m x ", List.of(), List.of()));
    }

    @Test
    void a_base_with_tags_or_parameters_loses_the_blanks_around_it() {
        assertThat(SlugParser.parse("m $ think")).isEqualTo(new Slug("m", List.of("think"), List.of()));
        assertThat(SlugParser.parse(" m ?x ")).isEqualTo(new Slug("m", List.of(), List.of("x")));
    }

    @Test
    void hostile_strings_take_linear_time() {
        int length = 100_000;

        Assertions.assertTimeout(Duration.ofSeconds(10), () -> {
            assertThat(SlugParser.parse("m" + "$".repeat(length))).isEqualTo(new Slug("m", List.of(), List.of()));
            assertThat(SlugParser.parse("m" + "$?".repeat(length)).base()).isEqualTo("m");
            assertThat(SlugParser.parse("m" + "?&".repeat(length)).params()).isEmpty();
            assertThat(SlugParser.parse("m$" + " ,".repeat(length)).tags()).isEmpty();
            assertThat(SlugParser.parse("m$" + "a,".repeat(length)).tags()).containsExactly("a");
            assertThat(SlugParser.parse("m$" + " ".repeat(length) + "a").tags()).containsExactly("a");
        });
    }

    @Test
    void a_hundred_different_tags_pass_and_one_more_is_refused() {
        String hundred = IntStream.range(0, 100).mapToObj(i -> "p" + i).collect(Collectors.joining(","));

        assertThat(SlugParser.parse("m$" + hundred).tags()).hasSize(100);
        assertThatThrownBy(() -> SlugParser.parse("m$" + hundred + ",x"))
                .isInstanceOf(ApiException.class)
                .hasMessage("The model has more than 100 different $tags");
    }

    @Test
    void a_hundred_parameters_pass_and_one_more_is_refused() {
        String hundred = "a=1&".repeat(100);

        assertThat(SlugParser.parse("m?" + hundred).params()).hasSize(100);
        assertThatThrownBy(() -> SlugParser.parse("m?" + hundred + "x"))
                .isInstanceOf(ApiException.class)
                .hasMessage("The model has more than 100 ?parameters");
    }
}
