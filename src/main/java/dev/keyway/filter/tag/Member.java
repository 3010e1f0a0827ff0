package dev.keyway.filter.tag;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import dev.keyway.wire.JsonValue.Kind;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Members that a tag extends: what the client has put there stays. */
final class Member {
    private Member() {}

    /** The object at the top level of a request; an empty one when it is absent or null. */
    static JsonBody object(JsonBody body, String name, String tag) {
        @Nullable JsonValue value = body.value(name);
        if (value == null || value.is(Kind.NULL)) {
            return JsonBody.EMPTY;
        }
        if (!value.is(Kind.OBJECT)) {
            throw refused(name, value, "an object", tag);
        }
        return value.object();
    }

    /** An object inside the request with strings added to one of its arrays, those left out that it has. */
    static JsonBody extend(JsonBody object, String path, String list, List<String> texts) {
        @Nullable JsonValue value = object.value(list);
        if (value == null || value.is(Kind.NULL)) {
            return object.with(list, JsonValue.array(strings(texts)));
        }
        if (!value.is(Kind.ARRAY)) {
            throw refused(path + "." + list, value, "an array of strings", texts.get(0));
        }
        Set<String> missing = new LinkedHashSet<>(texts);
        for (JsonValue element : value.elements()) {
            @Nullable String text = element.text();
            if (text != null) {
                missing.remove(text);
            }
        }
        return object.with(list, value.plus(strings(List.copyOf(missing))));
    }

    private static List<JsonValue> strings(List<String> texts) {
        return texts.stream().map(JsonValue::of).toList();
    }

    private static ApiException refused(String path, JsonValue value, String allowed, String tag) {
        return new ApiException(
                ErrorCode.VALIDATION,
                "\"" + path + "\" is " + value.kind().phrase() + "; with " + Tags.quoted(tag)
                        + " in the model it must be " + allowed + " or absent");
    }
}
