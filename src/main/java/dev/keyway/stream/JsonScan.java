package dev.keyway.stream;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Walks one JSON document of any size that comes in pieces and tells the values at the places asked for; everything
 * else, a string of a gigabyte too, flows past uncopied. Memory: what the {@link Member}s' limits allow.
 *
 * <p>It takes any bytes and never throws; where it sees that they are no JSON it goes quiet. It does not check what it
 * skips. Not thread-safe.
 */
final class JsonScan<F> {
    private static final int MAX_DEPTH = 8;
    private static final int MAX_KEY = 48;
    private static final int FIRST_BUFFER = 256;

    private final Member<F> root;
    private final Sink<F> sink;
    private final Frame<F>[] frames;
    private final byte[] key = new byte[MAX_KEY];
    private State state = State.VALUE;
    private int depth;
    private int nesting;
    private boolean escaped;
    private int keyLength;
    private @Nullable Member<F> member;
    private @Nullable Member<F> captured;
    private byte[] value = {};
    private int valueLength;
    private boolean whole;

    private enum State {
        VALUE,
        STRING,
        ATOM,
        CONTAINER,
        KEY_START,
        KEY,
        COLON,
        AFTER,
        DONE,
        BROKEN
    }

    private static final class Frame<F> {
        private @Nullable Member<F> place;
        private boolean array;
    }

    /** Told what is found. */
    interface Sink<F> {
        /** A member that has a field begins. */
        default void onMember(F field) {}

        /**
         * The value of a place with a limit.
         *
         * @param json its bytes as they stand, quotes and escapes too; good until the call returns
         * @param whole false when it was longer than the limit, and only its beginning is there
         */
        void onValue(F field, byte[] json, int length, boolean whole);
    }

    JsonScan(Member<F> root, Sink<F> sink) {
        this.root = root;
        this.sink = sink;
        this.frames = frames();
        this.member = root;
    }

    @SuppressWarnings({"unchecked", "rawtypes"}) // Java has no arrays of a generic type
    private static <F> Frame<F>[] frames() {
        Frame<F>[] made = new Frame[MAX_DEPTH];
        Arrays.setAll(made, i -> new Frame<>());
        return made;
    }

    /** Forgets everything: what comes next is another document. */
    void reset() {
        state = State.VALUE;
        depth = 0;
        escaped = false;
        captured = null;
        member = root;
    }

    /** Whether the document came to its end. */
    boolean done() {
        return state == State.DONE;
    }

    /** Whether the bytes turned out to be no JSON. */
    boolean broken() {
        return state == State.BROKEN;
    }

    /**
     * The next bytes.
     *
     * @return the index behind the last byte that belongs to the document
     */
    int feed(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to) {
            switch (state) {
                case VALUE -> at = value(bytes, at, to);
                case STRING -> at = string(bytes, at, to);
                case ATOM -> at = atom(bytes, at, to);
                case CONTAINER -> at = container(bytes, at, to);
                case KEY_START -> at = keyStart(bytes, at);
                case KEY -> at = key(bytes, at, to);
                case COLON -> at = colon(bytes, at);
                case AFTER -> at = after(bytes, at);
                case DONE, BROKEN -> {
                    return at;
                }
            }
        }
        return at;
    }

    private int value(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && isSpace(bytes[at])) {
            at++;
        }
        if (at == to) {
            return to;
        }
        byte first = bytes[at];
        if (first == ']' && depth > 0 && frames[depth - 1].array) {
            pop();
            return at + 1;
        }
        Member<F> place = member;
        if (place != null && place.limit() > 0) {
            captured = place;
            valueLength = 0;
            whole = true;
            keep(bytes, at, at + 1);
        }
        begin(first, place);
        return at + 1;
    }

    private void begin(byte first, @Nullable Member<F> place) {
        nesting = 0;
        if (first == '"') {
            state = State.STRING;
        } else if (first == '{' || first == '[') {
            if (place != null && place.opens(first)) {
                push(place, first == '[');
            } else {
                nesting = 1;
                state = State.CONTAINER;
            }
        } else if (first == '-' || (first >= '0' && first <= '9') || (first >= 'a' && first <= 'z')) {
            state = State.ATOM;
        } else {
            state = State.BROKEN;
        }
    }

    private void push(Member<F> place, boolean array) {
        if (depth == MAX_DEPTH) {
            state = State.BROKEN;
            return;
        }
        frames[depth].place = place;
        frames[depth].array = array;
        depth++;
        startItem();
    }

    private void startItem() {
        Frame<F> frame = frames[depth - 1];
        Member<F> place = frame.place;
        member = frame.array && place != null ? place.element() : null;
        state = frame.array ? State.VALUE : State.KEY_START;
    }

    private void pop() {
        depth--;
        endValue();
    }

    private void endValue() {
        Member<F> told = captured;
        captured = null;
        state = depth == 0 ? State.DONE : State.AFTER;
        if (told != null && told.field() != null) {
            sink.onValue(told.field(), value, valueLength, whole);
        }
    }

    private void keep(byte[] bytes, int from, int to) {
        Member<F> place = captured;
        if (place == null) {
            return;
        }
        int size = Math.min(to - from, place.limit() - valueLength);
        whole &= size == to - from;
        if (size > value.length - valueLength) {
            value = Arrays.copyOf(value, Math.max(valueLength + size, Math.max(FIRST_BUFFER, 2 * value.length)));
        }
        System.arraycopy(bytes, from, value, valueLength, size);
        valueLength += size;
    }

    private int string(byte[] bytes, int from, int to) {
        int at = from;
        if (escaped) {
            escaped = false;
            at++;
        }
        while (at < to && bytes[at] != '"' && bytes[at] != '\\') {
            at++;
        }
        int next = Math.min(at + 1, to);
        keep(bytes, from, next);
        if (at < to) {
            if (bytes[at] == '\\') {
                escaped = true;
            } else if (nesting > 0) {
                state = State.CONTAINER;
            } else {
                endValue();
            }
        }
        return next;
    }

    private int atom(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && !isSpace(bytes[at]) && bytes[at] != ',' && bytes[at] != '}' && bytes[at] != ']') {
            at++;
        }
        keep(bytes, from, at);
        if (at < to) {
            endValue();
        }
        return at;
    }

    private int container(byte[] bytes, int from, int to) {
        int at = from;
        while (at < to && nesting > 0 && state == State.CONTAINER) {
            byte b = bytes[at++];
            if (b == '"') {
                state = State.STRING;
            } else if (b == '{' || b == '[') {
                nesting++;
            } else if (b == '}' || b == ']') {
                nesting--;
            }
        }
        keep(bytes, from, at);
        if (nesting == 0) {
            endValue();
        }
        return at;
    }

    private int keyStart(byte[] bytes, int at) {
        if (bytes[at] == '"') {
            keyLength = 0;
            state = State.KEY;
        } else if (bytes[at] == '}') {
            pop();
        } else if (!isSpace(bytes[at])) {
            state = State.BROKEN;
        }
        return at + 1;
    }

    private int key(byte[] bytes, int from, int to) {
        for (int at = from; at < to; at++) {
            byte b = bytes[at];
            if (!escaped && b == '"') {
                endKey();
                return at + 1;
            }
            escaped = !escaped && b == '\\';
            if (keyLength < MAX_KEY) {
                key[keyLength++] = b;
            }
        }
        return to;
    }

    private void endKey() {
        Member<F> place = frames[depth - 1].place;
        member = place == null ? null : place.named(key, keyLength);
        state = State.COLON;
        if (member != null && member.field() != null) {
            sink.onMember(member.field());
        }
    }

    private int colon(byte[] bytes, int at) {
        if (bytes[at] == ':') {
            state = State.VALUE;
        } else if (!isSpace(bytes[at])) {
            state = State.BROKEN;
        }
        return at + 1;
    }

    private int after(byte[] bytes, int at) {
        byte b = bytes[at];
        if (b == ',') {
            startItem();
        } else if (b == (frames[depth - 1].array ? ']' : '}')) {
            pop();
        } else if (!isSpace(b)) {
            state = State.BROKEN;
        }
        return at + 1;
    }

    private static boolean isSpace(byte b) {
        return b == ' ' || b == '\n' || b == '\r' || b == '\t';
    }
}
