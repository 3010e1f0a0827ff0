package dev.keyway.slug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AliasTableTest {
    @ParameterizedTest(name = "{0} by {1} = {2}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "gpt-4o            | ^gpt-(.*)        | openrouter:openai/gpt-\\1 | openrouter:openai/gpt-4o",
                "gpt-4o            | gpt-             | x                         | x",
                "my-gpt-4o         | gpt-             | x                         | -",
                "gpt-4o-mini       | ^gpt-4o$         | x                         | -",
                "gpt-4o            | ^gpt-4o$         | x                         | x",
                "GPT-4o            | (?i)gpt-4o       | x                         | x",
                "a/b               | (\\w)/(\\w)      | \\2/\\1                     | b/a",
                "ab                | (a)(c)?b         | \\1-\\2-                    | a--",
                "ab                | (a)b             | \\g<1>1                    | a1",
                "ab                | (a)b             | \\0\\\\x                    | ab\\x",
                "fast              | fast             | a/b$think.low,fp8?top_k=5 | a/b$think.low,fp8?top_k=5",
                "cost$             | cost             | a/b$1                     | a/b$1",
            })
    void the_name_is_looked_up(String model, String pattern, String replacement, String expected) {
        AliasTable table = new AliasTable(List.of(new AliasRule(pattern, replacement)));

        AliasTable.Match match = table.match(SlugParser.parse(model));

        assertThat(match == null ? "-" : match.replaced().toString()).isEqualTo(expected);
    }

    @Test
    void the_first_that_matches_counts_and_its_replacement_is_not_looked_up() {
        AliasTable table = new AliasTable(
                List.of(new AliasRule("a", "b"), new AliasRule("a.*", "never"), new AliasRule("b", "never either")));

        AliasTable.Match match = table.match(SlugParser.parse("abc"));

        assertThat(match)
                .isNotNull()
                .extracting(found -> found.replaced().base())
                .isEqualTo("b");
    }

    @Test
    void a_pattern_with_a_question_mark_in_it_sees_the_whole_string() {
        AliasTable table = new AliasTable(List.of(new AliasRule("(m)\\$think\\?.*", "\\1/x")));

        AliasTable.Match match = table.match(SlugParser.parse("m?top_k=1$think"));

        assertThat(match).isEqualTo(new AliasTable.Match(new Slug("m/x", List.of(), List.of()), true));
        assertThat(table.match(SlugParser.parse("m$think"))).isNull();
    }

    @ParameterizedTest(name = "{0} = {1}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "(a      | x     | pattern: missing closing ) (RE2 syntax)",
                "(a)\\1  | x     | pattern: invalid escape sequence (RE2 syntax)",
                "a(?=b)  | x     | pattern: invalid or unsupported Perl syntax (RE2 syntax)",
                "((a{999}){999}){999} | x | pattern: with its repetitions written out it has more than 1000 steps",
                "a       | \\1    | replacement: there is no group 1, the pattern has 0",
                "(a)     | \\x    | replacement: behind a backslash stands a group's number or a second backslash",
                "(a)     | \\g<1  | replacement: behind a backslash stands a group's number or a second backslash",
                "(a)     | a\\    | replacement: behind a backslash stands a group's number or a second backslash",
                "``      | x     | pattern is not 1 to 500 characters",
                "a       | ``    | replacement is not 1 to 1000 characters",
            })
    void a_rule_that_can_not_be_is_refused(String pattern, String replacement, String message) {
        assertThatThrownBy(() -> new AliasRule(pattern, replacement))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    /** Each of these takes java.util.regex minutes, or its stack. */
    @ParameterizedTest
    @CsvSource({"^(a+)+$", "(x+x+)+y", "(.*){12}P", "'(.*,){12}P'", ".*.*.*.*.*.*=.*", "(a|aa)+$"})
    void hostile_names_take_linear_time(String pattern) {
        AliasTable table = new AliasTable(List.of(new AliasRule(pattern, "x")));
        List<String> names = List.of("a".repeat(511) + "!", "x".repeat(512), ",".repeat(512), "a".repeat(100_000));

        Assertions.assertTimeout(
                Duration.ofSeconds(10), () -> names.forEach(name -> table.match(SlugParser.parse(name))));
    }

    @Test
    void a_name_of_512_characters_is_looked_up_and_a_longer_one_is_no_alias() {
        AliasTable table = new AliasTable(List.of(new AliasRule("a+", "x")));

        assertThat(table.match(SlugParser.parse("a".repeat(512)))).isNotNull();
        assertThat(table.match(SlugParser.parse("a".repeat(513)))).isNull();
    }

    /** Never another exception than their own, whatever stands there. */
    @Test
    void random_rules_and_names_are_taken_or_refused() {
        Random random = new Random(6);
        int made = 0;
        for (int i = 0; i < 20_000; i++) {
            String pattern = letters(random);
            String replacement = letters(random);
            try {
                AliasTable table = new AliasTable(List.of(new AliasRule(pattern, replacement)));
                made++;
                table.match(SlugParser.parse(letters(random)));
            } catch (IllegalArgumentException refused) {
                assertThat(refused).hasMessageMatching("(pattern|replacement)[: ].*");
            }
        }
        assertThat(made).isBetween(2_000, 19_000);
    }

    private static String letters(Random random) {
        String all = "aab(.*+?)[]{}1,|^$\\<g>&=/:%\u00e9\0 ";
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            text.append(all.charAt(random.nextInt(all.length())));
        }
        return text.toString();
    }
}
