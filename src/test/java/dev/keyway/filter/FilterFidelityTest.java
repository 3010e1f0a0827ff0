package dev.keyway.filter;

import static dev.keyway.filter.FilterTesting.through;
import static org.assertj.core.api.Assertions.assertThat;

import dev.keyway.exchange.Api;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonText;
import dev.keyway.wire.RandomJson;
import dev.keyway.wire.RandomJson.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** What no tag names reaches the upstream byte for byte; random bodies, always the same ones. */
class FilterFidelityTest {
    private static final int ROUNDS = 2_000;
    private static final RequestFilter SLUG = new SlugFilter(FilterOptions.DEFAULTS);
    private static final RequestFilter USAGE = new UsageFilter(FilterOptions.DEFAULTS);

    @Test
    void members_that_nobody_names_keep_every_byte_and_their_order() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            RandomJson random = new RandomJson(seed);
            List<String> members = new ArrayList<>(
                    random.members(random.below(6)).stream().map(Piece::text).toList());
            insert(members, "\"model\" : \"a/b:free$think.high,fp8,Groq,zdr,strict,tier.flex\"", random);
            insert(members, "\"reasoning\":{\"effort\":\"low\" , \"exclude\":true}", random);
            insert(members, "\"provider\":{\"only\":[ \"x\" ]}", random);
            insert(members, "\"messages\":" + random.value(4), random);
            String json = random.blank() + '{' + String.join(",", members) + '}' + random.blank();

            String sent = through(USAGE, Api.CHAT, through(SLUG, Api.CHAT, json));

            assertThat(rest(sent)).describedAs("seed %d: %s", seed, json).isEqualTo(rest(json));
            assertThat(FilterTesting.tree(sent).at("/model").textValue()).isEqualTo("a/b:free");
        }
    }

    @Test
    void a_breakpoint_leaves_every_other_byte_of_the_messages() {
        for (int seed = 0; seed < ROUNDS; seed++) {
            RandomJson random = new RandomJson(seed);
            String before = "{\"model\":\"m\"," + joined(random) + ",\"messages\":[" + random.value(4) + ","
                    + random.blank() + "{" + joined(random) + ",\"content\":" + random.blank();
            String text = "\"caf\\u00e9\"";
            String after = random.blank() + "," + joined(random) + "}" + random.blank() + "," + "null]}";
            String json = before.replace("\"m\",", "\"m$cache\",") + text + after;

            String sent = through(SLUG, Api.CHAT, json);

            assertThat(sent)
                    .describedAs("seed %d: %s", seed, json)
                    .isEqualTo(before + "[{\"type\":\"text\",\"text\":" + text
                            + ",\"cache_control\":{\"type\":\"ephemeral\"}}]" + after);
        }
    }

    private static void insert(List<String> members, String member, RandomJson random) {
        members.add(random.below(members.size() + 1), random.blank() + member + random.blank());
    }

    private static String joined(RandomJson random) {
        return random.members(1 + random.below(3)).stream().map(Piece::text).collect(Collectors.joining(","));
    }

    private static String rest(String json) {
        JsonBody body = JsonText.parse(json);
        for (String name : List.of("model", "reasoning", "provider", "service_tier", "usage")) {
            body = body.without(name);
        }
        return JsonText.sent(body);
    }
}
