package dev.keyway.filter;

import dev.keyway.exchange.Client;
import dev.keyway.exchange.RequestBody;
import dev.keyway.exchange.UpstreamRequest;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import dev.keyway.wire.JsonValue.Kind;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Refuses with 403 what a client of some models only may not ask for: {@code server.access_keys[].models}.
 *
 * <p>Stands behind the filters that write the model, and reads all that the upstream may take one from: {@code model},
 * which must be there, since without it the account's default would be used; {@code models}; the {@code fallbacks} of
 * {@code /messages}; and {@code preset}, which counts as the model {@code @preset/<name>}. A preset behind a model,
 * {@code author/model@preset/name}, needs both.
 */
public final class ModelsFilter implements RequestFilter {
    private static final String PRESET = "@preset/";
    private static final int QUOTED_MAX = 100;

    @Override
    public UpstreamRequest apply(UpstreamRequest request) {
        if (request.client().models().restrict() && request.body() instanceof RequestBody.Json json) {
            new Check(request.client()).all(json.json());
        }
        return request;
    }

    private record Check(Client client) {
        void all(JsonBody body) {
            @Nullable JsonValue model = body.value("model");
            if (model == null || model.is(Kind.NULL)) {
                throw refused("it must name one in \"model\"");
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
                throw refused("\"" + member + "\" is not a list of them");
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
                throw refused("\"" + member + "\" holds something that names none");
            }
            return text;
        }

        private void allow(String model) {
            if (!client.models().permit(model)) {
                String quoted = model.length() <= QUOTED_MAX ? model : model.substring(0, QUOTED_MAX) + "...";
                throw refused("not \"" + quoted + "\"");
            }
        }

        private ApiException refused(String why) {
            return new ApiException(
                    ErrorCode.PERMISSION,
                    "The client \"" + client.name() + "\" may use some models only, " + why + "; allowed: "
                            + client.models().text());
        }
    }
}
