package dev.keyway.stream;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The short ways to a text and to a number say what the tree says. */
class JsonTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"\"", "\"gen-1\"", "\"a\\\"b\"", "\"\\u00e9\"", "\"é€\"", "\"a\u0001b\"", "\"\\", "\"", "\"a\"b\"",
                        "\"\\x\"",
                "7", "null", "0", "1764270000", "00", "-5", "1e3", "1.5", "123456789012345678", "1234567890123456789",
                "99999999999999999999", "1x", "-", "true", ""
            })
    void they_say_what_the_tree_says(String json) {
        byte[] bytes = ("x" + json + "x").getBytes(StandardCharsets.UTF_8);
        JsonNode tree = Json.tree(bytes, 1, bytes.length - 2);

        assertThat(Json.text(bytes, 1, bytes.length - 2)).isEqualTo(tree.textValue());
        assertThat(Json.number(bytes, 1, bytes.length - 2)).isEqualTo(tree.isNumber() ? (Long) tree.asLong() : null);
    }
}
