package dev.keyway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One JSON value kept as the bytes that came, perhaps with other values put into it. Immutable; shares the memory of what
 * it was made from.
 *
 * <p>It has no white space around it. Reading into a value that was put together from several pieces copies it once.
 */
public final class JsonValue {
    /** What a value is. */
    public enum Kind {
        OBJECT("an object"),
        ARRAY("an array"),
        STRING("a string"),
        NUMBER("a number"),
        BOOLEAN("a boolean"),
        NULL("null");

        private final String phrase;

        Kind(String phrase) {
            this.phrase = phrase;
        }

        /** For messages: {@code an object}, {@code null}. */
        public String phrase() {
            return phrase;
        }
    }

    private static final Slice OPENING = Slice.of("[");
    private static final Slice CLOSING = Slice.of("]");

    private final List<Slice> parts;

    JsonValue(List<Slice> parts) {
        this.parts = List.copyOf(parts);
    }

    JsonValue(Slice whole) {
        this.parts = List.of(whole);
    }

    /** The bytes of a tree, compact. */
    public static JsonValue of(JsonNode tree) {
        return new JsonValue(JsonTree.write(tree));
    }

    /** The bytes of a string. */
    public static JsonValue of(String text) {
        return new JsonValue(JsonTree.token(text));
    }

    /** An array of these values, in this order. */
    public static JsonValue array(List<JsonValue> elements) {
        List<Slice> all = new ArrayList<>();
        all.add(OPENING);
        for (JsonValue element : elements) {
            if (all.size() > 1) {
                all.add(Slice.COMMA);
            }
            all.addAll(element.parts);
        }
        all.add(CLOSING);
        return new JsonValue(all);
    }

    public Kind kind() {
        Slice first = parts.get(0);
        return switch (first.array()[first.from()]) {
            case '{' -> Kind.OBJECT;
            case '[' -> Kind.ARRAY;
            case '"' -> Kind.STRING;
            case 't', 'f' -> Kind.BOOLEAN;
            case 'n' -> Kind.NULL;
            default -> Kind.NUMBER;
        };
    }

    public boolean is(Kind kind) {
        return kind() == kind;
    }

    /** The text of a string; null when this is no string. */
    public @Nullable String text() {
        return is(Kind.STRING) ? JsonTree.text(Slice.single(parts)) : null;
    }

    /**
     * A tree of this value: for small ones.
     *
     * @throws ApiException 400 when a number in it has over 1,000 digits or an exponent out of range
     */
    public JsonNode node() {
        return JsonTree.read(Slice.single(parts));
    }

    /**
     * This object, ready to be edited. Of members with the same name the last one counts.
     *
     * @throws IllegalStateException when this is no object
     */
    public JsonBody object() {
        require(Kind.OBJECT);
        return JsonBody.nested(Slice.single(parts));
    }

    /**
     * The elements of this array, found one after the other while iterating; each shares its memory.
     *
     * @throws IllegalStateException when this is no array
     */
    public Iterable<JsonValue> elements() {
        require(Kind.ARRAY);
        Slice whole = Slice.single(parts);
        return () -> new JsonElements(whole);
    }

    /**
     * This array with more elements behind its own, which stay byte for byte.
     *
     * @throws IllegalStateException when this is no array
     */
    public JsonValue plus(List<JsonValue> more) {
        require(Kind.ARRAY);
        if (more.isEmpty()) {
            return this;
        }
        Slice whole = Slice.single(parts);
        boolean empty = !new JsonElements(whole).hasNext();
        int lastEnd = whole.to() - 1;
        while (!empty && JsonScanner.isWhitespace(whole.array()[lastEnd - 1])) {
            lastEnd--;
        }
        List<Slice> all = new ArrayList<>();
        all.add(new Slice(whole.array(), whole.from(), lastEnd));
        for (JsonValue value : more) {
            if (!empty) {
                all.add(Slice.COMMA);
            }
            empty = false;
            all.addAll(value.parts);
        }
        all.add(new Slice(whole.array(), lastEnd, whole.to()));
        return new JsonValue(Slice.joined(all));
    }

    /**
     * This array with some of its elements exchanged; all other bytes stay.
     *
     * @param change answers another value for an element, or the element itself to leave it
     * @throws IllegalStateException when this is no array
     */
    public JsonValue mapElements(UnaryOperator<JsonValue> change) {
        Slice whole = Slice.single(parts);
        List<Slice> all = new ArrayList<>();
        int copied = whole.from();
        for (JsonValue element : new JsonValue(whole).elements()) {
            JsonValue changed = change.apply(element);
            if (changed != element) {
                Slice old = element.parts.get(0);
                all.add(new Slice(whole.array(), copied, old.from()));
                all.addAll(changed.parts);
                copied = old.to();
            }
        }
        if (all.isEmpty()) {
            return this;
        }
        all.add(new Slice(whole.array(), copied, whole.to()));
        return new JsonValue(Slice.joined(all));
    }

    /** This value in one stretch of memory, as {@link #replace} needs it; copies when it was put together. */
    public JsonValue inOnePiece() {
        return parts.size() == 1 ? this : new JsonValue(Slice.single(parts));
    }

    /**
     * This value with one value inside it exchanged; all other bytes stay.
     *
     * @param inner one that was read out of this value, at any depth
     * @throws IllegalArgumentException when {@code inner} is no part of this value, or this is not {@link #inOnePiece}
     */
    public JsonValue replace(JsonValue inner, JsonValue by) {
        Slice outside = parts.get(0);
        Slice inside = inner.parts.get(0);
        if (parts.size() != 1
                || inner.parts.size() != 1
                || outside.array() != inside.array()
                || inside.from() < outside.from()
                || inside.to() > outside.to()) {
            throw new IllegalArgumentException("not a part of this value");
        }
        List<Slice> all = new ArrayList<>();
        all.add(new Slice(outside.array(), outside.from(), inside.from()));
        all.addAll(by.parts);
        all.add(new Slice(outside.array(), inside.to(), outside.to()));
        return new JsonValue(Slice.joined(all));
    }

    /**
     * How many members of this name hold an object, at any depth; up to a limit, in one pass.
     *
     * @param limit the count stops here
     */
    public int countObjects(String name, int limit) {
        Slice whole = Slice.single(parts);
        JsonScanner scanner = new JsonScanner(whole.array(), whole.to());
        int count = 0;
        int at = whole.from();
        while (at < whole.to() && count < limit) {
            if (whole.array()[at] != '"') {
                at++;
                continue;
            }
            int stringEnd = scanner.string(at);
            int next = scanner.whitespace(stringEnd);
            if (next < whole.to() && whole.array()[next] == ':') {
                int value = scanner.whitespace(next + 1);
                if (whole.array()[value] == '{' && isNamed(new Slice(whole.array(), at, stringEnd), name)) {
                    count++;
                }
            }
            at = stringEnd;
        }
        return count;
    }

    /** The bytes of this value, in order: read-only, sharing the memory of the original, positions of their own. */
    public List<ByteBuffer> slices() {
        return Slice.buffers(parts);
    }

    List<Slice> parts() {
        return parts;
    }

    private static boolean isNamed(Slice token, String name) {
        int longestForm = 6 * name.length() + 2;
        return token.length() <= longestForm && JsonTree.text(token).equals(name);
    }

    private void require(Kind kind) {
        if (!is(kind)) {
            throw new IllegalStateException("not " + kind.phrase() + " but " + kind().phrase());
        }
    }
}
