package dev.keyway.filter.param;

import dev.keyway.exchange.Api;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import java.util.List;

/** {@code verbosity}: how long the answer is to be; a member of {@code text} in {@code /responses}. */
final class VerbosityParam implements Param {
    private static final List<String> WORDS = List.of("low", "medium", "high");

    @Override
    public String name() {
        return "verbosity";
    }

    @Override
    public String allowed() {
        return "one of " + String.join(", ", WORDS);
    }

    @Override
    public String place(Api api) {
        return switch (api) {
            case CHAT, COMPLETIONS -> "verbosity";
            case RESPONSES -> "text.verbosity";
            default -> "";
        };
    }

    @Override
    public JsonBody write(JsonBody body, String value, Api api) throws IgnoredException {
        if (!WORDS.contains(value)) {
            throw new IgnoredException("must be " + allowed());
        }
        return api == Api.RESPONSES
                ? body.with(
                        "text",
                        Members.object(body, "text")
                                .with("verbosity", JsonValue.of(value))
                                .asValue())
                : body.with("verbosity", JsonValue.of(value));
    }
}
