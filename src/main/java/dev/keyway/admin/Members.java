package dev.keyway.admin;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.keyway.observe.Redactor;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads and checks what an administrator sent; of a refused value nothing is repeated, it may be a key. */
final class Members {
    static final int LONGEST_KEY = 512;
    private static final int LONGEST_NAME = 64;
    private static final int SHOWN = 40;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Members() {}

    /** The object in a body; an empty body is an empty object. */
    static ObjectNode parse(byte[] body) {
        if (body.length == 0) {
            return JsonNodeFactory.instance.objectNode();
        }
        try {
            if (JSON.readTree(body) instanceof ObjectNode object) {
                return object;
            }
            throw invalid("the body is no JSON object");
        } catch (JsonProcessingException e) {
            // Without the cause, whose text quotes the body.
            throw invalid("the body is no valid JSON: line " + e.getLocation().getLineNr() + ", column "
                    + e.getLocation().getColumnNr());
        } catch (IOException e) {
            throw invalid("the body is no valid JSON");
        }
    }

    /** Refuses members that mean nothing here. */
    static void only(ObjectNode body, List<String> allowed) {
        body.fieldNames().forEachRemaining(name -> {
            if (!allowed.contains(name)) {
                throw invalid("unknown member \"" + Redactor.cut(Redactor.redact(name), SHOWN) + "\"; allowed: "
                        + (allowed.isEmpty() ? "none" : String.join(", ", allowed)));
            }
        });
    }

    /** The member {@code key}: what can be sent in a header, without a blank. */
    static String key(ObjectNode body) {
        JsonNode value = body.path("key");
        if (value.isMissingNode() || value.isNull() || "".equals(value.textValue())) {
            throw invalid("API key is required");
        }
        if (!value.isTextual()) {
            throw invalid("key must be a string");
        }
        String key = value.textValue();
        if (!key.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw invalid("key contains a blank, a control character or a letter outside ASCII");
        }
        if (key.length() > LONGEST_KEY) {
            throw invalid("key is longer than " + LONGEST_KEY + " characters");
        }
        return key;
    }

    /** A name for people; null: none. */
    static @Nullable String name(ObjectNode body, String member) {
        JsonNode value = body.path(member);
        if (value.isMissingNode() || value.isNull()) {
            return null;
        }
        String name = value.isTextual() ? value.textValue().strip() : "";
        if (name.isEmpty() || name.length() > LONGEST_NAME || name.chars().anyMatch(Character::isISOControl)) {
            throw invalid(member + " must be a string of 1 to " + LONGEST_NAME
                    + " characters without control characters, or null");
        }
        return name;
    }

    private static ApiException invalid(String message) {
        return new ApiException(ErrorCode.VALIDATION, message);
    }
}
