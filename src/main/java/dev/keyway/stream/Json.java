package dev.keyway.stream;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Small pieces of JSON as trees, decimals exactly as they stand. */
final class Json {
    private static final ObjectReader READER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build()
            .readerFor(JsonNode.class);

    /** So many digits fit into a {@code long} whatever they are. */
    private static final int MAX_LONG_DIGITS = 18;

    private Json() {}

    /** The text of these bytes when they are a JSON string; else null. */
    static @Nullable String text(byte[] bytes, int from, int length) {
        int last = from + length - 1;
        if (length < 2 || bytes[from] != '"' || bytes[last] != '"') {
            return null;
        }
        for (int i = from + 1; i < last; i++) {
            byte b = bytes[i];
            if (b < ' ' || b == '\\' || b == '"') {
                return tree(bytes, from, length).textValue();
            }
        }
        return new String(bytes, from + 1, length - 2, StandardCharsets.US_ASCII);
    }

    /** The number of these bytes without its fraction when they are a JSON number; else null. */
    static @Nullable Long number(byte[] bytes, int from, int length) {
        long number = 0;
        for (int i = from; i < from + length; i++) {
            int digit = bytes[i] - '0';
            if (digit < 0 || digit > 9 || i - from == MAX_LONG_DIGITS || (i > from && number == 0)) {
                JsonNode value = tree(bytes, from, length);
                return value.isNumber() ? Long.valueOf(value.asLong()) : null;
            }
            number = number * 10 + digit;
        }
        return length == 0 ? null : Long.valueOf(number);
    }

    /** The tree of these bytes; a missing node when they are no JSON. */
    static JsonNode tree(byte[] bytes, int from, int length) {
        try {
            JsonNode tree = READER.readTree(bytes, from, length);
            return tree == null ? MissingNode.getInstance() : tree;
        } catch (IOException | NumberFormatException e) {
            return MissingNode.getInstance();
        }
    }
}
