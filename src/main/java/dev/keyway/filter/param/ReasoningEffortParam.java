package dev.keyway.filter.param;

import dev.keyway.exchange.Api;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import dev.keyway.wire.JsonValue.Kind;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code reasoning_effort}: how much the model reasons.
 *
 * <p>It stands behind body and tags: a budget they gave goes, since effort and budget exclude each other, and so does an
 * {@code enabled: false}; {@code exclude} and the like stay. The members of older clients that say the same go.
 */
final class ReasoningEffortParam implements Param {
    private static final List<String> WORDS = List.of("low", "medium", "high", "xhigh", "max");
    private static final List<String> OLD = List.of("reasoning_effort", "include_reasoning");

    @Override
    public String name() {
        return "reasoning_effort";
    }

    @Override
    public String allowed() {
        return "one of " + String.join(", ", WORDS);
    }

    @Override
    public String place(Api api) {
        return switch (api) {
            case CHAT, COMPLETIONS, RESPONSES -> "reasoning.effort";
            case MESSAGES -> "output_config.effort";
            default -> "";
        };
    }

    @Override
    public JsonBody write(JsonBody body, String value, Api api) throws IgnoredException {
        if (!WORDS.contains(value)) {
            throw new IgnoredException("must be " + allowed());
        }
        JsonBody written =
                api == Api.MESSAGES ? outputConfig(body, value) : body.with("reasoning", reasoning(body, value));
        for (String old : OLD) {
            written = written.without(old);
        }
        return written;
    }

    private static JsonValue reasoning(JsonBody body, String effort) throws IgnoredException {
        JsonBody reasoning = Members.object(body, "reasoning").without("max_tokens");
        @Nullable JsonValue enabled = reasoning.value("enabled");
        if (enabled != null && !enabled.node().asBoolean(true)) {
            reasoning = reasoning.without("enabled");
        }
        return reasoning.with("effort", JsonValue.of(effort)).asValue();
    }

    /** Anthropic's effort needs thinking that is adaptive. */
    private static JsonBody outputConfig(JsonBody body, String effort) throws IgnoredException {
        JsonBody asked = Members.object(body, "thinking");
        JsonBody output = Members.object(body, "output_config").with("effort", JsonValue.of(effort));
        JsonBody thinking = JsonBody.EMPTY.with("type", JsonValue.of("adaptive"));
        @Nullable JsonValue display = asked.value("display");
        if (display != null && display.is(Kind.STRING)) {
            thinking = thinking.with("display", display);
        }
        return body.with("thinking", thinking.asValue()).with("output_config", output.asValue());
    }
}
