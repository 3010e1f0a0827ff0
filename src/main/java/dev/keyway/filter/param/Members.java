package dev.keyway.filter.param;

import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import dev.keyway.wire.JsonValue.Kind;
import org.jspecify.annotations.Nullable;

/** Members that a parameter extends: what the client has put there stays. */
final class Members {
    private Members() {}

    /** The object at the top level of a request; an empty one when it is absent or null. */
    static JsonBody object(JsonBody body, String name) throws Param.IgnoredException {
        @Nullable JsonValue value = body.value(name);
        if (value == null || value.is(Kind.NULL)) {
            return JsonBody.EMPTY;
        }
        if (!value.is(Kind.OBJECT)) {
            throw new Param.IgnoredException("needs \"" + name + "\" to be an object, it is "
                    + value.kind().phrase());
        }
        return value.object();
    }
}
