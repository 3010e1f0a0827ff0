package dev.keyway.keys;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KeyFinderTest {
    private final KeyFinder finder =
            new KeyFinder(List.of("sk-or-v1-aa", "sk-or-v1-aabb", "sk-or-v1-cc", "odd", "a-key-of-another-shape"));

    @ParameterizedTest
    @CsvSource({
        "sk-or-v1-aa, ***********",
        "x sk-or-v1-cc y, x *********** y",
        "sk-or-v1-aabb, *************",
        "sk-or-v1-aabc, ***********bc",
        "sk-or-v1-ccsk-or-v1-aa, **********************",
        "sk-or-sk-or-v1-cc, sk-or-***********",
        "how odd, how ***",
        "a-key-of-another-shape, **********************",
        "sk-or-v1-, sk-or-v1-",
        "sk-or-v1-ab, sk-or-v1-ab",
        "a-key-of-another, a-key-of-another",
        "'', ''",
    })
    void keys_are_masked_wherever_they_stand(String text, String masked) {
        assertThat(finder.masked(text)).isEqualTo(masked);
        assertThat(finder.isIn(text)).isEqualTo(!masked.equals(text));
    }

    @Test
    void every_one_of_ten_thousand_keys_is_found_and_nothing_else() {
        Random random = new Random(1);
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            keys.add("sk-or-v1-" + Long.toHexString(random.nextLong()) + Long.toHexString(random.nextLong()));
        }
        KeyFinder all = new KeyFinder(keys);

        for (String key : keys) {
            assertThat(all.isIn("Bearer " + key + "\n")).isTrue();
            assertThat(all.isIn(key.substring(0, key.length() - 1))).isFalse();
        }
    }

    @Test
    void a_pool_without_keys_finds_none() {
        assertThat(new KeyFinder(List.of()).isIn("sk-or-v1-aa")).isFalse();
    }
}
