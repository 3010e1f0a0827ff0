package dev.keyway.testing.framing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One request of {@code cases.txt}, which says how to read it.
 *
 * @param name what is odd about it
 * @param allowed what any server may do with it
 * @param strict what Keyway's own server may do with it
 * @param then what must become of the connection
 * @param raw the bytes, escaped, with placeholders
 */
public record FramingCase(String name, List<Outcome> allowed, List<Outcome> strict, Then then, String raw) {
    private static final String FILE = "cases.txt";
    private static final String NAME = "=== ";
    private static final String BYTES = "---";

    /** Whether the next request on the connection is answered. */
    public enum Then {
        EITHER,
        MARKER,
        CLOSE
    }

    /**
     * An answer and the request that the upstream sees because of it.
     *
     * @param answer a status; 0: the connection ends without one; {@link #SILENCE}
     * @param request method, target and body with placeholders; empty: none
     */
    public record Outcome(int answer, String request) {
        /** Neither answer nor end, since more is to come by the framing. */
        static final int SILENCE = -1;

        static List<Outcome> list(String text) {
            return Arrays.stream(text.split(" \\| ", -1)).map(Outcome::of).toList();
        }

        private static Outcome of(String text) {
            String[] words = text.strip().split(" ", 2);
            int answer = switch (words[0]) {
                case "close" -> 0;
                case "silence" -> SILENCE;
                default -> Integer.parseInt(words[0]);
            };
            return new Outcome(answer, words.length > 1 ? words[1].strip() : "");
        }
    }

    /** All of them, in the order of the file. */
    public static List<FramingCase> all() {
        List<FramingCase> cases = new ArrayList<>();
        for (String block : text().split("(?m)^" + NAME, -1)) {
            if (block.contains("\n" + BYTES + "\n")) {
                cases.add(parse(block));
            }
        }
        return cases;
    }

    private static String text() {
        try (InputStream in = FramingCase.class.getResourceAsStream(FILE)) {
            if (in == null) {
                throw new IllegalStateException(FILE + " is missing");
            }
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("(?m)^#.*\n", "");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static FramingCase parse(String block) {
        int split = block.indexOf("\n" + BYTES + "\n");
        List<String> head = block.substring(0, split).lines().toList();
        String answer = "";
        String standalone = "";
        Then then = Then.EITHER;
        for (String line : head.subList(1, head.size())) {
            String value = line.substring(line.indexOf(' ') + 1);
            switch (line.substring(0, line.indexOf(':'))) {
                case "answer" -> answer = value;
                case "standalone" -> standalone = value;
                case "then" -> then = Then.valueOf(value.toUpperCase(Locale.ROOT));
                default -> throw new IllegalArgumentException(head.get(0) + ": " + line);
            }
        }
        List<Outcome> allowed = Outcome.list(answer);
        return new FramingCase(
                head.get(0),
                allowed,
                standalone.isEmpty() ? allowed : Outcome.list(standalone),
                then,
                block.substring(split + BYTES.length() + 2).replace("\n", ""));
    }

    /** The bytes that stand for a text with placeholders and escapes; a name that is not known stays as it is. */
    static byte[] bytes(String text, Map<String, String> names) {
        String filled = text;
        for (Map.Entry<String, String> name : names.entrySet()) {
            filled = filled.replace("{" + name.getKey() + "}", name.getValue());
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int at = 0; at < filled.length(); at++) {
            char c = filled.charAt(at);
            if (c != '\\') {
                bytes.write(c);
                continue;
            }
            char kind = filled.charAt(++at);
            if (kind == 'x') {
                bytes.write(Integer.parseInt(filled.substring(at + 1, at + 3), 16));
                at += 2;
            } else {
                bytes.write(escape(kind));
            }
        }
        return bytes.toByteArray();
    }

    private static int escape(char kind) {
        return switch (kind) {
            case 'r' -> '\r';
            case 'n' -> '\n';
            case 't' -> '\t';
            case '0' -> 0;
            case '\\' -> '\\';
            default -> throw new IllegalArgumentException("unknown escape: " + kind);
        };
    }

    @Override
    public String toString() {
        return name;
    }
}
