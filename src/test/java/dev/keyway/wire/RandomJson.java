package dev.keyway.wire;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Makes JSON as nobody would write it: odd white space, every escape, all forms of numbers, names twice. */
public final class RandomJson {
    private static final List<String> NUMBERS =
            List.of("0", "-0", "1.0", "1e2", "1E+2", "-0.50e-07", "123456789012345678901234567890", "0.10", "3");
    private static final List<String> TEXTS = List.of(
            "",
            "a",
            "caf\u00e9",
            "caf\\u00e9",
            "\\\"",
            "\\\\",
            "\\/",
            "/",
            "\ud83d\ude00",
            "\\ud83d\\ude00",
            "\\ud800",
            "}",
            "],",
            "\\n\\t\\b\\f\\r",
            "\u2028",
            "\u007f",
            ":",
            "\\u0000");
    private static final List<String> BLANKS = List.of("", "", "", " ", "\n", "\t", "\r\n  ", "   ");

    private final Random random;

    public RandomJson(long seed) {
        this.random = new Random(seed);
    }

    /** A top-level member as written, each piece by itself. */
    public record Piece(String name, String key, String value, String gap) {
        public String text() {
            return key + value + gap;
        }
    }

    /** Members with different names, {@code m0}, {@code m1} ... */
    public List<Piece> members(int count) {
        List<Piece> members = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String written = random.nextBoolean() ? "m" + i : "\\u006d" + i;
            String key = blank() + '"' + written + '"' + blank() + ':' + blank();
            members.add(new Piece("m" + i, key, value(4), blank()));
        }
        return members;
    }

    public String value(int depth) {
        int kind = random.nextInt(depth == 0 ? 4 : 6);
        return switch (kind) {
            case 0 -> any(NUMBERS);
            case 1, 2 -> '"' + any(TEXTS) + any(TEXTS) + '"';
            case 3 -> any(List.of("true", "false", "null"));
            case 4 -> container('[', ']', depth, false);
            default -> container('{', '}', depth, true);
        };
    }

    private String container(char open, char close, int depth, boolean object) {
        List<String> parts = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            String name = object ? '"' + any(List.of("x", "y", "x", "\\u0078")) + '"' + blank() + ':' + blank() : "";
            parts.add(blank() + name + value(depth - 1) + blank());
        }
        return open + (parts.isEmpty() ? blank() : String.join(",", parts)) + close;
    }

    public String blank() {
        return any(BLANKS);
    }

    public int below(int bound) {
        return random.nextInt(bound);
    }

    private String any(List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
