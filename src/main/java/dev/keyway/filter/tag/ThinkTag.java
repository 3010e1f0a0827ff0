package dev.keyway.filter.tag;

import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.LongNode;
import dev.keyway.exchange.Api;
import dev.keyway.wire.ApiException;
import dev.keyway.wire.ErrorCode;
import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * {@code $think}: how much the model reasons before it answers; the last one counts.
 *
 * <p>Effort and budget exclude each other, so the tag's replaces both; the legacy members that say the same go. What else
 * the client has put into {@code reasoning}, such as {@code exclude}, stays.
 */
final class ThinkTag implements Tag {
    private static final String NAME = "think";
    private static final Set<String> OFF = Set.of("off", "no");
    private static final int MAX_DIGITS = 18;

    @Override
    public List<TagDoc> docs() {
        return List.of(
                new TagDoc("think", "reasoning on", "reasoning: {\"enabled\": true}"),
                new TagDoc(
                        "think.<number>",
                        "reasoning on, with at most so many tokens",
                        "reasoning: {\"enabled\": true, \"max_tokens\": 1000}"),
                new TagDoc(
                        "think.<word>",
                        "reasoning on, with this effort, such as low, high or xhigh",
                        "reasoning: {\"enabled\": true, \"effort\": \"high\"}"),
                new TagDoc("think.off, think.no", "reasoning off", "reasoning: {\"enabled\": false}"));
    }

    @Override
    public boolean matches(String tag) {
        String normal = normal(tag);
        return normal.equals(NAME) || normal.startsWith(NAME + ".");
    }

    @Override
    public JsonBody write(JsonBody body, List<String> tags, TagTarget target) {
        String tag = tags.get(tags.size() - 1);
        String argument = tag.length() > NAME.length() ? tag.substring(NAME.length() + 1) : "";
        JsonBody written =
                target.api() == Api.MESSAGES ? thinking(body, tag, argument) : reasoning(body, tag, argument);
        return written.without("reasoning_effort").without("include_reasoning");
    }

    private static JsonBody reasoning(JsonBody body, String tag, String argument) {
        boolean off = OFF.contains(argument);
        JsonBody reasoning = Member.object(body, "reasoning", tag)
                .with("enabled", BooleanNode.valueOf(!off))
                .without("effort")
                .without("max_tokens");
        if (isNumber(argument)) {
            reasoning = reasoning.with("max_tokens", number(tag, argument));
        } else if (!argument.isEmpty() && !off) {
            reasoning = reasoning.with("effort", JsonValue.of(argument));
        }
        return body.with("reasoning", reasoning.asValue());
    }

    private static JsonBody thinking(JsonBody body, String tag, String argument) {
        JsonBody asked = Member.object(body, "thinking", tag);
        if (OFF.contains(argument)) {
            return body.with("thinking", type("disabled").asValue());
        }
        boolean budget = isNumber(argument);
        JsonBody thinking = type(budget ? "enabled" : "adaptive");
        if (budget) {
            thinking = thinking.with("budget_tokens", number(tag, argument));
        }
        @Nullable JsonValue display = asked.value("display");
        if (display != null) {
            thinking = thinking.with("display", display);
        }
        JsonBody written = body.with("thinking", thinking.asValue());
        if (budget || argument.isEmpty()) {
            return written;
        }
        JsonBody output = Member.object(body, "output_config", tag).with("effort", JsonValue.of(argument));
        return written.with("output_config", output.asValue());
    }

    private static JsonBody type(String type) {
        return JsonBody.EMPTY.with("type", JsonValue.of(type));
    }

    private static boolean isNumber(String argument) {
        return !argument.isEmpty() && argument.chars().allMatch(c -> c >= '0' && c <= '9');
    }

    private static LongNode number(String tag, String digits) {
        if (digits.length() > MAX_DIGITS) {
            throw new ApiException(
                    ErrorCode.VALIDATION,
                    Tags.quoted(tag) + " in the model has " + digits.length() + " digits; at most " + MAX_DIGITS
                            + " are allowed");
        }
        return LongNode.valueOf(Long.parseLong(digits));
    }
}
