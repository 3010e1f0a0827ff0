package dev.keyway.wire;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Between the bytes of one value and a tree or text; the bytes have been checked by {@link JsonScanner}. */
final class JsonTree {
    /** Reading a number into a tree takes quadratic time. */
    private static final int MAX_DIGITS = 1_000;

    /** Writes ASCII: half a surrogate pair, which JSON allows as an escape, has no UTF-8 form. */
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
                    .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(JsonScanner.MAX_DEPTH)
                            .maxStringLength(Integer.MAX_VALUE)
                            .maxNumberLength(MAX_DIGITS)
                            .maxNameLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private static final Slice TRUE = Slice.of("true");
    private static final Slice FALSE = Slice.of("false");

    private JsonTree() {}

    /** A string token. */
    static Slice token(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                return write(TextNode.valueOf(text));
            }
        }
        return Slice.of('"' + text + '"');
    }

    static Slice write(JsonNode tree) {
        if (tree.isBoolean()) {
            return tree.booleanValue() ? TRUE : FALSE;
        }
        try {
            return Slice.of(MAPPER.writeValueAsBytes(tree));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The tree of one value; 400 when a number in it has too many digits. */
    static JsonNode read(Slice value) {
        try {
            return MAPPER.readTree(value.array(), value.from(), value.length());
        } catch (IOException | ArithmeticException | NumberFormatException e) {
            // Without the cause, whose text quotes the value.
            throw new ApiException(
                    ErrorCode.VALIDATION,
                    "A number in the body has an exponent out of range or more than " + MAX_DIGITS + " digits");
        }
    }

    /** The text of a string token, quotes included. */
    static String text(Slice token) {
        for (int i = token.from(); i < token.to(); i++) {
            if (token.array()[i] == '\\') {
                return read(token).textValue();
            }
        }
        return new String(token.array(), token.from() + 1, token.length() - 2, StandardCharsets.UTF_8);
    }
}
