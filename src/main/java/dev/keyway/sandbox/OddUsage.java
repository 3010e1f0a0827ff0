package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DoubleNode;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/** What can be wrong with the usage that an answer ends with. */
enum OddUsage {
    RIGHT,
    NONE,
    NEGATIVE,
    HUGE,
    TEXT,
    TWICE;

    private static final String DATA = "data: ";

    /** The form of this number: 1 negative, 2 of 1e300, 3 in words. */
    static OddUsage form(int number) {
        return switch (number) {
            case 1 -> NEGATIVE;
            case 2 -> HUGE;
            case 3 -> TEXT;
            default -> throw new IllegalArgumentException("the forms of odd usage are 1, 2 and 3");
        };
    }

    /** The events to send in place of one. */
    List<String> events(String event) throws IOException {
        int at = event.indexOf(DATA);
        if (this == RIGHT || at < 0 || !event.contains("\"usage\"")) {
            return List.of(event);
        }
        if (this == TWICE) {
            return List.of(event, event);
        }
        ObjectNode json =
                (ObjectNode) Json.parse(event.substring(at + DATA.length()).getBytes(StandardCharsets.UTF_8));
        return List.of(event.substring(0, at) + ChatDialect.data(whole(json)));
    }

    /** Spoils the usage of a whole answer, or of the one within an event; the same object. */
    ObjectNode whole(ObjectNode answer) {
        if (answer.get("response") instanceof ObjectNode response) {
            whole(response);
        }
        if (this == NONE) {
            answer.remove("usage");
        } else if (answer.get("usage") instanceof ObjectNode usage) {
            spoil(usage);
        }
        return answer;
    }

    private void spoil(ObjectNode usage) {
        for (Map.Entry<String, JsonNode> member : usage.properties()) {
            if (member.getValue() instanceof ObjectNode inner) {
                spoil(inner);
            } else if (member.getValue().isNumber()) {
                member.setValue(number(member.getValue()));
            }
        }
    }

    private JsonNode number(JsonNode right) {
        return switch (this) {
            case NEGATIVE -> LongNode.valueOf(-1 - right.longValue());
            case HUGE -> DoubleNode.valueOf(1e300);
            case TEXT -> TextNode.valueOf("many");
            default -> right;
        };
    }
}
