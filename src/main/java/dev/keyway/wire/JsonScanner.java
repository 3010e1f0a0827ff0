package dev.keyway.wire;

import java.util.BitSet;

/**
 * Walks JSON bytes and checks them against RFC 8259 and strict UTF-8, without building anything: no string, no number, no
 * tree, whatever their size.
 *
 * <p>Positions are indices of the array. Each method takes the place where it starts and answers the place behind what
 * it read. Nesting is counted, not recursed into; one pass, linear time.
 */
final class JsonScanner {
    /** Objects and arrays inside one another, the outermost counted. */
    static final int MAX_DEPTH = 500;

    private static final int CONTINUATION_MIN = 0x80;
    private static final int CONTINUATION_MAX = 0xBF;

    private final byte[] bytes;
    private final int end;

    JsonScanner(byte[] bytes, int end) {
        this.bytes = bytes;
        this.end = end;
    }

    int whitespace(int at) {
        int i = at;
        while (i < end && isWhitespace(bytes[i])) {
            i++;
        }
        return i;
    }

    static boolean isWhitespace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }

    /** The byte at a place that must not be behind the end. */
    byte peek(int at, String expected) {
        if (at >= end) {
            throw fail(at, "it ends where " + expected + " is expected");
        }
        return bytes[at];
    }

    int expect(int at, char wanted, String name) {
        if (peek(at, name) != wanted) {
            throw fail(at, "expected " + name);
        }
        return at + 1;
    }

    void end(int at) {
        if (at < end) {
            throw fail(at, "nothing but white space may follow the object");
        }
    }

    /** A member's name with its colon and the white space around that: answers where the value begins. */
    int key(int at) {
        if (peek(at, "a member name") != '"') {
            throw fail(at, "expected a member name in double quotes");
        }
        int colon = whitespace(string(at));
        return whitespace(expect(colon, ':', "a colon"));
    }

    /** One value of any kind, without white space around it; {@code depth} containers are open around it. */
    int value(int start, int depth) {
        Containers containers = new Containers();
        int at = start;
        do {
            byte first = peek(at, "a value");
            if (first == '{' || first == '[') {
                at = enter(at, depth, containers);
            } else {
                at = leave(scalar(at, first), containers);
            }
        } while (containers.open > 0);
        return at;
    }

    /** The containers that are open, the innermost last. */
    private static final class Containers {
        private final BitSet objects = new BitSet();
        private int open;

        void push(boolean object) {
            objects.set(open++, object);
        }

        boolean innermostIsObject() {
            return objects.get(open - 1);
        }
    }

    /** From an opening bracket to the first value inside; when there is none, to what follows. */
    private int enter(int start, int depth, Containers containers) {
        if (depth + containers.open >= MAX_DEPTH) {
            throw fail(start, "it is nested deeper than " + MAX_DEPTH + " levels");
        }
        boolean object = bytes[start] == '{';
        containers.push(object);
        int at = whitespace(start + 1);
        if (peek(at, "a value or the end of the container") == closing(object)) {
            return leave(at, containers);
        }
        return object ? key(at) : at;
    }

    /** From behind a value to the next one in the same container, or out of all that end here. */
    private int leave(int start, Containers containers) {
        int at = start;
        while (containers.open > 0) {
            at = whitespace(at);
            boolean object = containers.innermostIsObject();
            String expected = object ? "a comma or }" : "a comma or ]";
            byte next = peek(at, expected);
            if (next == ',') {
                at = whitespace(at + 1);
                return object ? key(at) : at;
            }
            if (next != closing(object)) {
                throw fail(at, "expected " + expected);
            }
            at++;
            containers.open--;
        }
        return at;
    }

    private static char closing(boolean object) {
        return object ? '}' : ']';
    }

    private int scalar(int at, byte first) {
        return switch (first) {
            case '"' -> string(at);
            case 't' -> literal(at, "true");
            case 'f' -> literal(at, "false");
            case 'n' -> literal(at, "null");
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number(at);
            default -> throw fail(at, "expected a value");
        };
    }

    private int literal(int at, String word) {
        for (int i = 0; i < word.length(); i++) {
            if (at + i >= end || bytes[at + i] != word.charAt(i)) {
                throw fail(at, "expected a value");
            }
        }
        return at + word.length();
    }

    private int number(int start) {
        int at = bytes[start] == '-' ? start + 1 : start;
        at = at < end && bytes[at] == '0' ? at + 1 : digits(at);
        if (at < end && bytes[at] == '.') {
            at = digits(at + 1);
        }
        if (at < end && (bytes[at] == 'e' || bytes[at] == 'E')) {
            at++;
            if (at < end && (bytes[at] == '+' || bytes[at] == '-')) {
                at++;
            }
            at = digits(at);
        }
        return at;
    }

    private int digits(int start) {
        int at = start;
        while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
            at++;
        }
        if (at == start) {
            throw fail(at, "expected a digit");
        }
        return at;
    }

    int string(int start) {
        int at = start + 1;
        while (at < end) {
            int b = bytes[at];
            if (b == '"') {
                return at + 1;
            }
            if (b < 0) {
                at = multiByte(at);
            } else if (b == '\\') {
                at = escape(at);
            } else if (b < 0x20) {
                throw fail(at, "a control character in a string must be escaped");
            } else {
                at++;
            }
        }
        throw fail(at, "it ends inside a string");
    }

    private int escape(int at) {
        byte kind = peek(at + 1, "an escape");
        if (kind != 'u') {
            if ("\"\\/bfnrt".indexOf(kind) < 0) {
                throw fail(at, "unknown escape in a string");
            }
            return at + 2;
        }
        for (int i = at + 2; i < at + 6; i++) {
            if (Character.digit(peek(i, "a hexadecimal digit"), 16) < 0) {
                throw fail(at, "\\u must be followed by four hexadecimal digits");
            }
        }
        return at + 6;
    }

    /** One character of two to four bytes; the ranges are those of Table 3-7 in the Unicode standard. */
    private int multiByte(int at) {
        int lead = bytes[at] & 0xff;
        int low = CONTINUATION_MIN;
        int high = CONTINUATION_MAX;
        int length;
        if (lead >= 0xC2 && lead <= 0xDF) {
            length = 2;
        } else if (lead >= 0xE0 && lead <= 0xEF) {
            length = 3;
            low = lead == 0xE0 ? 0xA0 : low;
            high = lead == 0xED ? 0x9F : high;
        } else if (lead >= 0xF0 && lead <= 0xF4) {
            length = 4;
            low = lead == 0xF0 ? 0x90 : low;
            high = lead == 0xF4 ? 0x8F : high;
        } else {
            throw fail(at, "invalid UTF-8");
        }
        for (int i = 1; i < length; i++) {
            int next = at + i < end ? bytes[at + i] & 0xff : 0;
            if (next < (i == 1 ? low : CONTINUATION_MIN) || next > (i == 1 ? high : CONTINUATION_MAX)) {
                throw fail(at, "invalid UTF-8");
            }
        }
        return at + length;
    }

    /** The error to throw for what stands at a place; its text quotes none of the bytes. */
    ApiException fail(int at, String what) {
        int line = 1;
        int lineStart = 0;
        for (int i = 0; i < Math.min(at, end); i++) {
            if (bytes[i] == '\n') {
                line++;
                lineStart = i + 1;
            }
        }
        return new ApiException(
                ErrorCode.VALIDATION,
                "The body must be one JSON object in UTF-8: " + what + " at byte " + at + " (line " + line + ", column "
                        + (at - lineStart + 1) + ")");
    }
}
