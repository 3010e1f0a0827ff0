package dev.keyway.stream;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import dev.keyway.exchange.Api;
import dev.keyway.wire.ErrorCode;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The end that Keyway writes to an event stream the upstream broke off: an empty line where an event is open, then one
 * error event in the shape of its API. No {@code [DONE]}: the stream did not end well.
 */
public final class BrokenEnd {
    private BrokenEnd() {}

    /**
     * The bytes to write, after the unfinished line was dropped.
     *
     * @param closing what closes the open event, from {@link EventTail#closing()}; empty when none is open
     * @param code what happened: {@link ErrorCode#UPSTREAM}, {@link ErrorCode#TIMEOUT}, {@link ErrorCode#UNAVAILABLE}
     * @param message for the client: what was wrong
     */
    public static byte[] of(Api api, SeenIds seen, String closing, ErrorCode code, String message) {
        String event = switch (api) {
            case CHAT, COMPLETIONS -> "data: " + chunk(seen, code, message);
            case MESSAGES -> "event: error\ndata: " + messagesError(seen, code, message);
            case RESPONSES -> "data: " + responsesError(seen, message);
            default -> "data: {" + error(code, message) + "}";
        };
        return (closing + event + "\n\n").getBytes(StandardCharsets.UTF_8);
    }

    private static String chunk(SeenIds seen, ErrorCode code, String message) {
        Long created = seen.created();
        return "{\"id\":" + quoted(orEmpty(seen.id()))
                + ",\"object\":\"chat.completion.chunk\",\"created\":" + (created == null ? 0L : created)
                + ",\"model\":" + quoted(orEmpty(seen.model()))
                + ",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\"},\"finish_reason\":\"error\"}],"
                + error(code, message) + "}";
    }

    private static String error(ErrorCode code, String message) {
        return "\"error\":{\"code\":" + code.status() + ",\"message\":" + quoted(message)
                + ",\"metadata\":{\"error_type\":" + quoted(errorType(code)) + "}}";
    }

    private static String messagesError(SeenIds seen, ErrorCode code, String message) {
        String id = seen.id();
        return "{\"type\":\"error\",\"error\":{\"type\":" + quoted(code.anthropic()) + ",\"message\":"
                + quoted(message) + ",\"error_type\":" + quoted(errorType(code)) + "},\"request_id\":"
                + (id == null ? "null" : quoted(id)) + "}";
    }

    private static String responsesError(SeenIds seen, String message) {
        return "{\"type\":\"error\",\"code\":\"server_error\",\"message\":" + quoted(message)
                + ",\"param\":null,\"sequence_number\":" + (seen.sequenceNumber() + 1) + "}";
    }

    private static String errorType(ErrorCode code) {
        return code == ErrorCode.TIMEOUT ? "timeout" : "provider_unavailable";
    }

    private static String orEmpty(@Nullable String text) {
        return text == null ? "" : text;
    }

    private static String quoted(String text) {
        StringBuilder json = new StringBuilder("\"");
        JsonStringEncoder.getInstance().quoteAsString(text, json);
        return json.append('"').toString();
    }
}
