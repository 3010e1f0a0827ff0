package dev.keyway.inference;

import dev.keyway.inference.Findings.Place;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import dev.keyway.wire.JsonValue.Kind;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What an inference request may say: a table of members and their rules. Members that are not in it are OpenRouter's
 * business and pass; {@code null} is the same as nothing.
 */
final class InferenceFields {
    private static final String ROLES = "user, assistant, system, developer, tool";
    private static final Set<String> KNOWN_ROLES = Set.of(ROLES.split(", "));
    private static final Rule ANY_OBJECT = Rule.of(Kind.OBJECT);
    private static final Map<String, Rule> TABLE = table();

    private InferenceFields() {}

    private static Map<String, Rule> table() {
        Map<String, Rule> table = new LinkedHashMap<>();
        table.put("model", Rule.text(false));
        table.put("messages", InferenceFields::messages);
        table.put("temperature", Rule.number(0, 2));
        table.put("max_tokens", Rule.whole(1, Integer.MAX_VALUE, "of 1 or more"));
        table.put("tools", elements(InferenceFields::tool));
        table.put("stream", Rule.of(Kind.BOOLEAN));
        table.put("stop", Rule.either(Kind.STRING, Rule.text(true), Kind.ARRAY, elements(Rule.text(true))));
        table.put("top_p", Rule.number(0, 1));
        table.put("top_k", Rule.whole(0, Integer.MAX_VALUE, "of 0 or more"));
        table.put("frequency_penalty", Rule.number(-2, 2));
        table.put("presence_penalty", Rule.number(-2, 2));
        table.put("repetition_penalty", Rule.number(0, 2));
        table.put("seed", Rule.whole(Long.MIN_VALUE, Long.MAX_VALUE, ""));
        table.put("response_format", InferenceFields::responseFormat);
        table.put(
                "tool_choice",
                Rule.either(
                        Kind.STRING, Rule.oneOf("none", "auto", "required"), Kind.OBJECT, InferenceFields::function));
        table.put("parallel_tool_calls", Rule.of(Kind.BOOLEAN));
        table.put("verbosity", Rule.oneOf("low", "medium", "high", "xhigh", "max"));
        table.put("user", Rule.text(true));
        return table;
    }

    /** @throws dev.keyway.wire.ApiException 400 "Validation error" that names everything that is wrong at once */
    static void check(JsonBody body) {
        Findings findings = new Findings();
        Place root = new Place("", "", body.asValue(), findings);
        required(root, body, "model");
        required(root, body, "messages");
        TABLE.forEach((name, rule) -> optional(root, body, name, rule));
        findings.refuse();
    }

    private static @Nullable JsonValue present(JsonBody body, String name) {
        JsonValue value = body.value(name);
        return value == null || value.is(Kind.NULL) ? null : value;
    }

    private static void required(Place place, JsonBody body, String name) {
        if (present(body, name) == null) {
            place.missing(name);
        }
    }

    private static void optional(Place place, JsonBody body, String name, Rule rule) {
        JsonValue value = present(body, name);
        if (value != null) {
            rule.check(place.member(name, value));
        }
    }

    private static Rule elements(Rule each) {
        return place -> {
            if (!place.value().is(Kind.ARRAY)) {
                place.wrong("must be an array");
                return;
            }
            int index = 0;
            for (JsonValue element : place.value().elements()) {
                if (place.findings().isFull()) {
                    return;
                }
                each.check(place.element(index++, element));
            }
        };
    }

    private static void messages(Place place) {
        elements(InferenceFields::message).check(place);
        if (place.value().is(Kind.ARRAY) && !place.value().elements().iterator().hasNext()) {
            place.wrong("must hold at least one message");
        }
    }

    private static void message(Place place) {
        if (!place.value().is(Kind.OBJECT)) {
            place.wrong("must be an object");
            return;
        }
        JsonBody message = place.value().object();
        required(place, message, "role");
        optional(place, message, "role", role -> {
            String text = role.value().text();
            if (text == null || !KNOWN_ROLES.contains(text)) {
                role.wrong("must be one of " + ROLES);
            }
        });
        optional(
                place,
                message,
                "content",
                Rule.either(Kind.STRING, Rule.text(true), Kind.ARRAY, elements(InferenceFields::part)));
        String role = message.text("role");
        boolean mayBeSilent = "assistant".equals(role);
        if (!mayBeSilent && KNOWN_ROLES.contains(String.valueOf(role))) {
            required(place, message, "content");
        }
        if ("tool".equals(role)) {
            required(place, message, "tool_call_id");
        }
        optional(place, message, "tool_call_id", Rule.text(false));
        optional(place, message, "tool_calls", elements(ANY_OBJECT));
    }

    /** Parts of other types, such as files and audio, are left to OpenRouter. */
    private static void part(Place place) {
        if (!place.value().is(Kind.OBJECT)) {
            place.wrong("must be an object");
            return;
        }
        JsonBody part = place.value().object();
        required(place, part, "type");
        optional(place, part, "type", Rule.text(false));
        if ("text".equals(part.text("type"))) {
            required(place, part, "text");
            optional(place, part, "text", Rule.text(true));
        } else if ("image_url".equals(part.text("type"))) {
            required(place, part, "image_url");
            optional(place, part, "image_url", InferenceFields::image);
        }
    }

    private static void image(Place place) {
        if (!place.value().is(Kind.OBJECT)) {
            place.wrong("must be an object with the member url");
            return;
        }
        JsonBody image = place.value().object();
        required(place, image, "url");
        optional(place, image, "url", Rule.of(Kind.STRING));
        optional(place, image, "detail", Rule.oneOf("auto", "low", "high"));
    }

    /** Tools of other types are OpenRouter's own, such as web search. */
    private static void tool(Place place) {
        if (!place.value().is(Kind.OBJECT)) {
            place.wrong("must be an object");
            return;
        }
        JsonBody tool = place.value().object();
        required(place, tool, "type");
        optional(place, tool, "type", Rule.text(false));
        if ("function".equals(tool.text("type"))) {
            function(place);
        }
    }

    /** An object whose member {@code function} names one. */
    private static void function(Place place) {
        JsonBody holder = place.value().object();
        required(place, holder, "function");
        optional(place, holder, "function", function -> {
            if (!function.value().is(Kind.OBJECT)) {
                function.wrong("must be an object");
                return;
            }
            JsonBody named = function.value().object();
            required(function, named, "name");
            optional(function, named, "name", Rule.text(false));
        });
    }

    private static void responseFormat(Place place) {
        if (!place.value().is(Kind.OBJECT)) {
            place.wrong("must be an object with the member type");
            return;
        }
        JsonBody format = place.value().object();
        required(place, format, "type");
        optional(place, format, "type", Rule.oneOf("text", "json_object", "json_schema", "grammar", "python"));
    }
}
