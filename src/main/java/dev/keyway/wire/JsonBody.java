package dev.keyway.wire;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A JSON object kept as the bytes that came: what is not named by an edit goes out byte for byte, in its order, with its
 * white space, escapes and number forms.
 *
 * <p>Immutable: an edit answers a new object that shares the memory of the old one. The array given to {@link #parse}
 * must not be written to afterwards.
 *
 * <p>Limits: {@value JsonScanner#MAX_DEPTH} levels of nesting, {@value #MAX_MEMBERS} members at the top level. The size
 * of the whole, of strings, names and numbers has none: they are passed over, never built. A byte order mark is refused
 * (RFC 8259 section 8.1), the upstream would not understand it either.
 */
public final class JsonBody {
    /** Members at the top level; the largest request of OpenRouter's APIs has about fifty. */
    static final int MAX_MEMBERS = 10_000;

    /** An object without members. */
    public static final JsonBody EMPTY = new JsonBody(Slice.of("{"), List.of(), Slice.EMPTY, Slice.of("}"));

    private static final Slice COLON = Slice.of(":");

    private final Slice head;
    private final List<Member> members;

    /** White space behind the last value, or all of it inside an object without members. */
    private final Slice padding;

    private final Slice tail;

    /**
     * One member as it is written.
     *
     * @param at where its name stands in the bytes it was read from
     * @param comma the one before it; left out when it comes first
     * @param key white space, name, colon, white space
     * @param gap white space behind the value, before the comma of the next one
     */
    private record Member(String name, int at, Slice comma, Slice key, JsonValue value, Slice gap) {
        Member withValue(JsonValue other) {
            return new Member(name, at, comma, key, other, gap);
        }
    }

    private JsonBody(Slice head, List<Member> members, Slice padding, Slice tail) {
        this.head = head;
        this.members = members;
        this.padding = padding;
        this.tail = tail;
    }

    /**
     * Takes the bytes of one JSON object, with white space around it.
     *
     * @throws ApiException 400 when they are anything else: broken JSON or UTF-8, another kind of value, a name twice at
     *     the top level, too deep; the text says what and where and quotes nothing
     */
    public static JsonBody parse(byte[] bytes) {
        JsonScanner scanner = new JsonScanner(bytes, bytes.length);
        if (bytes.length >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF) {
            throw scanner.fail(0, "a byte order mark is not allowed");
        }
        JsonBody body = read(scanner, Slice.of(bytes));
        body.refuseDuplicates(scanner);
        return body;
    }

    /** An object inside another one, already checked; the same name twice is the client's business there. */
    static JsonBody nested(Slice object) {
        return read(new JsonScanner(object.array(), object.to()), object);
    }

    private static JsonBody read(JsonScanner scanner, Slice all) {
        byte[] bytes = all.array();
        int brace = scanner.whitespace(all.from());
        int at = scanner.expect(brace, '{', "an object");
        Slice head = new Slice(bytes, all.from(), at);
        List<Member> members = new ArrayList<>();
        int quote = scanner.whitespace(at);
        if (scanner.peek(quote, "a member name or }") == '}') {
            return new JsonBody(head, members, new Slice(bytes, at, quote), tail(scanner, bytes, quote));
        }
        Slice comma = Slice.COMMA;
        while (true) {
            quote = scanner.whitespace(at);
            int value = scanner.key(quote);
            int valueEnd = scanner.value(value, 1);
            int next = scanner.whitespace(valueEnd);
            boolean more = scanner.peek(next, "a comma or }") == ',';
            Slice gap = new Slice(bytes, valueEnd, next);
            members.add(new Member(
                    JsonTree.text(new Slice(bytes, quote, scanner.string(quote))),
                    quote,
                    comma,
                    new Slice(bytes, at, value),
                    new JsonValue(new Slice(bytes, value, valueEnd)),
                    more ? gap : Slice.EMPTY));
            if (!more) {
                return new JsonBody(head, members, gap, tail(scanner, bytes, next));
            }
            if (members.size() == MAX_MEMBERS) {
                throw scanner.fail(next, "more than " + MAX_MEMBERS + " members in one object");
            }
            comma = new Slice(bytes, next, next + 1);
            at = next + 1;
        }
    }

    private static Slice tail(JsonScanner scanner, byte[] bytes, int brace) {
        int objectEnd = scanner.expect(brace, '}', "a comma or }");
        int end = scanner.whitespace(objectEnd);
        scanner.end(end);
        return new Slice(bytes, brace, end);
    }

    private void refuseDuplicates(JsonScanner scanner) {
        Map<String, Integer> seen = new HashMap<>();
        for (Member member : members) {
            Integer first = seen.putIfAbsent(member.name, member.at);
            if (first != null) {
                throw scanner.fail(member.at, "the member name of byte " + first + " stands a second time");
            }
        }
    }

    /** The names of the members in their order. */
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        members.forEach(member -> names.add(member.name));
        return names;
    }

    public boolean has(String name) {
        return indexOf(name) >= 0;
    }

    /** One member as it stands; null when it is absent. */
    public @Nullable JsonValue value(String name) {
        int index = indexOf(name);
        return index < 0 ? null : members.get(index).value;
    }

    /** The text of a string member; null when it is absent or no string. */
    public @Nullable String text(String name) {
        JsonValue value = value(name);
        return value == null ? null : value.text();
    }

    /**
     * A tree of one member, decimals as they are written; null when it is absent.
     *
     * @throws ApiException 400 when a number in it has over 1,000 digits or an exponent out of range
     */
    public @Nullable JsonNode node(String name) {
        JsonValue value = value(name);
        return value == null ? null : value.node();
    }

    /** The same object with this member replaced in place, or appended. */
    public JsonBody with(String name, JsonNode value) {
        return with(name, JsonValue.of(value));
    }

    /** The same object with this member replaced in place, or appended; the value's bytes are not copied. */
    public JsonBody with(String name, JsonValue value) {
        List<Member> edited = new ArrayList<>(members);
        int index = indexOf(name);
        if (index >= 0) {
            edited.set(index, members.get(index).withValue(value));
        } else {
            List<Slice> key = List.of(JsonTree.token(name), COLON);
            edited.add(new Member(name, -1, Slice.COMMA, Slice.single(key), value, Slice.EMPTY));
        }
        return new JsonBody(head, edited, padding, tail);
    }

    /** The same object without this member. */
    public JsonBody without(String name) {
        if (!has(name)) {
            return this;
        }
        List<Member> kept = new ArrayList<>(members);
        kept.removeIf(member -> member.name.equals(name));
        return new JsonBody(head, kept, padding, tail);
    }

    /** This object as a value, without white space around it, to be put into another one. */
    public JsonValue asValue() {
        Slice brace = new Slice(head.array(), head.to() - 1, head.to());
        Slice closing = new Slice(tail.array(), tail.from(), tail.from() + 1);
        return new JsonValue(new JsonBody(brace, members, padding, closing).parts());
    }

    /** The bytes to send, in order: read-only, sharing the memory of the original, positions of their own. */
    public List<ByteBuffer> slices() {
        return Slice.buffers(parts());
    }

    /** Length of all slices, in bytes. */
    public long length() {
        return parts().stream().mapToLong(Slice::length).sum();
    }

    private List<Slice> parts() {
        List<Slice> parts = new ArrayList<>();
        parts.add(head);
        for (int i = 0; i < members.size(); i++) {
            Member member = members.get(i);
            if (i > 0) {
                parts.add(members.get(i - 1).gap);
                parts.add(member.comma);
            }
            parts.add(member.key);
            parts.addAll(member.value.parts());
        }
        parts.add(padding);
        parts.add(tail);
        return Slice.joined(parts);
    }

    /** Of several with the same name the last: that is the one most readers of JSON take. */
    private int indexOf(String name) {
        for (int i = members.size() - 1; i >= 0; i--) {
            if (members.get(i).name.equals(name)) {
                return i;
            }
        }
        return -1;
    }
}
