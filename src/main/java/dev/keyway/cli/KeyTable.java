package dev.keyway.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/** The keys as a table for people; a column in which no key has anything is left out. */
final class KeyTable {
    private final Map<String, Function<JsonNode, String>> columns = new LinkedHashMap<>();

    KeyTable(Moments moments) {
        columns.put("ID", text("id"));
        columns.put("LABEL", text("label"));
        columns.put("ACCOUNT", text("account"));
        columns.put("SOURCE", text("source"));
        columns.put("STATE", text("state"));
        columns.put("REASON", text("reason"));
        columns.put("UNTIL", time("until", moments));
        columns.put("FREE TIER OUT UNTIL", time("free_until", moments));
        columns.put("LAST USED", time("last_used", moments));
        columns.put("SERVED", text("successes"));
        columns.put("FAILED", text("failures"));
        columns.put("CREDIT", key -> credit(key.path("credit")));
        columns.put("FREE LEFT", text("free_requests_left"));
        columns.put("EXPIRES", key -> time("expires", moments).apply(key.path("credit")));
    }

    private static Function<JsonNode, String> text(String member) {
        return key -> Plain.text(key.path(member).asText(""));
    }

    private static Function<JsonNode, String> time(String member, Moments moments) {
        return key ->
                key.path(member).isTextual() ? moments.show(key.path(member).textValue()) : "";
    }

    /** {@code $1.50 of $20}; without a limit of its own nothing stands in the way. */
    static String credit(JsonNode credit) {
        if (!credit.isObject()) {
            return "";
        }
        JsonNode remaining = credit.path("remaining");
        if (!remaining.isNumber()) {
            return "no limit";
        }
        JsonNode limit = credit.path("limit");
        return "$" + remaining.asText() + (limit.isNumber() ? " of $" + limit.asText() : "");
    }

    /** The lines of the table and one that counts. */
    List<String> lines(JsonNode keys) {
        if (keys.isEmpty()) {
            return List.of("No keys.");
        }
        List<StringBuilder> lines = new ArrayList<>();
        for (int i = 0; i <= keys.size(); i++) {
            lines.add(new StringBuilder());
        }
        columns.forEach((head, cell) -> {
            List<String> cells = new ArrayList<>();
            keys.forEach(key -> cells.add(cell.apply(key)));
            if (cells.stream().anyMatch(text -> !text.isEmpty())) {
                cells.add(0, head);
                append(lines, cells);
            }
        });
        List<String> table = new ArrayList<>(
                lines.stream().map(line -> line.toString().stripTrailing()).toList());
        table.add(count(keys));
        return table;
    }

    private static void append(List<StringBuilder> lines, List<String> cells) {
        int width = cells.stream().mapToInt(KeyTable::width).max().orElse(0);
        for (int i = 0; i < cells.size(); i++) {
            String cell = cells.get(i);
            lines.get(i).append(cell).append(" ".repeat(width - width(cell) + 2));
        }
    }

    private static int width(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    private static String count(JsonNode keys) {
        Map<String, Integer> states = new TreeMap<>();
        keys.forEach(key -> states.merge(Plain.text(key.path("state").asText("?")), 1, Integer::sum));
        List<String> counts = new ArrayList<>();
        states.forEach((state, count) -> counts.add(count + " " + state));
        return keys.size() + (keys.size() == 1 ? " key: " : " keys: ") + String.join(", ", counts) + ".";
    }
}
