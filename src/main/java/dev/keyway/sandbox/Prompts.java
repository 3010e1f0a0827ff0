package dev.keyway.sandbox;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the stand-in makes of a request: how long its prompt is, what to think and to say to it. */
final class Prompts {
    private static final Set<String> CONTENT = Set.of("messages", "prompt", "input", "tools", "system");
    private static final int CHARS_PER_TOKEN = 4;
    private static final int TOKENS_PER_MEDIUM = 85;
    private static final int LONGEST_ECHO = 2_000;
    private static final int PIECE = 8;
    private static final Map<String, Integer> EFFORTS =
            Map.of("minimal", 1, "low", 3, "medium", 6, "high", 12, "xhigh", 18, "max", 24);

    private Prompts() {}

    /** One token for four characters of text, begun ones counted; 85 for an image, sound or file. */
    static long tokens(JsonNode prompt) {
        long[] sum = new long[2];
        count(prompt, sum);
        return Math.max(1, (sum[0] + CHARS_PER_TOKEN - 1) / CHARS_PER_TOKEN + sum[1] * TOKENS_PER_MEDIUM);
    }

    private static void count(JsonNode node, long[] sum) {
        if (node.isTextual()) {
            sum[0] += node.textValue().length();
        } else if (node.isObject() && node.has("type") && medium(node)) {
            sum[1]++;
        } else if (node.isObject()) {
            node.forEach(child -> {
                if (child.isContainerNode()) {
                    count(child, sum);
                }
            });
            count(node.path("content").isTextual() ? node.get("content") : node.path("text"), sum);
        } else {
            node.forEach(child -> count(child, sum));
        }
    }

    private static boolean medium(JsonNode part) {
        String type = part.get("type").asText();
        return type.contains("image") || type.contains("audio") || type.contains("file") || type.contains("video");
    }

    /** Whether the request, or else the model, wants reasoning; one piece is one token. */
    static List<String> reasoning(JsonNode request, CatalogueModel model) {
        JsonNode reasoning = request.path("reasoning");
        JsonNode thinking = request.path("thinking");
        String effort = effort(request, reasoning);
        boolean off = effort.equals("none")
                || isFalse(reasoning.path("enabled"))
                || thinking.path("type").asText().equals("disabled");
        if (off && model.row().at("/reasoning/mandatory").asBoolean(false)) {
            throw new RefusedException(
                    ApiError.invalid("Reasoning is mandatory for this endpoint and cannot be disabled."));
        }
        boolean hidden = reasoning.path("exclude").asBoolean(false) || isFalse(request.path("include_reasoning"));
        boolean asked = !effort.isEmpty()
                || reasoning.isObject()
                || thinking.isObject()
                || request.path("include_reasoning").asBoolean(false);
        if (off || hidden || !(asked || model.reasonsAlways())) {
            return List.of();
        }
        return thoughts(effort.isEmpty() ? "medium" : effort, reasoning, thinking);
    }

    private static boolean isFalse(JsonNode node) {
        return node.isBoolean() && !node.booleanValue();
    }

    private static String effort(JsonNode request, JsonNode reasoning) {
        for (JsonNode word : List.of(
                reasoning.path("effort"), request.path("reasoning_effort"), request.at("/output_config/effort"))) {
            if (word.isTextual()) {
                return word.textValue();
            }
        }
        return "";
    }

    private static List<String> thoughts(String effort, JsonNode reasoning, JsonNode thinking) {
        List<String> thoughts = new ArrayList<>();
        long budget = reasoning
                .path("max_tokens")
                .asLong(thinking.path("budget_tokens").asLong(0));
        thoughts.add(budget > 0 ? "Budget " + budget + " tokens." : "Effort " + effort + ".");
        for (int step = 1; step < EFFORTS.getOrDefault(effort, 6); step++) {
            thoughts.add(" Step " + step + ".");
        }
        return thoughts;
    }

    /** Says in JSON what reached the stand-in: all of the request but its content. */
    static List<String> answer(JsonNode request, CatalogueModel model, String provider) {
        ObjectNode told = Json.object();
        request.properties().forEach(member -> {
            if (CONTENT.contains(member.getKey())) {
                told.put(member.getKey(), size(member.getValue()));
            } else {
                told.set(member.getKey(), member.getValue());
            }
        });
        String json = Json.text(told);
        if (json.length() > LONGEST_ECHO) {
            json = json.substring(0, LONGEST_ECHO) + "…";
        }
        return pieces("Stand-in answer – no model was asked, 0 € were spent. " + model.id() + " on " + provider
                + " received: " + json);
    }

    private static String size(JsonNode content) {
        return content.isArray()
                ? content.size() + " item(s)"
                : content.asText().length() + " character(s)";
    }

    /** Cuts a text into pieces that end after a space or have 8 characters, no character torn. */
    static List<String> pieces(String text) {
        List<String> pieces = new ArrayList<>();
        int begin = 0;
        for (int at = 0; at < text.length(); at = text.offsetByCodePoints(at, 1)) {
            if (at > begin && (text.charAt(at - 1) == ' ' || at - begin >= PIECE)) {
                pieces.add(text.substring(begin, at));
                begin = at;
            }
        }
        pieces.add(text.substring(begin));
        return pieces;
    }
}
