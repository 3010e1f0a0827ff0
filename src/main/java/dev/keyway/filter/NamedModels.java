package dev.keyway.filter;

import dev.keyway.wire.ApiException;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import dev.keyway.wire.JsonValue.Kind;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Looks at everything in a body that the upstream may take a model from: {@code model}, which must be there, since
 * without it the account's default would be used; {@code models}; the {@code fallbacks} of {@code /messages}; and
 * {@code preset}, which counts as the model {@code @preset/<name>}. A preset behind a model,
 * {@code author/model@preset/name}, counts as both.
 *
 * @param permitted whether a model may be used
 * @param forbidden the refusal of a model, given its name, cut to {@value #QUOTED_MAX} characters
 * @param unclear the refusal of a body out of which can't be told what it asks for, given why
 */
record NamedModels(
        Predicate<String> permitted, Function<String, ApiException> forbidden, Function<String, ApiException> unclear) {
    private static final String PRESET = "@preset/";
    private static final int QUOTED_MAX = 100;

    /** @throws ApiException the first refusal there is reason for */
    void check(JsonBody body) {
        @Nullable JsonValue model = body.value("model");
        if (model == null || model.is(Kind.NULL)) {
            throw unclear.apply("it must name one in \"model\"");
        }
        one(model, "model");
        each(body, "models", entry -> one(entry, "models"));
        each(
                body,
                "fallbacks",
                entry -> one(entry.is(Kind.OBJECT) ? entry.object().value("model") : null, "fallbacks"));
        @Nullable JsonValue preset = body.value("preset");
        if (preset != null && !preset.is(Kind.NULL)) {
            allow(PRESET + text(preset, "preset"));
        }
    }

    private void each(JsonBody body, String member, Consumer<JsonValue> entry) {
        @Nullable JsonValue list = body.value(member);
        if (list == null || list.is(Kind.NULL)) {
            return;
        }
        if (!list.is(Kind.ARRAY)) {
            throw unclear.apply("\"" + member + "\" is not a list of them");
        }
        list.elements().forEach(entry);
    }

    private void one(@Nullable JsonValue value, String member) {
        String model = text(value, member);
        int preset = model.indexOf(PRESET);
        if (preset > 0) {
            allow(model.substring(0, preset));
            allow(model.substring(preset));
        } else {
            allow(model);
        }
    }

    private String text(@Nullable JsonValue value, String member) {
        @Nullable String text = value == null ? null : value.text();
        if (text == null) {
            throw unclear.apply("\"" + member + "\" holds something that names none");
        }
        return text;
    }

    private void allow(String model) {
        if (!permitted.test(model)) {
            throw forbidden.apply(model.length() <= QUOTED_MAX ? model : model.substring(0, QUOTED_MAX) + "...");
        }
    }
}
