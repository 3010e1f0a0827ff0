package dev.keyway.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.keyway.slug.AliasRule;
import dev.keyway.slug.AliasTable;
import dev.keyway.slug.Slug;
import dev.keyway.slug.SlugParser;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.util.ArrayList;
import java.util.List;

/** Any rules for any model string. The first line of a seed is the string, then come pattern and replacement in turn. */
class AliasTableFuzzTest {
    private static final int MOST = 20;

    @FuzzTest
    void a_rule_is_made_or_refused_and_a_name_is_looked_up(byte[] seed) {
        String[] lines = SeedText.of(seed).split("\n", -1);
        AliasTable table = new AliasTable(rules(lines));
        try {
            Slug asked = SlugParser.parse(lines[0]);
            AliasTable.Match match = table.match(asked);
            if (match != null) {
                Slug replaced = match.replaced();
                assertThat(SlugParser.parse(replaced.toString())).isEqualTo(replaced);
                assertThat(table.match(asked)).isEqualTo(match);
            }
        } catch (ApiException refused) {
            assertThat(refused.code()).isEqualTo(ErrorCode.VALIDATION);
        }
    }

    private static List<AliasRule> rules(String[] lines) {
        List<AliasRule> rules = new ArrayList<>();
        for (int at = 1; at + 1 < lines.length && rules.size() < MOST; at += 2) {
            try {
                AliasRule rule = new AliasRule(lines[at], lines[at + 1]);
                assertThat(new AliasRule(rule.pattern(), rule.replacement())).isEqualTo(rule);
                rules.add(rule);
            } catch (IllegalArgumentException refused) {
                assertThat(refused)
                        .isExactlyInstanceOf(IllegalArgumentException.class)
                        .hasMessageMatching("(?s)(pattern|replacement)[: ].*");
            }
        }
        return rules;
    }
}
