package dev.keyway.filter.tag;

import dev.keyway.wire.JsonBody;
import dev.keyway.wire.JsonValue;
import dev.keyway.wire.JsonValue.Kind;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * {@code $cache}: a prompt-cache breakpoint at the last text of the conversation; of several lifetimes the longest counts.
 *
 * <p>It goes on the last message whose content is a string or has a text part, there on the last text part. A request that
 * has {@value #MAX_BREAKPOINTS} breakpoints already is left alone: the provider would refuse a fifth. Where the API takes
 * no breakpoint inside its input, the one for the whole request is set; completions have neither.
 */
final class CacheTag implements Tag {
    private static final String HOUR = "cache1h";
    private static final Set<String> NAMES = Set.of("cache", "cache5m", HOUR);
    private static final String MEMBER = "cache_control";
    private static final String CONTENT = "content";
    private static final int MAX_BREAKPOINTS = 4;

    @Override
    public List<TagDoc> docs() {
        return List.of(
                new TagDoc(
                        "cache, cache5m",
                        "keep the prompt up to the last text in the provider's cache for 5 minutes",
                        "cache_control: {\"type\": \"ephemeral\"} on the last text part"),
                new TagDoc(
                        HOUR,
                        "the same for an hour",
                        "cache_control: {\"type\": \"ephemeral\", \"ttl\": \"1h\"} on the last text part"));
    }

    @Override
    public boolean matches(String tag) {
        return NAMES.contains(normal(tag));
    }

    @Override
    public JsonBody write(JsonBody body, List<String> tags, TagTarget target) {
        JsonBody breakpoint = JsonBody.EMPTY.with("type", JsonValue.of("ephemeral"));
        JsonValue control = (tags.contains(HOUR) ? breakpoint.with("ttl", JsonValue.of("1h")) : breakpoint).asValue();
        return switch (target.api()) {
            case RESPONSES -> body.with(MEMBER, control);
            case COMPLETIONS -> body;
            default -> marked(body, control);
        };
    }

    private static JsonBody marked(JsonBody body, JsonValue control) {
        @Nullable JsonValue value = body.value("messages");
        if (value == null || !value.is(Kind.ARRAY) || breakpoints(body) >= MAX_BREAKPOINTS) {
            return body;
        }
        JsonValue messages = value.inOnePiece();
        @Nullable JsonValue place = null;
        for (JsonValue message : messages.elements()) {
            @Nullable JsonValue inMessage = place(message);
            place = inMessage == null ? place : inMessage;
        }
        return place == null ? body : body.with("messages", messages.replace(place, marked(place, control)));
    }

    private static int breakpoints(JsonBody body) {
        return Stream.of("messages", "tools", "system")
                .map(body::value)
                .mapToInt(value -> value == null ? 0 : value.countObjects(MEMBER, MAX_BREAKPOINTS))
                .sum();
    }

    /** Where a breakpoint can stand in a message: its content if that is a string, else the last text part, else null. */
    private static @Nullable JsonValue place(JsonValue message) {
        @Nullable JsonValue content = message.is(Kind.OBJECT) ? message.object().value(CONTENT) : null;
        if (content == null || content.is(Kind.STRING)) {
            return content;
        }
        @Nullable JsonValue last = null;
        if (content.is(Kind.ARRAY)) {
            for (JsonValue part : content.elements()) {
                last = isText(part) ? part : last;
            }
        }
        return last;
    }

    private static boolean isText(JsonValue part) {
        return part.is(Kind.OBJECT) && "text".equals(part.object().text("type"));
    }

    private static JsonValue marked(JsonValue place, JsonValue control) {
        if (place.is(Kind.OBJECT)) {
            return place.object().with(MEMBER, control).asValue();
        }
        JsonBody part = JsonBody.EMPTY
                .with("type", JsonValue.of("text"))
                .with("text", place)
                .with(MEMBER, control);
        return JsonValue.array(List.of(part.asValue()));
    }
}
