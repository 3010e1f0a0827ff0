package dev.keyway.stream;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.keyway.exchange.Usage;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Usage as it comes together from one or more {@code usage} objects: the last figure of each kind counts, one that is
 * absent, null or no figure leaves what was known. Names of the chat, responses and messages APIs.
 */
final class UsageFields {
    private static final BigDecimal MAX_TOKENS = BigDecimal.valueOf(1_000_000_000_000_000L);
    private static final BigDecimal MAX_COST = BigDecimal.valueOf(1_000_000_000);
    private static final int MAX_SCALE = 100;
    private static final int MAX_TEXT = 64;

    /** Where a figure stands. */
    private enum Place {
        PROMPT("prompt_tokens"),
        INPUT("input_tokens"),
        COMPLETION("completion_tokens"),
        OUTPUT("output_tokens"),
        PROMPT_CACHED("prompt_tokens_details.cached_tokens"),
        INPUT_CACHED("input_tokens_details.cached_tokens"),
        CACHE_READ("cache_read_input_tokens"),
        PROMPT_WRITTEN("prompt_tokens_details.cache_write_tokens"),
        INPUT_WRITTEN("input_tokens_details.cache_write_tokens"),
        CACHE_CREATION("cache_creation_input_tokens"),
        COMPLETION_REASONING("completion_tokens_details.reasoning_tokens"),
        OUTPUT_REASONING("output_tokens_details.reasoning_tokens"),
        COST("cost");

        private static final Map<String, Place> NAMED =
                Arrays.stream(values()).collect(Collectors.toUnmodifiableMap(place -> place.path, place -> place));

        private final String path;

        Place(String path) {
            this.path = path;
        }

        private boolean takes(BigDecimal number) {
            if (number.signum() < 0) {
                return false;
            }
            return this == COST
                    ? number.compareTo(MAX_COST) <= 0 && Math.abs((long) number.scale()) <= MAX_SCALE
                    : number.compareTo(MAX_TOKENS) <= 0;
        }
    }

    private static final JsonFactory JSON = new JsonFactory();
    private static final Set<String> DETAILS = Set.of(
            "prompt_tokens_details", "input_tokens_details", "completion_tokens_details", "output_tokens_details");

    private @Nullable Long prompt;
    private @Nullable Long cached;
    private @Nullable Long cacheWrite;
    private @Nullable Long completion;
    private @Nullable Long reasoning;
    private @Nullable BigDecimal cost;

    /** Takes what this {@code usage} value says; nothing when it is no JSON. */
    void merge(byte[] json, int from, int length) {
        Map<Place, BigDecimal> said = new EnumMap<>(Place.class);
        try (JsonParser parser = JSON.createParser(json, from, length)) {
            if (parser.nextToken() == JsonToken.START_OBJECT) {
                read(parser, "", said);
            }
        } catch (IOException e) {
            return;
        }
        prompt = first(prompt, said, Place.PROMPT, Place.INPUT);
        completion = first(completion, said, Place.COMPLETION, Place.OUTPUT);
        cached = first(cached, said, Place.PROMPT_CACHED, Place.INPUT_CACHED, Place.CACHE_READ);
        cacheWrite = first(cacheWrite, said, Place.PROMPT_WRITTEN, Place.INPUT_WRITTEN, Place.CACHE_CREATION);
        reasoning = first(reasoning, said, Place.COMPLETION_REASONING, Place.OUTPUT_REASONING);
        cost = said.getOrDefault(Place.COST, cost);
    }

    /** The figures of one object and of the objects in it that hold some. */
    private static void read(JsonParser parser, String object, Map<Place, BigDecimal> said) throws IOException {
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = object.isEmpty() ? parser.currentName() : object + "." + parser.currentName();
            JsonToken token = parser.nextToken();
            if (token == JsonToken.START_OBJECT && DETAILS.contains(name)) {
                read(parser, name, said);
                continue;
            }
            Place place = Place.NAMED.get(name);
            BigDecimal number = place == null ? null : number(parser, token);
            if (place != null && number != null && place.takes(number)) {
                said.put(place, number);
            }
            parser.skipChildren();
        }
    }

    /** What is known; null when nothing is. */
    @Nullable
    Usage usage() {
        if (prompt == null && completion == null && cost == null) {
            return null;
        }
        return new Usage(
                orZero(prompt), orZero(cached), orZero(cacheWrite), orZero(completion), orZero(reasoning), cost);
    }

    private static long orZero(@Nullable Long count) {
        return count == null ? 0 : count;
    }

    private static @Nullable Long first(@Nullable Long known, Map<Place, BigDecimal> said, Place... places) {
        for (Place place : places) {
            BigDecimal number = said.get(place);
            if (number != null) {
                return number.longValue();
            }
        }
        return known;
    }

    private static @Nullable BigDecimal number(JsonParser parser, JsonToken token) throws IOException {
        try {
            if (token == JsonToken.VALUE_NUMBER_INT && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
                return BigDecimal.valueOf(parser.getLongValue());
            }
            if (token.isNumeric()) {
                return parser.getDecimalValue();
            }
            return token == JsonToken.VALUE_STRING && parser.getTextLength() <= MAX_TEXT
                    ? new BigDecimal(parser.getText().trim())
                    : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }
}
