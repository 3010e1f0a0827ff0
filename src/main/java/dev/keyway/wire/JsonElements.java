package dev.keyway.wire;

import java.util.Iterator;
import java.util.NoSuchElementException;

/** The elements of an array that has been checked before, one after the other. */
final class JsonElements implements Iterator<JsonValue> {
    private final Slice array;
    private final JsonScanner scanner;
    private int at;

    JsonElements(Slice array) {
        this.array = array;
        this.scanner = new JsonScanner(array.array(), array.to());
        this.at = scanner.whitespace(array.from() + 1);
    }

    @Override
    public boolean hasNext() {
        return at < array.to() - 1;
    }

    @Override
    public JsonValue next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        int valueEnd = scanner.value(at, 0);
        JsonValue element = new JsonValue(new Slice(array.array(), at, valueEnd));
        int behind = scanner.whitespace(valueEnd);
        at = array.array()[behind] == ',' ? scanner.whitespace(behind + 1) : behind;
        return element;
    }
}
