package dev.keyway.stream;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;

/** Small pieces of JSON as trees, decimals exactly as they stand. */
final class Json {
    private static final ObjectReader READER = JsonMapper.builder()
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build()
            .readerFor(JsonNode.class);

    private Json() {}

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
